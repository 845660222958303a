// The short convolution in front of Mamba's scan: every channel has 4 taps, the last one for the newest token.
//   y_t = silu(bias + sum_j w_j x_(t-3+j))
// x [B,T,11]. `plain` has neither bias nor activation.
!channels = tensor<?x?x11xf32>
module attributes {seqm.name = "causal_conv1d"} {
  seqm.parameter @weight : tensor<11x4xf32> = #seqm.normal<seed = 1, stddev = 5.0e-1 : f64>
  seqm.parameter @bias : tensor<11xf32> = dense<0.1> : tensor<11xf32>
  seqm.export "forward" = @causal_conv1d kind "forward" arguments ["x"] results ["y"]
  seqm.export "plain" = @plain kind "forward" arguments ["x"] results ["y"]

  func.func @causal_conv1d(%x: !channels) -> !channels {
    %weight = seqm.load @weight : tensor<11x4xf32>
    %bias = seqm.load @bias : tensor<11xf32>
    %y = seq.conv %x, %weight bias(%bias : tensor<11xf32>) activation silu : !channels, tensor<11x4xf32>
    return %y : !channels
  }

  func.func @plain(%x: !channels) -> !channels {
    %weight = seqm.load @weight : tensor<11x4xf32>
    %y = seq.conv %x, %weight : !channels, tensor<11x4xf32>
    return %y : !channels
  }
}
