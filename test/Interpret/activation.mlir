// RUN: seq-opt %s --seq-interpret -o /dev/null

func.func @silu() {
  %x = arith.constant dense<[[[-3.0, -0.5, 0.0, 0.75, 2.0]]]> : tensor<1x1x5xf64>
  %y = seq.activation %x silu : tensor<1x1x5xf64>
  %want = arith.constant dense<[[[-0.14227761953270035, -0.1887703343990727, 0.0, 0.5093840243815447, 1.7615941559557646]]]> : tensor<1x1x5xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 1.0e-14 : f64} : tensor<1x1x5xf64>
  return
}

func.func @gelu() {
  %x = arith.constant dense<[[[-3.0, -0.5, 0.0, 0.75, 2.0]]]> : tensor<1x1x5xf64>
  %y = seq.activation %x gelu : tensor<1x1x5xf64>
  %want = arith.constant dense<[[[-0.00404969409489031, -0.15426876936299344, 0.0, 0.5800294857173488, 1.9544997361036416]]]> : tensor<1x1x5xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 1.0e-14 : f64} : tensor<1x1x5xf64>
  return
}

func.func @gelu_tanh() {
  %x = arith.constant dense<[[[-3.0, -0.5, 0.0, 0.75, 2.0]]]> : tensor<1x1x5xf64>
  %y = seq.activation %x gelu_tanh : tensor<1x1x5xf64>
  %want = arith.constant dense<[[[-0.0036373920817729943, -0.15428599017485606, 0.0, 0.5799605551656203, 1.954597694087775]]]> : tensor<1x1x5xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 1.0e-14 : f64} : tensor<1x1x5xf64>
  return
}

func.func @relu() {
  %x = arith.constant dense<[[[-3.0, -0.5, 0.0, 0.75, 2.0]]]> : tensor<1x1x5xf64>
  %y = seq.activation %x relu : tensor<1x1x5xf64>
  %want = arith.constant dense<[[[0.0, 0.0, 0.0, 0.75, 2.0]]]> : tensor<1x1x5xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 1.0e-14 : f64} : tensor<1x1x5xf64>
  return
}

func.func @relu2() {
  %x = arith.constant dense<[[[-3.0, -0.5, 0.0, 0.75, 2.0]]]> : tensor<1x1x5xf64>
  %y = seq.activation %x relu2 : tensor<1x1x5xf64>
  %want = arith.constant dense<[[[0.0, 0.0, 0.0, 0.5625, 4.0]]]> : tensor<1x1x5xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 1.0e-14 : f64} : tensor<1x1x5xf64>
  return
}

func.func @sigmoid() {
  %x = arith.constant dense<[[[-3.0, -0.5, 0.0, 0.75, 2.0]]]> : tensor<1x1x5xf64>
  %y = seq.activation %x sigmoid : tensor<1x1x5xf64>
  %want = arith.constant dense<[[[0.04742587317756678, 0.3775406687981454, 0.5, 0.679178699175393, 0.8807970779778823]]]> : tensor<1x1x5xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 1.0e-14 : f64} : tensor<1x1x5xf64>
  return
}

func.func @tanh() {
  %x = arith.constant dense<[[[-3.0, -0.5, 0.0, 0.75, 2.0]]]> : tensor<1x1x5xf64>
  %y = seq.activation %x tanh : tensor<1x1x5xf64>
  %want = arith.constant dense<[[[-0.9950547536867305, -0.46211715726000974, 0.0, 0.6351489523872873, 0.9640275800758169]]]> : tensor<1x1x5xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 1.0e-14 : f64} : tensor<1x1x5xf64>
  return
}

func.func @softplus() {
  %x = arith.constant dense<[[[-3.0, -0.5, 0.0, 0.75, 2.0]]]> : tensor<1x1x5xf64>
  %y = seq.activation %x softplus : tensor<1x1x5xf64>
  %want = arith.constant dense<[[[0.04858735157374206, 0.4740769841801067, 0.6931471805599453, 1.1368710061148999, 2.1269280110429727]]]> : tensor<1x1x5xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 1.0e-14 : f64} : tensor<1x1x5xf64>
  return
}

func.func @identity() {
  %x = arith.constant dense<[[[-3.0, -0.5, 0.0, 0.75, 2.0]]]> : tensor<1x1x5xf64>
  %y = seq.activation %x identity : tensor<1x1x5xf64>
  %want = arith.constant dense<[[[-3.0, -0.5, 0.0, 0.75, 2.0]]]> : tensor<1x1x5xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 1.0e-14 : f64} : tensor<1x1x5xf64>
  return
}

// Far from 0: the functions go to their limits, without overflow on the way.
func.func @limits() {
  %x = arith.constant dense<[[[-1000.0, 1000.0]]]> : tensor<1x1x2xf64>
  %softplus = seq.activation %x softplus : tensor<1x1x2xf64>
  %silu = seq.activation %x silu : tensor<1x1x2xf64>
  %gelu = seq.activation %x gelu : tensor<1x1x2xf64>
  %want = arith.constant dense<[[[0.0, 1000.0]]]> : tensor<1x1x2xf64>
  check.expect_close %softplus, %want : tensor<1x1x2xf64>
  check.expect_close %silu, %want : tensor<1x1x2xf64>
  check.expect_close %gelu, %want : tensor<1x1x2xf64>
  return
}

// What is no number stays none, through every kind.
func.func @nan() {
  %x = arith.constant dense<0x7FF8000000000000> : tensor<1x1x1xf64>
  %relu = seq.activation %x relu : tensor<1x1x1xf64>
  %relu2 = seq.activation %x relu2 : tensor<1x1x1xf64>
  check.expect_close %relu, %x : tensor<1x1x1xf64>
  check.expect_close %relu2, %x : tensor<1x1x1xf64>
  return
}
