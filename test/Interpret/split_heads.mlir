// RUN: seq-opt %s --seq-interpret -o /dev/null

// Heads are runs of channels, also with a dynamic time; merging undoes it.
func.func @views() {
  %x = arith.constant dense<[[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [7.0, 8.0, 9.0, 10.0, 11.0, 12.0]]]> : tensor<1x2x6xf32>
  %d = tensor.cast %x : tensor<1x2x6xf32> to tensor<?x?x6xf32>
  %y = seq.split_heads %d 3 : tensor<?x?x6xf32>
  %s = tensor.cast %y : tensor<?x?x3x2xf32> to tensor<1x2x3x2xf32>
  %want = arith.constant dense<[[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]]]>
    : tensor<1x2x3x2xf32>
  check.expect_equal %s, %want : tensor<1x2x3x2xf32>
  return
}
