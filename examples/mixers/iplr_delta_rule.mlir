// The delta rule with vectors of its own, identity plus low rank:
//   S = S + b (a^T S) + k v^T, o = S^T q / sqrt(12)
// q, k, a, b [B,T,3,12], v [B,T,3,10]. a = k, b = -beta k and a key beta k give the delta rule.
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
module attributes {seqm.name = "iplr_delta_rule"} {
  seqm.export "forward" = @iplr_delta_rule kind "forward" arguments ["q", "k", "v", "a", "b"] results ["o"]

  func.func @iplr_delta_rule(%q: !keys, %k: !keys, %v: !values, %a: !keys, %b: !keys) -> !values {
    %o = seq.state_mix %q, %k, %v a(%a : !keys) b(%b : !keys) decay none update dplr read post
      {scale = 0.28867513459481287} : !keys, !keys, !values
    return %o : !values
  }
}
