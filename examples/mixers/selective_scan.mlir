// The selective scan of Mamba-1 (Gu and Dao 2023, algorithm 2) with its step, skip and gate:
//   dt' = softplus(dt + bias), h = exp(dt' A) h + dt' B x, y = (C h + D x) silu(z)
// x, dt, z [B,T,10]: every channel has a state of 6; B, C [B,T,1,6]: shared by all of them. A (negative), D and the
// bias of dt are weights. `plain` has neither skip, gate nor bias.
!inputs = tensor<?x?x10xf32>
!keys = tensor<?x?x1x6xf32>
!rates = tensor<10x6xf32>
!channels = tensor<10xf32>
module attributes {seqm.name = "selective_scan"} {
  seqm.parameter @A : !rates = dense<-1.0> : !rates
  seqm.parameter @D : !channels = dense<1.0> : !channels
  seqm.parameter @bias : !channels = dense<-1.0> : !channels
  seqm.export "forward" = @selective_scan kind "forward" arguments ["x", "dt", "B", "C", "z"] results ["y"]
  seqm.export "plain" = @plain kind "forward" arguments ["x", "dt", "B", "C"] results ["y"]

  func.func @selective_scan(%x: !inputs, %dt: !inputs, %B: !keys, %C: !keys, %z: !inputs) -> !inputs {
    %A = seqm.load @A : !rates
    %D = seqm.load @D : !channels
    %bias = seqm.load @bias : !channels
    %y = seq.selective_scan %x, %dt, %A, %B, %C skip(%D : !channels) z(%z : !inputs) dt_bias(%bias : !channels)
      {dt_softplus} : !inputs, !inputs, !rates, !keys, !keys
    return %y : !inputs
  }

  func.func @plain(%x: !inputs, %dt: !inputs, %B: !keys, %C: !keys) -> !inputs {
    %A = seqm.load @A : !rates
    %y = seq.selective_scan %x, %dt, %A, %B, %C {dt_softplus} : !inputs, !inputs, !rates, !keys, !keys
    return %y : !inputs
  }
}
