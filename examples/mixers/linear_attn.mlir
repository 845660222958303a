// Linear attention (Katharopoulos et al. 2020, eqs. 16 to 20) on queries and keys behind their feature map:
//   S = S + k v^T, n = n + k, o = S^T q / (q . n + eps), both sums times 1 / sqrt(12)
// q, k [B,T,3,12], v [B,T,3,10]. `plain` leaves the normaliser out: o = S^T q / sqrt(12).
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
module attributes {seqm.name = "linear_attn"} {
  seqm.export "forward" = @linear_attn kind "forward" arguments ["q", "k", "v"] results ["o"]
  seqm.export "plain" = @plain kind "forward" arguments ["q", "k", "v"] results ["o"]

  func.func @linear_attn(%q: !keys, %k: !keys, %v: !values) -> !values {
    %o = seq.state_mix %q, %k, %v decay none update outer read post normaliser ratio
      {eps = 1.0e-10, scale = 0.28867513459481287} : !keys, !keys, !values
    return %o : !values
  }

  func.func @plain(%q: !keys, %k: !keys, %v: !values) -> !values {
    %o = seq.state_mix %q, %k, %v decay none update outer read post
      {scale = 0.28867513459481287} : !keys, !keys, !values
    return %o : !values
  }
}
