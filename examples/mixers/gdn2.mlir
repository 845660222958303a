// Gated DeltaNet 2: an erase gate e for each channel of the keys, a write gate w for each of the values.
//   S' = diag(exp(g)) S, S = S' + k (w * v - S'^T (e * k))^T, o = S^T q / sqrt(12)
// q, k, g, e [B,T,3,12], v, w [B,T,3,10]. As a low-rank update: a reads the state before its decay, so it is
// exp(g) * e * k.
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
module attributes {seqm.name = "gdn2"} {
  seqm.export "forward" = @gdn2 kind "forward" arguments ["q", "k", "v", "g", "e", "w"] results ["o"]

  func.func @gdn2(%q: !keys, %k: !keys, %v: !values, %g: !keys, %e: !keys, %w: !values) -> !values {
    %decay = math.exp %g : !keys
    %erased = arith.mulf %e, %k : !keys
    %a = arith.mulf %decay, %erased : !keys
    %b = arith.negf %k : !keys
    %written = arith.mulf %w, %v : !values
    %o = seq.state_mix %q, %k, %written g(%g : !keys) a(%a : !keys) b(%b : !keys)
      decay channel update dplr read post {scale = 0.28867513459481287} : !keys, !keys, !values
    return %o : !values
  }
}
