// A RetNet block (Sun et al. 2023): rotary on queries and keys, retention, a norm of each head
// without weights, a SiLU gate, then a feed-forward network.
module attributes {seqm.name = "RetNet block"} {
  seqm.parameter @norm1 : tensor<48xf32> = dense<1.0> : tensor<48xf32>
  seqm.parameter @norm2 : tensor<48xf32> = dense<1.0> : tensor<48xf32>
  seqm.parameter @q : tensor<48x48xf32> = #seqm.normal<seed = 1, stddev = 1.4e-1 : f64>
  seqm.parameter @k : tensor<48x48xf32> = #seqm.normal<seed = 2, stddev = 1.4e-1 : f64>
  seqm.parameter @v : tensor<96x48xf32> = #seqm.normal<seed = 3, stddev = 1.4e-1 : f64>
  seqm.parameter @g : tensor<96x48xf32> = #seqm.normal<seed = 4, stddev = 1.4e-1 : f64>
  seqm.parameter @o : tensor<48x96xf32> = #seqm.normal<seed = 5, stddev = 1.0e-1 : f64>
  seqm.parameter @up : tensor<96x48xf32> = #seqm.normal<seed = 6, stddev = 1.4e-1 : f64>
  seqm.parameter @down : tensor<48x96xf32> = #seqm.normal<seed = 7, stddev = 1.0e-1 : f64>
  seqm.export "forward" = @forward kind "forward" arguments ["x"] results ["y"]

  func.func @forward(%x: tensor<?x?x48xf32>) -> tensor<?x?x48xf32> {
    %norm1 = seqm.load @norm1 : tensor<48xf32>
    %norm2 = seqm.load @norm2 : tensor<48xf32>
    %wq = seqm.load @q : tensor<48x48xf32>
    %wk = seqm.load @k : tensor<48x48xf32>
    %wv = seqm.load @v : tensor<96x48xf32>
    %wg = seqm.load @g : tensor<96x48xf32>
    %wo = seqm.load @o : tensor<48x96xf32>
    %wup = seqm.load @up : tensor<96x48xf32>
    %wdown = seqm.load @down : tensor<48x96xf32>

    %h = seq.rms_norm %x weight %norm1 eps 1.0e-6 : tensor<?x?x48xf32>, tensor<48xf32>
    %positions = seq.positions %x : tensor<?x?x48xf32>
    %q0 = seq.linear %h, %wq : tensor<?x?x48xf32>, tensor<48x48xf32> -> tensor<?x?x48xf32>
    %k0 = seq.linear %h, %wk : tensor<?x?x48xf32>, tensor<48x48xf32> -> tensor<?x?x48xf32>
    %v0 = seq.linear %h, %wv : tensor<?x?x48xf32>, tensor<96x48xf32> -> tensor<?x?x96xf32>
    %g0 = seq.linear %h, %wg : tensor<?x?x48xf32>, tensor<96x48xf32> -> tensor<?x?x96xf32>
    %q1 = seq.split_heads %q0 4 : tensor<?x?x48xf32>
    %k1 = seq.split_heads %k0 4 : tensor<?x?x48xf32>
    %v = seq.split_heads %v0 4 : tensor<?x?x96xf32>
    %q = seq.rotary %q1, %positions interleaved : tensor<?x?x4x12xf32>, tensor<?x?xi32>
    %k = seq.rotary %k1, %positions interleaved : tensor<?x?x4x12xf32>, tensor<?x?xi32>
    %r = seq.retention %q, %k, %v {scale = 0.28867513459481287} : tensor<?x?x4x12xf32>, tensor<?x?x4x12xf32>, tensor<?x?x4x24xf32>
    %n = seq.rms_norm %r eps 1.0e-6 : tensor<?x?x4x24xf32>
    %n1 = seq.merge_heads %n : tensor<?x?x4x24xf32>
    %gated = seq.glu %g0, %n1 silu : tensor<?x?x96xf32>
    %o = seq.linear %gated, %wo : tensor<?x?x96xf32>, tensor<48x96xf32> -> tensor<?x?x48xf32>
    %x1 = arith.addf %x, %o : tensor<?x?x48xf32>

    %h1 = seq.rms_norm %x1 weight %norm2 eps 1.0e-6 : tensor<?x?x48xf32>, tensor<48xf32>
    %up = seq.linear %h1, %wup : tensor<?x?x48xf32>, tensor<96x48xf32> -> tensor<?x?x96xf32>
    %act = seq.activation %up gelu : tensor<?x?x96xf32>
    %m = seq.linear %act, %wdown : tensor<?x?x96xf32>, tensor<48x96xf32> -> tensor<?x?x48xf32>
    %y = arith.addf %x1, %m : tensor<?x?x48xf32>
    return %y : tensor<?x?x48xf32>
  }
}
