// Mamba-2 with a rate, a step and a skip of its own for every element of its 3 heads of 8: the channel form of the
// selective scan with 24 channels.
//   dt' = softplus(dt + bias), h = exp(dt' A) h + dt' B x, y = (C h + D x) silu(z)
// x, dt, z [B,T,24]; B, C [B,T,1,6]. A (negative), D and the bias of dt are weights. `step` is one state update.
!inputs = tensor<?x?x24xf32>
!keys = tensor<?x?x1x6xf32>
!rates = tensor<24x6xf32>
!channels = tensor<24xf32>
module attributes {seqm.name = "selective_state_update"} {
  seqm.parameter @A : !rates = dense<-1.0> : !rates
  seqm.parameter @D : !channels = dense<1.0> : !channels
  seqm.parameter @bias : !channels = dense<-1.0> : !channels
  seqm.export "forward" = @selective_state_update kind "forward" arguments ["x", "dt", "B", "C", "z"] results ["y"]

  func.func @selective_state_update(%x: !inputs, %dt: !inputs, %B: !keys, %C: !keys, %z: !inputs) -> !inputs {
    %A = seqm.load @A : !rates
    %D = seqm.load @D : !channels
    %bias = seqm.load @bias : !channels
    %y = seq.selective_scan %x, %dt, %A, %B, %C skip(%D : !channels) z(%z : !inputs) dt_bias(%bias : !channels)
      {dt_softplus} : !inputs, !inputs, !rates, !keys, !keys
    return %y : !inputs
  }
}
