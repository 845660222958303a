// Diagonal plus low rank, the transition of RWKV-7 and its kin (Peng et al. 2025). a reads the state before
// its decay.
//   S = diag(exp(g)) S + b (a^T S) + k v^T, o = S^T q / sqrt(12)
// q, k, g, a, b [B,T,3,12], v [B,T,3,10]; g: logarithms of decays.
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
module attributes {seqm.name = "dplr_delta_rule"} {
  seqm.export "forward" = @dplr_delta_rule kind "forward" arguments ["q", "k", "v", "g", "a", "b"] results ["o"]

  func.func @dplr_delta_rule(%q: !keys, %k: !keys, %v: !values, %g: !keys, %a: !keys, %b: !keys) -> !values {
    %o = seq.state_mix %q, %k, %v g(%g : !keys) a(%a : !keys) b(%b : !keys)
      decay channel update dplr read post {scale = 0.28867513459481287} : !keys, !keys, !values
    return %o : !values
  }
}
