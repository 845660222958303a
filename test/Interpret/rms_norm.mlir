// RUN: seq-opt %s --seq-interpret -o /dev/null

// The mean square of 1, 2, 2, 4 is 25/4; that of 1, 7, 1, 7 is 25.
func.func @plain() {
  %x = arith.constant dense<[[[1.0, 2.0, 2.0, 4.0], [1.0, 7.0, 1.0, 7.0]]]> : tensor<1x2x4xf64>
  %y = seq.rms_norm %x eps 0.0 : tensor<1x2x4xf64>
  %want = arith.constant dense<[[[0.4, 0.8, 0.8, 1.6], [0.2, 1.4, 0.2, 1.4]]]> : tensor<1x2x4xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 0.0 : f64} : tensor<1x2x4xf64>
  return
}

// eps joins the mean: 25/4 + 11/4 = 9. The weight counts from 1 where its offset is 1.
func.func @weight() {
  %x = arith.constant dense<[[[1.0, 2.0, 2.0, 4.0]]]> : tensor<1x1x4xf64>
  %w = arith.constant dense<[0.0, 1.0, -1.0, 0.5]> : tensor<4xf64>
  %y = seq.rms_norm %x weight %w eps 2.75 : tensor<1x1x4xf64>, tensor<4xf64>
  %z = seq.rms_norm %x weight %w eps 2.75 {weight_offset = 1.0 : f64} : tensor<1x1x4xf64>, tensor<4xf64>
  %want = arith.constant dense<[[[0.0, 0.6666666666666666, -0.6666666666666666, 0.6666666666666666]]]> : tensor<1x1x4xf64>
  %wantZ = arith.constant dense<[[[0.3333333333333333, 1.3333333333333333, 0.0, 2.0]]]> : tensor<1x1x4xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 0.0 : f64} : tensor<1x1x4xf64>
  check.expect_close %z, %wantZ {atol = 1.0e-14 : f64, rtol = 0.0 : f64} : tensor<1x1x4xf64>
  return
}
