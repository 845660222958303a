// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/gated_delta_product.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// Two delta updates a token, as two tokens of a gated delta rule: the decay is that of the first one,
// the output that of the last one.
// golden: @q = q
// golden: @k = k
// golden: @v = v
// golden: @g = g
// golden: @beta = beta
// golden: @start = initial_state
// golden: @want = out
// golden: @wantState = out_state

func.func @gated_delta_product() {
  %q = seqm.load @q : tensor<2x71x3x12xf32>
  %k = seqm.load @k : tensor<2x142x3x12xf32>
  %v = seqm.load @v : tensor<2x142x3x10xf32>
  %g = seqm.load @g : tensor<2x71x3xf32>
  %beta = seqm.load @beta : tensor<2x142x3xf32>
  %start = seqm.load @start : tensor<2x3x12x10xf32>
  %want = seqm.load @want : tensor<2x71x3x10xf32>
  %wantState = seqm.load @wantState : tensor<2x3x12x10xf32>
  %s0 = check.make_state %start : tensor<2x3x12x10xf32> -> !seq.state<3x12x10xf32>
  %none = arith.constant dense<0.0> : tensor<2x71x1x3xf32>
  %first = tensor.expand_shape %g [[0], [1, 2], [3]] output_shape [2, 71, 1, 3] : tensor<2x71x3xf32> into tensor<2x71x1x3xf32>
  %pairs = tensor.concat dim(2) %first, %none : (tensor<2x71x1x3xf32>, tensor<2x71x1x3xf32>) -> tensor<2x71x2x3xf32>
  %decay = tensor.collapse_shape %pairs [[0], [1, 2], [3]] : tensor<2x71x2x3xf32> into tensor<2x142x3xf32>
  %one = tensor.expand_shape %q [[0], [1, 2], [3], [4]] output_shape [2, 71, 1, 3, 12] : tensor<2x71x3x12xf32> into tensor<2x71x1x3x12xf32>
  %both = tensor.concat dim(2) %one, %one : (tensor<2x71x1x3x12xf32>, tensor<2x71x1x3x12xf32>) -> tensor<2x71x2x3x12xf32>
  %queries = tensor.collapse_shape %both [[0], [1, 2], [3], [4]] : tensor<2x71x2x3x12xf32> into tensor<2x142x3x12xf32>
  %all, %s1 = seq.state_mix %queries, %k, %v g(%decay : tensor<2x142x3xf32>) beta(%beta : tensor<2x142x3xf32>) states(%s0 : !seq.state<3x12x10xf32>)
    decay head update delta read post : tensor<2x142x3x12xf32>, tensor<2x142x3x12xf32>, tensor<2x142x3x10xf32>
  %split = tensor.expand_shape %all [[0], [1, 2], [3], [4]] output_shape [2, 71, 2, 3, 10] : tensor<2x142x3x10xf32> into tensor<2x71x2x3x10xf32>
  %o = tensor.extract_slice %split[0, 0, 1, 0, 0] [2, 71, 1, 3, 10] [1, 1, 1, 1, 1] : tensor<2x71x2x3x10xf32> to tensor<2x71x3x10xf32>
  %s = check.state_contents %s1 : !seq.state<3x12x10xf32> -> tensor<2x3x12x10xf32>
  check.expect_close %o, %want : tensor<2x71x3x10xf32>
  check.expect_close %s, %wantState : tensor<2x3x12x10xf32>
  return
}
