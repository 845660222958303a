// The selective scan with complex rates, inputs and outputs (Gu and Dao 2023, appendix B): pairs (re, im) in the last
// dimension.
//   dt' = softplus(dt), h = exp(dt' A) h + dt' B x, y = 2 Re(C h) + D x
// x, dt [B,T,6]; B, C [B,T,1,4,2]: shared by all channels. A (real parts negative) and D are weights.
!inputs = tensor<?x?x6xf32>
!keys = tensor<?x?x1x4x2xf32>
!rates = tensor<6x4x2xf32>
module attributes {seqm.name = "selective_scan_complex"} {
  seqm.parameter @A : !rates = dense<-1.0> : !rates
  seqm.parameter @D : tensor<6xf32> = dense<1.0> : tensor<6xf32>
  seqm.export "forward" = @selective_scan_complex kind "forward" arguments ["x", "dt", "B", "C"] results ["y"]

  func.func @selective_scan_complex(%x: !inputs, %dt: !inputs, %B: !keys, %C: !keys) -> !inputs {
    %A = seqm.load @A : !rates
    %D = seqm.load @D : tensor<6xf32>
    %y = seq.selective_scan %x, %dt, %A, %B, %C skip(%D : tensor<6xf32>) {complex, dt_softplus}
      : !inputs, !inputs, !rates, !keys, !keys
    return %y : !inputs
  }
}
