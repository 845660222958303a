// Gated slot attention (Zhang et al. 2024): two gated linear attentions around a softmax over 6 slots.
//   Ks = Ks diag(exp(g)) + k s^T, p = softmax(Ks^T q / sqrt(12)), Vs = diag(exp(g)) Vs + s v^T, o = Vs^T p
// q, k [B,T,3,12], v [B,T,3,10]; s, g [B,T,3,6]: what the slots take in (1 - exp(g) in the model) and their log decays.
// The first one decays its values, which never mix: every slot is a head with values of width 1.
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
!slots = tensor<?x?x3x6xf32>
!flat = tensor<?x?x18xf32>
!columns = tensor<?x?x18x1xf32>
!heads = tensor<?x?x3xf32>
#head = affine_map<(b, t, h, s) -> (b, t, h)>
#slot = affine_map<(b, t, h, s) -> (b, t, h, s)>
module attributes {seqm.name = "gsa"} {
  seqm.export "forward" = @gsa kind "forward" arguments ["q", "k", "v", "s", "g"] results ["o"]

  func.func private @softmax(%x: !slots) -> !slots {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %b = tensor.dim %x, %zero : !slots
    %t = tensor.dim %x, %one : !slots
    %least = arith.constant -3.0e38 : f32
    %none = arith.constant 0.0 : f32
    %lows = tensor.splat %least[%b, %t] : !heads
    %zeros = tensor.splat %none[%b, %t] : !heads
    %empty = tensor.empty(%b, %t) : !slots
    %most = linalg.generic {indexing_maps = [#slot, #head],
                            iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x : !slots) outs(%lows : !heads) {
    ^bb0(%in: f32, %so: f32):
      %next = arith.maximumf %in, %so : f32
      linalg.yield %next : f32
    } -> !heads
    %exp = linalg.generic {indexing_maps = [#slot, #head, #slot],
                           iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %most : !slots, !heads) outs(%empty : !slots) {
    ^bb0(%in: f32, %max: f32, %out: f32):
      %below = arith.subf %in, %max : f32
      %e = math.exp %below : f32
      linalg.yield %e : f32
    } -> !slots
    %sum = linalg.generic {indexing_maps = [#slot, #head],
                           iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%exp : !slots) outs(%zeros : !heads) {
    ^bb0(%in: f32, %so: f32):
      %next = arith.addf %in, %so : f32
      linalg.yield %next : f32
    } -> !heads
    %p = linalg.generic {indexing_maps = [#slot, #head, #slot],
                         iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%exp, %sum : !slots, !heads) outs(%empty : !slots) {
    ^bb0(%in: f32, %all: f32, %out: f32):
      %part = arith.divf %in, %all : f32
      linalg.yield %part : f32
    } -> !slots
    return %p : !slots
  }

  func.func @gsa(%q: !keys, %k: !keys, %v: !values, %s: !slots, %g: !slots) -> !values {
    %gates = seq.merge_heads %g : !slots
    %taken = seq.merge_heads %s : !slots
    %columns = seq.split_heads %taken 18 : !flat
    %read = seq.state_mix %q, %k, %columns g(%gates : !flat) decay head update outer read post
      {scale = 0.28867513459481287} : !keys, !keys, !columns
    %scores = seq.merge_heads %read : !columns
    %grouped = seq.split_heads %scores 3 : !flat
    %p = call @softmax(%grouped) : (!slots) -> !slots
    %o = seq.state_mix %p, %s, %v g(%g : !slots) decay channel update outer read post : !slots, !slots, !values
    return %o : !values
  }
}
