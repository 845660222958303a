// DeltaNet (Yang, Wang et al. 2024): the value under a key moves by beta towards the new one.
//   S = S + beta k (v - S^T k)^T, o = S^T q / sqrt(12)
// q, k [B,T,3,12]: queries, keys of norm 1; v [B,T,3,10]: values; beta [B,T,3]: between 0 and 1 (or 2).
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
!gates = tensor<?x?x3xf32>
module attributes {seqm.name = "delta_rule"} {
  seqm.export "forward" = @delta_rule kind "forward" arguments ["q", "k", "v", "beta"] results ["o"]

  func.func @delta_rule(%q: !keys, %k: !keys, %v: !values, %beta: !gates) -> !values {
    %o = seq.state_mix %q, %k, %v beta(%beta : !gates) decay none update delta read post
      {scale = 0.28867513459481287} : !keys, !keys, !values
    return %o : !values
  }
}
