// RUN: seq-opt %s --seq-interpret -o /dev/null

// Softmax over all experts: logits are logarithms of 1, 4, 2, 1 of 8.
func.func @softmax() {
  %l = arith.constant dense<[[[0.0, 1.3862943611198906, 0.6931471805599453, 0.0]]]> : tensor<1x1x4xf64>
  %i, %w = seq.route %l softmax top 3 : tensor<1x1x4xf64>
  // Experts 0 and 3 are as good as each other: the lower index is better.
  %want_i = arith.constant dense<[[[1, 2, 0]]]> : tensor<1x1x3xi32>
  %want_w = arith.constant dense<[[[0.5, 0.25, 0.125]]]> : tensor<1x1x3xf64>
  check.expect_equal %i, %want_i : tensor<1x1x3xi32>
  check.expect_close %w, %want_w {rtol = 1.0e-15 : f64} : tensor<1x1x3xf64>
  return
}

// Weights that add up to 1, times 3: a softmax over the chosen logits.
func.func @renormalised() {
  %l = arith.constant dense<[[[0.0, 1.3862943611198906, 0.6931471805599453, 0.0]]]> : tensor<1x1x4xf64>
  %i, %w = seq.route %l softmax top 2 {renormalise, scale = 3.0 : f64} : tensor<1x1x4xf64>
  %want_i = arith.constant dense<[[[1, 2]]]> : tensor<1x1x2xi32>
  %want_w = arith.constant dense<[[[2.0, 1.0]]]> : tensor<1x1x2xf64>
  check.expect_equal %i, %want_i : tensor<1x1x2xi32>
  check.expect_close %w, %want_w {rtol = 1.0e-15 : f64} : tensor<1x1x2xf64>
  return
}

// eps joins the sum: sigmoid(0) / (sigmoid(0) + 1.5).
func.func @eps() {
  %l = arith.constant dense<[[-1.0, 0.0]]> : tensor<1x2xf64>
  %i, %w = seq.route %l sigmoid top 1 {renormalise, eps = 1.5 : f64} : tensor<1x2xf64>
  %want_i = arith.constant dense<[[1]]> : tensor<1x1xi32>
  %want_w = arith.constant dense<[[0.25]]> : tensor<1x1xf64>
  check.expect_equal %i, %want_i : tensor<1x1xi32>
  check.expect_close %w, %want_w {rtol = 1.0e-15 : f64} : tensor<1x1xf64>
  return
}

// The bias chooses experts 2 and 0; their weights are their own scores, 1/2 and 3/4. One row a token.
func.func @bias() {
  %l = arith.constant dense<[[[1.0986122886681098, 0.0, 0.0]], [[0.0, 0.0, 0.0]]]> : tensor<2x1x3xf64>
  %b = arith.constant dense<[0.0, -1.0, 1.0]> : tensor<3xf64>
  %i, %w = seq.route %l bias %b sigmoid top 2 : tensor<2x1x3xf64>, tensor<3xf64>
  %want_i = arith.constant dense<[[[2, 0]], [[2, 0]]]> : tensor<2x1x2xi32>
  %want_w = arith.constant dense<[[[0.5, 0.75]], [[0.5, 0.5]]]> : tensor<2x1x2xf64>
  check.expect_equal %i, %want_i : tensor<2x1x2xi32>
  check.expect_close %w, %want_w {rtol = 1.0e-15 : f64} : tensor<2x1x2xf64>
  return
}

// Three groups of two, of which two take part. Keys are scores (1/2 each) plus biases:
//   {0.5, 0.5} = 1   {1.5, -0.5} = 1   {0.25, 0.6} = 0.85
// The best expert of group 2 is better than one of group 0, but its group takes no part.
func.func @groups() {
  %l = arith.constant dense<0.0> : tensor<1x1x6xf64>
  %b = arith.constant dense<[0.0, 0.0, 1.0, -1.0, -0.25, 0.1]> : tensor<6xf64>
  %i, %w = seq.route %l bias %b sigmoid top 3 {groups = 3 : i64, keep_groups = 2 : i64, group_top = 2 : i64}
    : tensor<1x1x6xf64>, tensor<6xf64>
  %want_i = arith.constant dense<[[[2, 0, 1]]]> : tensor<1x1x3xi32>
  check.expect_equal %i, %want_i : tensor<1x1x3xi32>
  return
}

// By their best expert alone groups 1 and 2 are the best ones (group 0: 0.5).
func.func @groups_by_best() {
  %l = arith.constant dense<0.0> : tensor<1x1x6xf64>
  %b = arith.constant dense<[0.0, 0.0, 1.0, -1.0, -0.25, 0.1]> : tensor<6xf64>
  %i, %w = seq.route %l bias %b sigmoid top 3 {groups = 3 : i64, keep_groups = 2 : i64} : tensor<1x1x6xf64>, tensor<6xf64>
  %want_i = arith.constant dense<[[[2, 5, 4]]]> : tensor<1x1x3xi32>
  check.expect_equal %i, %want_i : tensor<1x1x3xi32>
  return
}

// Equal groups: the lower ones take part. Scores that round to 1 are ordered by their logits.
func.func @ties() {
  %l = arith.constant dense<[[50.0, 60.0, 60.0, 50.0]]> : tensor<1x4xf64>
  %i, %w = seq.route %l sigmoid top 2 {groups = 2 : i64, keep_groups = 1 : i64} : tensor<1x4xf64>
  %want_i = arith.constant dense<[[1, 0]]> : tensor<1x2xi32>
  check.expect_equal %i, %want_i : tensor<1x2xi32>
  return
}
