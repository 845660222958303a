// A transformer block: grouped-head attention with rotary positions, then SwiGLU.
//   seqc examples/transformer.mlir -o block.seqm && seq-run block.seqm --function=forward --input=1x5x64xf32=0.5
module attributes {seqm.name = "transformer block", seqm.context = 256 : i64} {
  seqm.parameter @norm1 : tensor<64xf32> = dense<1.0> : tensor<64xf32>
  seqm.parameter @norm2 : tensor<64xf32> = dense<1.0> : tensor<64xf32>
  seqm.parameter @q : tensor<64x64xf32> = #seqm.normal<seed = 1, stddev = 1.2e-1 : f64>
  seqm.parameter @k : tensor<32x64xf32> = #seqm.normal<seed = 2, stddev = 1.2e-1 : f64>
  seqm.parameter @v : tensor<32x64xf32> = #seqm.normal<seed = 3, stddev = 1.2e-1 : f64>
  seqm.parameter @o : tensor<64x64xf32> = #seqm.normal<seed = 4, stddev = 1.2e-1 : f64>
  seqm.parameter @gate : tensor<128x64xf32> = #seqm.normal<seed = 5, stddev = 1.2e-1 : f64>
  seqm.parameter @up : tensor<128x64xf32> = #seqm.normal<seed = 6, stddev = 1.2e-1 : f64>
  seqm.parameter @down : tensor<64x128xf32> = #seqm.normal<seed = 7, stddev = 9.0e-2 : f64>
  seqm.export "forward" = @forward kind "forward" arguments ["x"] results ["y"]

  func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
    %norm1 = seqm.load @norm1 : tensor<64xf32>
    %norm2 = seqm.load @norm2 : tensor<64xf32>
    %wq = seqm.load @q : tensor<64x64xf32>
    %wk = seqm.load @k : tensor<32x64xf32>
    %wv = seqm.load @v : tensor<32x64xf32>
    %wo = seqm.load @o : tensor<64x64xf32>
    %wgate = seqm.load @gate : tensor<128x64xf32>
    %wup = seqm.load @up : tensor<128x64xf32>
    %wdown = seqm.load @down : tensor<64x128xf32>

    %h = seq.rms_norm %x weight %norm1 eps 1.0e-5 : tensor<?x?x64xf32>, tensor<64xf32>
    %positions = seq.positions %x : tensor<?x?x64xf32>
    %q0 = seq.linear %h, %wq : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x64xf32>
    %k0 = seq.linear %h, %wk : tensor<?x?x64xf32>, tensor<32x64xf32> -> tensor<?x?x32xf32>
    %v0 = seq.linear %h, %wv : tensor<?x?x64xf32>, tensor<32x64xf32> -> tensor<?x?x32xf32>
    %q1 = seq.split_heads %q0 4 : tensor<?x?x64xf32>
    %k1 = seq.split_heads %k0 2 : tensor<?x?x32xf32>
    %v = seq.split_heads %v0 2 : tensor<?x?x32xf32>
    %q = seq.rotary %q1, %positions half : tensor<?x?x4x16xf32>, tensor<?x?xi32>
    %k = seq.rotary %k1, %positions half : tensor<?x?x2x16xf32>, tensor<?x?xi32>
    %a = seq.attention %q, %k, %v {causal} : tensor<?x?x4x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>
    %a1 = seq.merge_heads %a : tensor<?x?x4x16xf32>
    %a2 = seq.linear %a1, %wo : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x64xf32>
    %x1 = arith.addf %x, %a2 : tensor<?x?x64xf32>

    %h1 = seq.rms_norm %x1 weight %norm2 eps 1.0e-5 : tensor<?x?x64xf32>, tensor<64xf32>
    %gate = seq.linear %h1, %wgate : tensor<?x?x64xf32>, tensor<128x64xf32> -> tensor<?x?x128xf32>
    %up = seq.linear %h1, %wup : tensor<?x?x64xf32>, tensor<128x64xf32> -> tensor<?x?x128xf32>
    %glu = seq.glu %gate, %up silu : tensor<?x?x128xf32>
    %m = seq.linear %glu, %wdown : tensor<?x?x128xf32>, tensor<64x128xf32> -> tensor<?x?x64xf32>
    %y = arith.addf %x1, %m : tensor<?x?x64xf32>
    return %y : tensor<?x?x64xf32>
  }
}
