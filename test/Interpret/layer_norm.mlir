// RUN: seq-opt %s --seq-interpret -o /dev/null

// 1, 3, 5, 7 has the mean 4 and the variance 5; with eps 4 the deviation is 3.
func.func @affine() {
  %x = arith.constant dense<[[[1.0, 3.0, 5.0, 7.0]]]> : tensor<1x1x4xf64>
  %w = arith.constant dense<[1.0, 3.0, 6.0, -1.0]> : tensor<4xf64>
  %b = arith.constant dense<[0.0, 1.0, 10.0, 0.5]> : tensor<4xf64>
  %plain = seq.layer_norm %x eps 4.0 : tensor<1x1x4xf64>
  %y = seq.layer_norm %x weight %w bias %b eps 4.0 : tensor<1x1x4xf64> weight tensor<4xf64> bias tensor<4xf64>
  %z = seq.layer_norm %x bias %b eps 4.0 : tensor<1x1x4xf64> bias tensor<4xf64>
  %wantPlain = arith.constant dense<[[[-1.0, -0.3333333333333333, 0.3333333333333333, 1.0]]]> : tensor<1x1x4xf64>
  %want = arith.constant dense<[[[-1.0, 0.0, 12.0, -0.5]]]> : tensor<1x1x4xf64>
  %wantZ = arith.constant dense<[[[-1.0, 0.6666666666666667, 10.333333333333333, 1.5]]]> : tensor<1x1x4xf64>
  check.expect_close %plain, %wantPlain {atol = 1.0e-14 : f64, rtol = 0.0 : f64} : tensor<1x1x4xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 0.0 : f64} : tensor<1x1x4xf64>
  check.expect_close %z, %wantZ {atol = 1.0e-14 : f64, rtol = 1.0e-14 : f64} : tensor<1x1x4xf64>
  return
}

// A large offset does not eat the variance.
func.func @offset() {
  %x = arith.constant dense<[[[1000000001.0, 1000000003.0]]]> : tensor<1x1x2xf64>
  %y = seq.layer_norm %x eps 0.0 : tensor<1x1x2xf64>
  %want = arith.constant dense<[[[-1.0, 1.0]]]> : tensor<1x1x2xf64>
  check.expect_close %y, %want : tensor<1x1x2xf64>
  return
}
