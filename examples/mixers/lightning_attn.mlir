// Lightning attention (Qin et al. 2024): a slope a head is its decay.
//   S = exp(-slope) S + k v^T, o = S^T q
// q, k [B,T,3,12], v [B,T,3,10]: queries, keys and values, behind their activations.
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
module attributes {seqm.name = "lightning_attn"} {
  seqm.parameter @slope : tensor<3xf32> = dense<[0.25, 0.0625, 0.015625]> : tensor<3xf32>
  seqm.export "forward" = @lightning_attn kind "forward" arguments ["q", "k", "v"] results ["o"]

  func.func @lightning_attn(%q: !keys, %k: !keys, %v: !values) -> !values {
    %slope = seqm.load @slope : tensor<3xf32>
    %g = arith.negf %slope : tensor<3xf32>
    %o = seq.state_mix %q, %k, %v g(%g : tensor<3xf32>) decay static update outer read post : !keys, !keys, !values
    return %o : !values
  }
}
