// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/rg_lru.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// RG-LRU (Griffin): log a = -8 sigmoid(x W_r + b_r) softplus(param), the input times sqrt(1 - a^2) but
// times 1 where a sequence starts. The gates are block-diagonal.
// golden: @x = x
// golden: @rWeight = recurrent_gate_weight
// golden: @rBias = recurrent_gate_bias
// golden: @iWeight = input_gate_weight
// golden: @iBias = input_gate_bias
// golden: @param = recurrent_param
// golden: @start = initial_state
// golden: @want = out
// golden: @wantState = out_state
// golden: @wantReset = out_reset_at_20
// golden: @wantResetState = out_state_reset_at_20

#in = affine_map<(b, t, h, o, i) -> (b, t, h, i)>
#weight = affine_map<(b, t, h, o, i) -> (h, i, o)>
#out = affine_map<(b, t, h, o, i) -> (b, t, h, o)>
func.func @rg_lru() {
  %x = seqm.load @x : tensor<2x53x32xf32>
  %rWeight = seqm.load @rWeight : tensor<4x8x8xf32>
  %rBias = seqm.load @rBias : tensor<4x8xf32>
  %iWeight = seqm.load @iWeight : tensor<4x8x8xf32>
  %iBias = seqm.load @iBias : tensor<4x8xf32>
  %param = seqm.load @param : tensor<32xf32>
  %start = seqm.load @start : tensor<2x32xf32>
  %want = seqm.load @want : tensor<2x53x32xf32>
  %wantState = seqm.load @wantState : tensor<2x32xf32>
  %wantReset = seqm.load @wantReset : tensor<2x53x32xf32>
  %wantResetState = seqm.load @wantResetState : tensor<2x32xf32>
  %heads = seq.split_heads %x 4 : tensor<2x53x32xf32>
  %rBiases = seq.broadcast %rBias, %heads : tensor<4x8xf32>, tensor<2x53x4x8xf32>
  %rHeads = linalg.generic {indexing_maps = [#in, #weight, #out], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%heads, %rWeight : tensor<2x53x4x8xf32>, tensor<4x8x8xf32>) outs(%rBiases : tensor<2x53x4x8xf32>) {
  ^bb0(%a: f32, %w: f32, %sum: f32):
    %product = arith.mulf %a, %w : f32
    %next = arith.addf %sum, %product : f32
    linalg.yield %next : f32
  } -> tensor<2x53x4x8xf32>
  %rLogits = seq.merge_heads %rHeads : tensor<2x53x4x8xf32>
  %r = seq.activation %rLogits sigmoid : tensor<2x53x32xf32>
  %iBiases = seq.broadcast %iBias, %heads : tensor<4x8xf32>, tensor<2x53x4x8xf32>
  %iHeads = linalg.generic {indexing_maps = [#in, #weight, #out], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%heads, %iWeight : tensor<2x53x4x8xf32>, tensor<4x8x8xf32>) outs(%iBiases : tensor<2x53x4x8xf32>) {
  ^bb0(%a: f32, %w: f32, %sum: f32):
    %product = arith.mulf %a, %w : f32
    %next = arith.addf %sum, %product : f32
    linalg.yield %next : f32
  } -> tensor<2x53x4x8xf32>
  %iLogits = seq.merge_heads %iHeads : tensor<2x53x4x8xf32>
  %i = seq.activation %iLogits sigmoid : tensor<2x53x32xf32>
  %soft = seq.activation %param softplus : tensor<32xf32>
  %rates = seq.broadcast %soft, %x : tensor<32xf32>, tensor<2x53x32xf32>
  %eight = arith.constant dense<-8.0> : tensor<2x53x32xf32>
  %slow = arith.mulf %rates, %eight : tensor<2x53x32xf32>
  %g = arith.mulf %r, %slow : tensor<2x53x32xf32>
  %two = arith.constant dense<2.0> : tensor<2x53x32xf32>
  %one = arith.constant dense<1.0> : tensor<2x53x32xf32>
  %twice = arith.mulf %g, %two : tensor<2x53x32xf32>
  %square = math.exp %twice : tensor<2x53x32xf32>
  %rest = arith.subf %one, %square : tensor<2x53x32xf32>
  %root = math.sqrt %rest : tensor<2x53x32xf32>
  %gated = arith.mulf %x, %i : tensor<2x53x32xf32>
  %input = arith.mulf %root, %gated : tensor<2x53x32xf32>
  %h0 = check.make_state %start : tensor<2x32xf32> -> !seq.state<32xf32>
  %h, %h1 = seq.scan %input, %g states(%h0 : !seq.state<32xf32>) : tensor<2x53x32xf32>, tensor<2x53x32xf32>
  %end = check.state_contents %h1 : !seq.state<32xf32> -> tensor<2x32xf32>
  check.expect_close %h, %want : tensor<2x53x32xf32>
  check.expect_close %end, %wantState : tensor<2x32xf32>

  // A new sequence starts at token 20.
  %no = arith.constant dense<false> : tensor<2x53xi1>
  %yes = arith.constant dense<true> : tensor<2x1xi1>
  %starts = tensor.insert_slice %yes into %no[0, 20] [2, 1] [1, 1] : tensor<2x1xi1> into tensor<2x53xi1>
  %empty = tensor.empty() : tensor<2x53x32xi1>
  %isStart = linalg.broadcast ins(%starts : tensor<2x53xi1>) outs(%empty : tensor<2x53x32xi1>) dimensions = [2]
  %factor = arith.select %isStart, %one, %root : tensor<2x53x32xi1>, tensor<2x53x32xf32>
  %packed = arith.mulf %factor, %gated : tensor<2x53x32xf32>
  %fresh = check.make_state %start : tensor<2x32xf32> -> !seq.state<32xf32>
  %p, %p1 = seq.scan %packed, %g states(%fresh : !seq.state<32xf32>) reset(%starts : tensor<2x53xi1>) : tensor<2x53x32xf32>, tensor<2x53x32xf32>
  %pEnd = check.state_contents %p1 : !seq.state<32xf32> -> tensor<2x32xf32>
  check.expect_close %p, %wantReset : tensor<2x53x32xf32>
  check.expect_close %pEnd, %wantResetState : tensor<2x32xf32>
  return
}
