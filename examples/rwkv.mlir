// An RWKV-5 time mix (Peng et al. 2024): token shift, a matrix state that is read before it takes in
// the token, with a bonus u for the token itself, and a norm of each head.
module attributes {seqm.name = "RWKV-5 time mix"} {
  seqm.parameter @norm : tensor<40xf32> = dense<1.0> : tensor<40xf32>
  seqm.parameter @zero : tensor<40xf32> = dense<0.0> : tensor<40xf32>
  seqm.parameter @mu : tensor<40xf32> = dense<0.3> : tensor<40xf32>
  seqm.parameter @decay : tensor<5x8xf32> = dense<-0.1> : tensor<5x8xf32>
  seqm.parameter @bonus : tensor<5x8xf32> = dense<0.7> : tensor<5x8xf32>
  seqm.parameter @r : tensor<40x40xf32> = #seqm.normal<seed = 1, stddev = 1.5e-1 : f64>
  seqm.parameter @k : tensor<40x40xf32> = #seqm.normal<seed = 2, stddev = 1.5e-1 : f64>
  seqm.parameter @v : tensor<40x40xf32> = #seqm.normal<seed = 3, stddev = 1.5e-1 : f64>
  seqm.parameter @g : tensor<40x40xf32> = #seqm.normal<seed = 4, stddev = 1.5e-1 : f64>
  seqm.parameter @o : tensor<40x40xf32> = #seqm.normal<seed = 5, stddev = 1.5e-1 : f64>
  seqm.export "forward" = @forward kind "forward" arguments ["x"] results ["y"]

  func.func @forward(%x: tensor<?x?x40xf32>) -> tensor<?x?x40xf32> {
    %norm = seqm.load @norm : tensor<40xf32>
    %zero = seqm.load @zero : tensor<40xf32>
    %mu = seqm.load @mu : tensor<40xf32>
    %decay = seqm.load @decay : tensor<5x8xf32>
    %bonus = seqm.load @bonus : tensor<5x8xf32>
    %wr = seqm.load @r : tensor<40x40xf32>
    %wk = seqm.load @k : tensor<40x40xf32>
    %wv = seqm.load @v : tensor<40x40xf32>
    %wg = seqm.load @g : tensor<40x40xf32>
    %wo = seqm.load @o : tensor<40x40xf32>

    %h = seq.layer_norm %x weight %norm bias %zero eps 1.0e-5 : tensor<?x?x40xf32> weight tensor<40xf32> bias tensor<40xf32>
    %before = seq.token_shift %h : tensor<?x?x40xf32>
    %mu1 = seq.broadcast %mu, %h : tensor<40xf32>, tensor<?x?x40xf32>
    %difference = arith.subf %before, %h : tensor<?x?x40xf32>
    %part = arith.mulf %difference, %mu1 : tensor<?x?x40xf32>
    %mixed = arith.addf %h, %part : tensor<?x?x40xf32>
    %r0 = seq.linear %mixed, %wr : tensor<?x?x40xf32>, tensor<40x40xf32> -> tensor<?x?x40xf32>
    %k0 = seq.linear %mixed, %wk : tensor<?x?x40xf32>, tensor<40x40xf32> -> tensor<?x?x40xf32>
    %v0 = seq.linear %mixed, %wv : tensor<?x?x40xf32>, tensor<40x40xf32> -> tensor<?x?x40xf32>
    %g0 = seq.linear %mixed, %wg : tensor<?x?x40xf32>, tensor<40x40xf32> -> tensor<?x?x40xf32>
    %r = seq.split_heads %r0 5 : tensor<?x?x40xf32>
    %k = seq.split_heads %k0 5 : tensor<?x?x40xf32>
    %v = seq.split_heads %v0 5 : tensor<?x?x40xf32>
    %s = seq.state_mix %r, %k, %v g(%decay : tensor<5x8xf32>) u(%bonus : tensor<5x8xf32>)
      decay static update outer read pre : tensor<?x?x5x8xf32>, tensor<?x?x5x8xf32>, tensor<?x?x5x8xf32>
    %s1 = seq.merge_heads %s : tensor<?x?x5x8xf32>
    %n = seq.group_norm %s1 weight %norm bias %zero groups 5 eps 6.4e-4 : tensor<?x?x40xf32> weight tensor<40xf32> bias tensor<40xf32>
    %gated = seq.glu %g0, %n silu : tensor<?x?x40xf32>
    %o = seq.linear %gated, %wo : tensor<?x?x40xf32>, tensor<40x40xf32> -> tensor<?x?x40xf32>
    %y = arith.addf %x, %o : tensor<?x?x40xf32>
    return %y : tensor<?x?x40xf32>
  }
}
