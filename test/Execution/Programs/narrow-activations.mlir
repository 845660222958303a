// REQUIRES: numpy
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.forward forward 2x9x64xf32 1e-2
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.v3 forward 3x1x64xf32 1e-2 --target-cpu=x86-64-v3

// A block whose activations are bf16 and f16: mixers, norms and products compute in f32 and
// round. The oracle does not round, so the bound is that of bf16.

module attributes {seqm.context = 64 : i64} {
  seqm.parameter @norm : tensor<64xbf16> = dense<1.0> : tensor<64xbf16>
  seqm.parameter @w : tensor<64x64xbf16> = #seqm.normal<seed = 1, stddev = 1.0e-1 : f64>
  seqm.export "forward" = @forward kind "forward" arguments ["x"] results ["y"]

  func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
    %norm = seqm.load @norm : tensor<64xbf16>
    %w = seqm.load @w : tensor<64x64xbf16>
    %xb = arith.truncf %x : tensor<?x?x64xf32> to tensor<?x?x64xbf16>
    %n = seq.rms_norm %xb weight %norm eps 1.0e-5 : tensor<?x?x64xbf16>, tensor<64xbf16>
    %q = seq.linear %n, %w : tensor<?x?x64xbf16>, tensor<64x64xbf16> -> tensor<?x?x64xbf16>
    %h = seq.split_heads %q 4 : tensor<?x?x64xbf16>
    %a = seq.attention %h, %h, %h {causal} : tensor<?x?x4x16xbf16>, tensor<?x?x4x16xbf16>, tensor<?x?x4x16xbf16>
    %m = seq.merge_heads %a : tensor<?x?x4x16xbf16>
    %s = seq.token_shift %m : tensor<?x?x64xbf16>
    %g = seq.activation %s silu : tensor<?x?x64xbf16>
    %gw = arith.extf %g : tensor<?x?x64xbf16> to tensor<?x?x64xf32>
    %gh = arith.truncf %gw : tensor<?x?x64xf32> to tensor<?x?x64xf16>
    %l = seq.l2_norm %gh eps 1.0e-6 : tensor<?x?x64xf16>
    %y = arith.extf %l : tensor<?x?x64xf16> to tensor<?x?x64xf32>
    return %y : tensor<?x?x64xf32>
  }
}
