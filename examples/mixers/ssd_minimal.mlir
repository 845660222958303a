// The state space duality of Mamba-2 (Dao and Gu 2024): B writes, C reads, a is the logarithm of the decay.
//   h = exp(a) h + B x^T, y = h^T C
// x [B,T,3,8]: inputs, times their step already; a [B,T,3]; B, C [B,T,3,6].
!inputs = tensor<?x?x3x8xf32>
!keys = tensor<?x?x3x6xf32>
!gates = tensor<?x?x3xf32>
module attributes {seqm.name = "ssd_minimal"} {
  seqm.export "forward" = @ssd_minimal kind "forward" arguments ["x", "a", "B", "C"] results ["y"]

  func.func @ssd_minimal(%x: !inputs, %a: !gates, %B: !keys, %C: !keys) -> !inputs {
    %y = seq.state_mix %C, %B, %x g(%a : !gates) decay head update outer read post : !keys, !keys, !inputs
    return %y : !inputs
  }
}
