// RetNet's retention (Sun et al. 2023, eq. 6), the decays of the paper:
//   S = (1 - 2^(-5-h)) S + k v^T, o = S^T q / sqrt(12)
// q, k, v [B,T,3,12]: queries, keys and values of 3 heads; the rotation of q and k is an op of its own (retnet.mlir).
!keys = tensor<?x?x3x12xf32>
module attributes {seqm.name = "retention"} {
  seqm.export "forward" = @retention kind "forward" arguments ["q", "k", "v"] results ["o"]

  func.func @retention(%q: !keys, %k: !keys, %v: !keys) -> !keys {
    %o = seq.retention %q, %k, %v {scale = 0.28867513459481287} : !keys, !keys, !keys
    return %o : !keys
  }
}
