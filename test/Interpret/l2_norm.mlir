// RUN: seq-opt %s --seq-interpret -o /dev/null

func.func @modes() {
  %x = arith.constant dense<[[[3.0, 4.0], [0.0, 0.0]]]> : tensor<1x2x2xf64>
  // sqrt(25 + 144) = 13; the larger one of 5 and 10.
  %add = seq.l2_norm %x eps 144.0 : tensor<1x2x2xf64>
  %max = seq.l2_norm %x eps 10.0 mode max : tensor<1x2x2xf64>
  %plain = seq.l2_norm %x eps 1.0e-12 mode max : tensor<1x2x2xf64>
  %wantAdd = arith.constant dense<[[[0.23076923076923078, 0.3076923076923077], [0.0, 0.0]]]> : tensor<1x2x2xf64>
  %wantMax = arith.constant dense<[[[0.3, 0.4], [0.0, 0.0]]]> : tensor<1x2x2xf64>
  %wantPlain = arith.constant dense<[[[0.6, 0.8], [0.0, 0.0]]]> : tensor<1x2x2xf64>
  check.expect_close %add, %wantAdd {atol = 1.0e-14 : f64, rtol = 0.0 : f64} : tensor<1x2x2xf64>
  check.expect_close %max, %wantMax {atol = 1.0e-14 : f64, rtol = 0.0 : f64} : tensor<1x2x2xf64>
  check.expect_close %plain, %wantPlain {atol = 1.0e-14 : f64, rtol = 0.0 : f64} : tensor<1x2x2xf64>
  return
}
