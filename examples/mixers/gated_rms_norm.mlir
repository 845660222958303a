// The gated norm of Mamba-2 (Dao and Gu 2024): the gate behind the norm (after) or before it (before, as published
// models have it), over all channels with a bias, or in groups of 5 channels (groups_after, groups_before).
//   after = (x / rms(x) w + bias) silu(z), before = y / rms(y) w + bias with y = x silu(z), rms(x)^2 = mean(x^2) + 1e-5
// x, z [B,T,20]; the weight w and the bias are weights of the channels.
!channels = tensor<?x?x20xf32>
module attributes {seqm.name = "gated_rms_norm"} {
  seqm.parameter @weight : tensor<20xf32> = dense<1.0> : tensor<20xf32>
  seqm.parameter @bias : tensor<20xf32> = dense<0.0> : tensor<20xf32>
  seqm.export "forward" = @gated_rms_norm kind "forward" arguments ["x", "z"]
    results ["after", "before", "groups_after", "groups_before"]

  func.func @gated_rms_norm(%x: !channels, %z: !channels) -> (!channels, !channels, !channels, !channels) {
    %weight = seqm.load @weight : tensor<20xf32>
    %bias = seqm.load @bias : tensor<20xf32>
    %biases = seq.broadcast %bias, %x : tensor<20xf32>, !channels

    %normed = seq.rms_norm %x weight %weight eps 1.0e-5 : !channels, tensor<20xf32>
    %shifted = arith.addf %normed, %biases : !channels
    %after = seq.glu %z, %shifted silu : !channels

    %gated = seq.rms_norm %x weight %weight gate(%z : !channels) eps 1.0e-5 {gate_first} : !channels, tensor<20xf32>
    %before = arith.addf %gated, %biases : !channels

    %groups_after = seq.rms_norm %x weight %weight gate(%z : !channels) eps 1.0e-5 {groups = 4 : i64}
      : !channels, tensor<20xf32>
    %groups_before = seq.rms_norm %x weight %weight gate(%z : !channels) eps 1.0e-5 {gate_first, groups = 4 : i64}
      : !channels, tensor<20xf32>
    return %after, %before, %groups_after, %groups_before : !channels, !channels, !channels, !channels
  }
}
