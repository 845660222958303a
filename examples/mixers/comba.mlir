// Comba: what the delta rule takes away is read with a key p of its own, from the decayed state.
//   S' = exp(g) S, S = S' + k (beta (v - S'^T p))^T, o = S^T q / sqrt(12)
// q, k, p [B,T,3,12], v [B,T,3,10]; g, beta [B,T,3]: log decays and rates. As a low-rank update: a reads the state
// before its decay, so it is exp(g) p; b = -beta k beside a key beta k.
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
!gates = tensor<?x?x3xf32>
#head = affine_map<(b, t, h, d) -> (b, t, h)>
#channel = affine_map<(b, t, h, d) -> (b, t, h, d)>
module attributes {seqm.name = "comba"} {
  seqm.export "forward" = @comba kind "forward" arguments ["q", "k", "v", "p", "g", "beta"] results ["o"]

  func.func private @times(%gate: !gates, %x: !keys) -> !keys {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %b = tensor.dim %x, %zero : !keys
    %t = tensor.dim %x, %one : !keys
    %empty = tensor.empty(%b, %t) : !keys
    %y = linalg.generic {indexing_maps = [#head, #channel, #channel],
                         iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%gate, %x : !gates, !keys) outs(%empty : !keys) {
    ^bb0(%s: f32, %in: f32, %out: f32):
      %product = arith.mulf %s, %in : f32
      linalg.yield %product : f32
    } -> !keys
    return %y : !keys
  }

  func.func @comba(%q: !keys, %k: !keys, %v: !values, %p: !keys, %g: !gates, %beta: !gates) -> !values {
    %decay = math.exp %g : !gates
    %a = call @times(%decay, %p) : (!gates, !keys) -> !keys
    %added = call @times(%beta, %k) : (!gates, !keys) -> !keys
    %b = arith.negf %added : !keys
    %o = seq.state_mix %q, %added, %v g(%g : !gates) a(%a : !keys) b(%b : !keys)
      decay head update dplr read post {scale = 0.28867513459481287} : !keys, !keys, !values
    return %o : !values
  }
}
