// The RG-LRU of Griffin (De et al. 2024, eqs. 1 to 4), with gates of 4 blocks of 8 channels:
//   r = sigmoid(x W_r + b_r), i = sigmoid(x W_i + b_i), g = -8 r softplus(lambda),
//   h = exp(g) h + sqrt(1 - exp(2 g)) i x
// x [B,T,32]; reset [B,T]: where a new sequence starts, whose first token has the factor 1 in place of the root.
!channels = tensor<?x?x32xf32>
!blocks = tensor<?x?x4x8xf32>
!flags = tensor<?x?xi1>
#in = affine_map<(b, t, h, o, i) -> (b, t, h, i)>
#weight = affine_map<(b, t, h, o, i) -> (h, i, o)>
#out = affine_map<(b, t, h, o, i) -> (b, t, h, o)>
#flag = affine_map<(b, t, d) -> (b, t)>
#channel = affine_map<(b, t, d) -> (b, t, d)>
module attributes {seqm.name = "rg_lru"} {
  seqm.parameter @r_weight : tensor<4x8x8xf32> = #seqm.normal<seed = 1, stddev = 3.0e-1 : f64>
  seqm.parameter @r_bias : tensor<4x8xf32> = dense<0.0> : tensor<4x8xf32>
  seqm.parameter @i_weight : tensor<4x8x8xf32> = #seqm.normal<seed = 2, stddev = 3.0e-1 : f64>
  seqm.parameter @i_bias : tensor<4x8xf32> = dense<0.0> : tensor<4x8xf32>
  seqm.parameter @lambda : tensor<32xf32> = dense<-4.0> : tensor<32xf32>
  seqm.export "forward" = @rg_lru kind "forward" arguments ["x", "reset"] results ["h"]

  func.func private @gate(%x: !channels, %weight: tensor<4x8x8xf32>, %bias: tensor<4x8xf32>) -> !channels {
    %blocks = seq.split_heads %x 4 : !channels
    %biases = seq.broadcast %bias, %blocks : tensor<4x8xf32>, !blocks
    %sums = linalg.generic {indexing_maps = [#in, #weight, #out],
                            iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%blocks, %weight : !blocks, tensor<4x8x8xf32>) outs(%biases : !blocks) {
    ^bb0(%a: f32, %w: f32, %sum: f32):
      %product = arith.mulf %a, %w : f32
      %next = arith.addf %sum, %product : f32
      linalg.yield %next : f32
    } -> !blocks
    %logits = seq.merge_heads %sums : !blocks
    %y = seq.activation %logits sigmoid : !channels
    return %y : !channels
  }

  func.func @rg_lru(%x: !channels, %reset: !flags) -> !channels {
    %r_weight = seqm.load @r_weight : tensor<4x8x8xf32>
    %r_bias = seqm.load @r_bias : tensor<4x8xf32>
    %i_weight = seqm.load @i_weight : tensor<4x8x8xf32>
    %i_bias = seqm.load @i_bias : tensor<4x8xf32>
    %lambda = seqm.load @lambda : tensor<32xf32>
    %r = call @gate(%x, %r_weight, %r_bias) : (!channels, tensor<4x8x8xf32>, tensor<4x8xf32>) -> !channels
    %i = call @gate(%x, %i_weight, %i_bias) : (!channels, tensor<4x8x8xf32>, tensor<4x8xf32>) -> !channels
    %eight = arith.constant dense<-8.0> : tensor<32xf32>
    %soft = seq.activation %lambda softplus : tensor<32xf32>
    %rate = arith.mulf %soft, %eight : tensor<32xf32>
    %rates = seq.broadcast %rate, %x : tensor<32xf32>, !channels
    %g = arith.mulf %r, %rates : !channels
    %gated = arith.mulf %x, %i : !channels
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %b = tensor.dim %x, %zero : !channels
    %t = tensor.dim %x, %one : !channels
    %empty = tensor.empty(%b, %t) : !channels
    %input = linalg.generic {indexing_maps = [#channel, #channel, #flag, #channel],
                             iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%g, %gated, %reset : !channels, !channels, !flags) outs(%empty : !channels) {
    ^bb0(%log: f32, %in: f32, %starts: i1, %out: f32):
      // 1 - exp(2 g) would cancel for slow decays.
      %twice = arith.addf %log, %log : f32
      %lost = math.expm1 %twice : f32
      %kept = arith.negf %lost : f32
      %root = math.sqrt %kept : f32
      %unit = arith.constant 1.0 : f32
      %factor = arith.select %starts, %unit, %root : f32
      %product = arith.mulf %factor, %in : f32
      linalg.yield %product : f32
    } -> !channels
    %h = seq.scan %input, %g reset(%reset : !flags) : !channels, !channels
    return %h : !channels
  }
}
