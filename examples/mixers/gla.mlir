// Gated linear attention (Yang et al. 2023): a decay a channel of the keys.
//   S = diag(exp(g)) S + k v^T, o = S^T q / sqrt(12)
// q, k [B,T,3,12], v [B,T,3,10]: queries, keys and values; g [B,T,3,12]: logarithms of decays, at most 0. HGRN2
// (Qin et al. 2024) is this with k = 1 - exp(g).
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
module attributes {seqm.name = "gla"} {
  seqm.export "forward" = @gla kind "forward" arguments ["q", "k", "v", "g"] results ["o"]

  func.func @gla(%q: !keys, %k: !keys, %v: !values, %g: !keys) -> !values {
    %o = seq.state_mix %q, %k, %v g(%g : !keys) decay channel update outer read post
      {scale = 0.28867513459481287} : !keys, !keys, !values
    return %o : !values
  }
}
