// RUN: seq-opt %s --seq-interpret -o /dev/null

// Two groups, each with its own mean and variance: 1, 3, 5, 7 has the mean 4 and the variance 5.
func.func @groups() {
  %x = arith.constant dense<[[[1.0, 3.0, 5.0, 7.0, 0.0, 0.0, 5.656854249492381, 5.656854249492381]]]> : tensor<1x1x8xf64>
  %w = arith.constant dense<[1.0, 3.0, 6.0, -1.0, 2.0, 1.0, 1.0, 1.0]> : tensor<8xf64>
  %b = arith.constant dense<[0.0, 1.0, 10.0, 0.5, 0.0, 0.0, 0.0, 1.0]> : tensor<8xf64>
  %y = seq.group_norm %x weight %w bias %b groups 2 eps 4.0
    : tensor<1x1x8xf64> weight tensor<8xf64> bias tensor<8xf64>
  // The second group: 0, 0, 4 sqrt(2), 4 sqrt(2) has the variance 8, and 2 sqrt(2) / sqrt(12) is sqrt(2/3).
  %want = arith.constant dense<[[[-1.0, 0.0, 12.0, -0.5,
    -1.6329931618554521, -0.8164965809277260, 0.8164965809277260, 1.8164965809277260]]]> : tensor<1x1x8xf64>
  check.expect_close %y, %want {atol = 1.0e-14 : f64, rtol = 1.0e-14 : f64} : tensor<1x1x8xf64>
  return
}

// One group is a layer norm.
seqm.parameter @x : tensor<2x3x7xf32> = #seqm.normal<seed = 5, stddev = 2.0 : f32>
func.func @one_group() {
  %x = seqm.load @x : tensor<2x3x7xf32>
  %a = seq.group_norm %x groups 1 eps 1.0e-5 : tensor<2x3x7xf32>
  %b = seq.layer_norm %x eps 1.0e-5 : tensor<2x3x7xf32>
  check.expect_equal %a, %b : tensor<2x3x7xf32>
  return
}
