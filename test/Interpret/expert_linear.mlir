// RUN: seq-opt %s --seq-interpret -o /dev/null

// Three experts on two inputs: the sum, the difference, twice the first.
func.func @one_input() {
  %x = arith.constant dense<[[[1.0, 2.0], [3.0, 5.0]]]> : tensor<1x2x2xf32>
  %i = arith.constant dense<[[[0, 2], [1, 1]]]> : tensor<1x2x2xi32>
  %w = arith.constant dense<[[[1.0, 1.0]], [[1.0, -1.0]], [[2.0, 0.0]]]> : tensor<3x1x2xf32>
  %y = seq.expert_linear %x, %i, %w : tensor<1x2x2xf32>, tensor<1x2x2xi32>, tensor<3x1x2xf32>
  %want = arith.constant dense<[[[[3.0], [2.0]], [[-2.0], [-2.0]]]]> : tensor<1x2x2x1xf32>
  check.expect_equal %y, %want : tensor<1x2x2x1xf32>
  return
}

// A row of x for each expert, biases of the experts, and two outputs.
func.func @own_inputs_bias() {
  %x = arith.constant dense<[[[1.0], [10.0]]]> : tensor<1x2x1xf32>
  %i = arith.constant dense<[[1, 0]]> : tensor<1x2xi32>
  %w = arith.constant dense<[[[2.0], [3.0]], [[4.0], [5.0]]]> : tensor<2x2x1xf32>
  %b = arith.constant dense<[[0.5, 0.0], [0.0, 0.25]]> : tensor<2x2xf32>
  %y = seq.expert_linear %x, %i, %w bias %b : tensor<1x2x1xf32>, tensor<1x2xi32>, tensor<2x2x1xf32> bias tensor<2x2xf32>
  %want = arith.constant dense<[[[4.0, 5.25], [20.5, 30.0]]]> : tensor<1x2x2xf32>
  check.expect_equal %y, %want : tensor<1x2x2xf32>
  return
}

// The weighted sum over a token's experts, with the biases inside: 0.5 (4 + 1) + 2 (20 + 2) and 0.
func.func @combined() {
  %x = arith.constant dense<[[[1.0], [10.0]], [[7.0], [7.0]]]> : tensor<2x2x1xf32>
  %i = arith.constant dense<[[1, 0], [0, 0]]> : tensor<2x2xi32>
  %c = arith.constant dense<[[0.5, 2.0], [1.0, -1.0]]> : tensor<2x2xf32>
  %w = arith.constant dense<[[[2.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %b = arith.constant dense<[[2.0], [1.0]]> : tensor<2x1xf32>
  %y = seq.expert_linear %x, %i, %w bias %b combine %c
    : tensor<2x2x1xf32>, tensor<2x2xi32>, tensor<2x1x1xf32> bias tensor<2x1xf32> combine tensor<2x2xf32>
  %want = arith.constant dense<[[46.5], [0.0]]> : tensor<2x1xf32>
  check.expect_equal %y, %want : tensor<2x1xf32>
  return
}

// A stack of parameters that are matrices.
seqm.parameter @first : tensor<1x2xf32> = dense<[[1.0, 2.0]]> : tensor<1x2xf32>
seqm.parameter @second : tensor<1x2xf32> = dense<[[3.0, 4.0]]> : tensor<1x2xf32>
seqm.parameter @stack : tensor<2x1x2xf32> = #seqm.concat<[@first, @second]>
func.func @stacked() {
  %x = arith.constant dense<[[1.0, 1.0]]> : tensor<1x2xf32>
  %i = arith.constant dense<[[1, 0]]> : tensor<1x2xi32>
  %w = seqm.load @stack : tensor<2x1x2xf32>
  %y = seq.expert_linear %x, %i, %w : tensor<1x2xf32>, tensor<1x2xi32>, tensor<2x1x2xf32>
  %want = arith.constant dense<[[[7.0], [3.0]]]> : tensor<1x2x1xf32>
  check.expect_equal %y, %want : tensor<1x2x1xf32>
  return
}
