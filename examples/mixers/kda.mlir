// Kimi delta attention (Kimi Team 2025): the gated delta rule with a decay a channel of the keys.
//   S' = diag(exp(g)) S, S = S' + beta k (v - S'^T k)^T, o = S^T q / sqrt(12)
// q, k [B,T,3,12]: queries, keys of norm 1; v [B,T,3,10]: values; g [B,T,3,12], beta [B,T,3]: log decays and rates.
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
!gates = tensor<?x?x3xf32>
module attributes {seqm.name = "kda"} {
  seqm.export "forward" = @kda kind "forward" arguments ["q", "k", "v", "g", "beta"] results ["o"]

  func.func @kda(%q: !keys, %k: !keys, %v: !values, %g: !keys, %beta: !gates) -> !values {
    %o = seq.state_mix %q, %k, %v g(%g : !keys) beta(%beta : !gates) decay channel update delta read post
      {scale = 0.28867513459481287} : !keys, !keys, !values
    return %o : !values
  }
}
