// RUN: seq-opt %s --seq-interpret -o /dev/null

// Two pairs of four channels: frequencies 1 and 1/100. At position 0 nothing turns.
// The layout half pairs channels (0, 2) and (1, 3), interleaved (0, 1) and (2, 3).
func.func @layouts() {
  %x = arith.constant dense<[[[[1.0, 2.0, 3.0, 4.0]], [[1.0, 2.0, 3.0, 4.0]]]]> : tensor<1x2x1x4xf64>
  %p = arith.constant dense<[[0, 5]]> : tensor<1x2xi32>
  %half = seq.rotary %x, %p half : tensor<1x2x1x4xf64>, tensor<1x2xi32>
  %inter = seq.rotary %x, %p interleaved : tensor<1x2x1x4xf64>, tensor<1x2xi32>
  // cos 5 = 0.28366218546322625, sin 5 = -0.9589242746631385,
  // cos 0.05 = 0.9987502603949663, sin 0.05 = 0.04997916927067833.
  %wantHalf = arith.constant dense<[[[[1.0, 2.0, 3.0, 4.0]],
    [[3.1604350094526417, 1.797583843707219, -0.1079377182734598, 4.094959380121222]]]]> : tensor<1x2x1x4xf64>
  %wantInter = arith.constant dense<[[[[1.0, 2.0, 3.0, 4.0]],
    [[2.201510734789503, -0.3915999037366860, 2.7963341041021857, 4.1449385493919]]]]> : tensor<1x2x1x4xf64>
  check.expect_close %half, %wantHalf {atol = 1.0e-12 : f64, rtol = 0.0 : f64} : tensor<1x2x1x4xf64>
  check.expect_close %inter, %wantInter {atol = 1.0e-12 : f64, rtol = 0.0 : f64} : tensor<1x2x1x4xf64>
  return
}

// Only the first two channels turn, by a given frequency: a quarter turn at position 1
// and a half turn at position 2. The magnitude scales what turns.
func.func @partial() {
  %x = arith.constant dense<[[[[1.0, 2.0, 7.0]], [[1.0, 2.0, 7.0]]]]> : tensor<1x2x1x3xf64>
  %p = arith.constant dense<[[1, 2]]> : tensor<1x2xi64>
  %y = seq.rotary %x, %p half {dims = 2 : i64, frequencies = array<f64: 1.5707963267948966>, magnitude = 3.0 : f64}
    : tensor<1x2x1x3xf64>, tensor<1x2xi64>
  %want = arith.constant dense<[[[[-6.0, 3.0, 7.0]], [[-3.0, -6.0, 7.0]]]]> : tensor<1x2x1x3xf64>
  check.expect_close %y, %want {atol = 1.0e-12 : f64, rtol = 0.0 : f64} : tensor<1x2x1x3xf64>
  return
}

// The base gives the frequencies base^(-2i/dims), the same ones as spelled out.
seqm.parameter @x : tensor<2x5x3x8xf32> = #seqm.normal<seed = 4, stddev = 1.0 : f32>
func.func @base() {
  %x = seqm.load @x : tensor<2x5x3x8xf32>
  %p = arith.constant dense<[[0, 1, 2, 3, 4], [9, 100, 7, 1000, 0]]> : tensor<2x5xi32>
  %a = seq.rotary %x, %p interleaved {base = 256.0 : f64, dims = 4 : i64} : tensor<2x5x3x8xf32>, tensor<2x5xi32>
  %b = seq.rotary %x, %p interleaved {dims = 4 : i64, frequencies = array<f64: 1.0, 0.0625>}
    : tensor<2x5x3x8xf32>, tensor<2x5xi32>
  check.expect_close %a, %b {atol = 1.0e-12 : f64, rtol = 0.0 : f64} : tensor<2x5x3x8xf32>
  return
}
