// Gated linear attention with one decay a head and token (the recurrence of Mamba-2; Yang et al. 2023):
//   S = exp(g) S + k v^T, o = S^T q / sqrt(12)
// q, k [B,T,3,12], v [B,T,3,10]: queries, keys and values; g [B,T,3]: logarithms of decays, at most 0.
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
!gates = tensor<?x?x3xf32>
module attributes {seqm.name = "simple_gla"} {
  seqm.export "forward" = @simple_gla kind "forward" arguments ["q", "k", "v", "g"] results ["o"]

  func.func @simple_gla(%q: !keys, %k: !keys, %v: !values, %g: !gates) -> !values {
    %o = seq.state_mix %q, %k, %v g(%g : !gates) decay head update outer read post
      {scale = 0.28867513459481287} : !keys, !keys, !values
    return %o : !values
  }
}
