// The scan of Mamba-2 with its step, skip and gate (Dao and Gu 2024, section 7):
//   dt' = softplus(dt + bias), h = exp(dt' A) h + dt' B x^T, y = (h^T C + D x) silu(z)
// x, z [B,T,4,6]: inputs and gates of 4 heads; dt [B,T,4]; B, C [B,T,1,8]: shared by all heads. A (negative), D and the
// bias of dt are weights of the heads.
!inputs = tensor<?x?x4x6xf32>
!steps = tensor<?x?x4xf32>
!keys = tensor<?x?x1x8xf32>
module attributes {seqm.name = "ssd_chunk_scan"} {
  seqm.parameter @A : tensor<4xf32> = dense<[-0.5, -1.0, -1.5, -2.0]> : tensor<4xf32>
  seqm.parameter @D : tensor<4xf32> = dense<1.0> : tensor<4xf32>
  seqm.parameter @bias : tensor<4xf32> = dense<-1.0> : tensor<4xf32>
  seqm.export "forward" = @ssd_chunk_scan kind "forward" arguments ["x", "dt", "B", "C", "z"] results ["y"]

  func.func @ssd_chunk_scan(%x: !inputs, %dt: !steps, %B: !keys, %C: !keys, %z: !inputs) -> !inputs {
    %A = seqm.load @A : tensor<4xf32>
    %D = seqm.load @D : tensor<4xf32>
    %bias = seqm.load @bias : tensor<4xf32>
    %y = seq.selective_scan %x, %dt, %A, %B, %C skip(%D : tensor<4xf32>) z(%z : !inputs) dt_bias(%bias : tensor<4xf32>)
      {dt_softplus} : !inputs, !steps, tensor<4xf32>, !keys, !keys
    return %y : !inputs
  }
}
