// RUN: seq-opt %s --seq-interpret -o /dev/null

func.func @rows() {
  %ids = arith.constant dense<[[2, 0], [1, 2]]> : tensor<2x2xi64>
  %table = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]> : tensor<3x3xf32>
  %y = seq.embedding %ids, %table : tensor<2x2xi64>, tensor<3x3xf32> -> tensor<2x2x3xf32>
  %want = arith.constant dense<[[[7.0, 8.0, 9.0], [1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]>
    : tensor<2x2x3xf32>
  check.expect_equal %y, %want : tensor<2x2x3xf32>
  return
}
