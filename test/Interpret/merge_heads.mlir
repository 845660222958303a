// RUN: seq-opt %s --seq-interpret -o /dev/null

func.func @views() {
  %x = arith.constant dense<[[[[1, 2], [3, 4], [5, 6]]]]> : tensor<1x1x3x2xi32>
  %y = seq.merge_heads %x : tensor<1x1x3x2xi32>
  %want = arith.constant dense<[[[1, 2, 3, 4, 5, 6]]]> : tensor<1x1x6xi32>
  check.expect_equal %y, %want : tensor<1x1x6xi32>
  return
}
