// The time mix of RWKV-7 (Peng et al. 2025), with values in the columns of the state:
//   S = diag(exp(-exp(w))) S + b (a^T S) + k v^T, o = S^T r
// r, k, w, a, b [B,T,3,12], v [B,T,3,10]. In the model a = -kappa and b = kappa times the in-context learning rate.
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
module attributes {seqm.name = "rwkv7"} {
  seqm.export "forward" = @rwkv7 kind "forward" arguments ["r", "w", "k", "v", "a", "b"] results ["o"]

  func.func @rwkv7(%r: !keys, %w: !keys, %k: !keys, %v: !values, %a: !keys, %b: !keys) -> !values {
    %rate = math.exp %w : !keys
    %g = arith.negf %rate : !keys
    %o = seq.state_mix %r, %k, %v g(%g : !keys) a(%a : !keys) b(%b : !keys)
      decay channel update dplr read post : !keys, !keys, !values
    return %o : !values
  }
}
