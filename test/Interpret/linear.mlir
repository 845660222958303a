// RUN: seq-opt %s --seq-interpret -o /dev/null

func.func @dense() {
  %x = arith.constant dense<[[[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]]]> : tensor<1x2x3xf32>
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [-1.0, 1.0, 0.5]]> : tensor<2x3xf32>
  %y = seq.linear %x, %w : tensor<1x2x3xf32>, tensor<2x3xf32> -> tensor<1x2x2xf32>
  %want = arith.constant dense<[[[7.0, 2.5], [2.0, -0.5]]]> : tensor<1x2x2xf32>
  check.expect_equal %y, %want : tensor<1x2x2xf32>
  return
}

// The same weight with inputs first, and a bias.
func.func @transposed_bias() {
  %x = arith.constant dense<[[[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]]]> : tensor<1x2x3xf32>
  %w = arith.constant dense<[[1.0, -1.0], [0.0, 1.0], [2.0, 0.5]]> : tensor<3x2xf32>
  %bias = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %y = seq.linear %x, %w bias %bias {transposed}
    : tensor<1x2x3xf32>, tensor<3x2xf32> bias tensor<2xf32> -> tensor<1x2x2xf32>
  %want = arith.constant dense<[[[17.0, 22.5], [12.0, 19.5]]]> : tensor<1x2x2xf32>
  check.expect_equal %y, %want : tensor<1x2x2xf32>
  return
}

// Any number of leading dimensions, here none.
func.func @vector() {
  %x = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %w = arith.constant dense<[[1.0, 0.0, 2.0]]> : tensor<1x3xf32>
  %y = seq.linear %x, %w : tensor<3xf32>, tensor<1x3xf32> -> tensor<1xf32>
  %want = arith.constant dense<[7.0]> : tensor<1xf32>
  check.expect_equal %y, %want : tensor<1xf32>
  return
}
