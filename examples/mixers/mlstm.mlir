// The mLSTM of xLSTM (Beck et al. 2024, eqs. 19 to 27): a forget gate sigmoid(f) and an input gate exp(i).
//   C = sigmoid(f) C + exp(i) k v^T, n = sigmoid(f) n + exp(i) k, h = C^T q / (max(|n . q|, 1) + eps)
// q, k [B,T,3,12], v [B,T,3,10]; f, i [B,T,3]: the gates before their functions. q is times 1 / sqrt(12). C and n are
// kept relative to exp(m), the running maximum of what the gates add up to.
!keys = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
!gates = tensor<?x?x3xf32>
module attributes {seqm.name = "mlstm"} {
  seqm.export "forward" = @mlstm kind "forward" arguments ["q", "k", "v", "f", "i"] results ["h"]

  func.func @mlstm(%q: !keys, %k: !keys, %v: !values, %f: !gates, %i: !gates) -> !values {
    // log sigmoid(f) = -softplus(-f)
    %minusF = arith.negf %f : !gates
    %rate = seq.activation %minusF softplus : !gates
    %g = arith.negf %rate : !gates
    %h = seq.state_mix %q, %k, %v g(%g : !gates) i(%i : !gates) decay head update outer read post normaliser max
      {eps = 1.0e-6, scale = 0.28867513459481287} : !keys, !keys, !values
    return %h : !values
  }
}
