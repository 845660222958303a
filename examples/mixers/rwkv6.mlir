// The time mix of RWKV-6 (Peng et al. 2024): the state is read before it takes in the token, which
// u lets through instead.
//   o = (S + (u * k) v^T)^T r, S = diag(exp(w)) S + k v^T
// r, k [B,T,3,12], v [B,T,3,10]: receptance, keys and values; w [B,T,3,12]: log decays, -exp(...) in the model.
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
module attributes {seqm.name = "rwkv6"} {
  seqm.parameter @u : tensor<3x12xf32> = dense<0.5> : tensor<3x12xf32>
  seqm.export "forward" = @rwkv6 kind "forward" arguments ["r", "k", "v", "w"] results ["o"]

  func.func @rwkv6(%r: !keys, %k: !keys, %v: !values, %w: !keys) -> !values {
    %u = seqm.load @u : tensor<3x12xf32>
    %o = seq.state_mix %r, %k, %v g(%w : !keys) u(%u : tensor<3x12xf32>) decay channel update outer read pre
      : !keys, !keys, !values
    return %o : !values
  }
}
