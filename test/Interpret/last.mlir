// RUN: seq-opt %s --seq-interpret -o /dev/null

func.func @token() {
  %x = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]]> : tensor<2x3x2xf32>
  %y = seq.last %x : tensor<2x3x2xf32>
  %want = arith.constant dense<[[[5.0, 6.0]], [[11.0, 12.0]]]> : tensor<2x1x2xf32>
  check.expect_equal %y, %want : tensor<2x1x2xf32>
  return
}

// Ids have no channels.
func.func @ids() {
  %x = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %y = seq.last %x : tensor<2x3xi32>
  %want = arith.constant dense<[[3], [6]]> : tensor<2x1xi32>
  check.expect_equal %y, %want : tensor<2x1xi32>
  return
}
