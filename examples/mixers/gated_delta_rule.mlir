// Gated DeltaNet (Yang, Kautz et al. 2024): the state decays, then the delta rule sees the decayed one.
//   S' = exp(g) S, S = S' + beta k (v - S'^T k)^T, o = S^T q / sqrt(12)
// q, k [B,T,3,12]: queries, keys of norm 1; v [B,T,3,10]: values; g, beta [B,T,3]: log decays and rates.
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
!gates = tensor<?x?x3xf32>
module attributes {seqm.name = "gated_delta_rule"} {
  seqm.export "forward" = @gated_delta_rule kind "forward" arguments ["q", "k", "v", "g", "beta"] results ["o"]

  func.func @gated_delta_rule(%q: !keys, %k: !keys, %v: !values, %g: !gates, %beta: !gates) -> !values {
    %o = seq.state_mix %q, %k, %v g(%g : !gates) beta(%beta : !gates) decay head update delta read post
      {scale = 0.28867513459481287} : !keys, !keys, !values
    return %o : !values
  }
}
