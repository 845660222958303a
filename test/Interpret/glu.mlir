// RUN: seq-opt %s --seq-interpret -o /dev/null

// silu(ln 3) = ln 3 * 3/4; silu(0) = 0.
func.func @swiglu() {
  %gate = arith.constant dense<[[[1.0986122886681098, 0.0]]]> : tensor<1x1x2xf64>
  %up = arith.constant dense<[[[4.0, 5.0]]]> : tensor<1x1x2xf64>
  %y = seq.glu %gate, %up silu : tensor<1x1x2xf64>
  %want = arith.constant dense<[[[3.2958368660043291, 0.0]]]> : tensor<1x1x2xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 1.0e-14 : f64} : tensor<1x1x2xf64>
  return
}

// The activation is of the first operand.
func.func @relu() {
  %gate = arith.constant dense<[[[-1.0, 2.0]]]> : tensor<1x1x2xf64>
  %up = arith.constant dense<[[[4.0, -5.0]]]> : tensor<1x1x2xf64>
  %y = seq.glu %gate, %up relu : tensor<1x1x2xf64>
  %want = arith.constant dense<[[[0.0, -10.0]]]> : tensor<1x1x2xf64>
  check.expect_close %y, %want : tensor<1x1x2xf64>
  return
}
