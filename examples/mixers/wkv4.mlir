// The time mix of RWKV-4 (Peng et al. 2023, eq. 16): every channel is a head with a state of one number. The key is the
// logarithm of an input gate, u lets the token itself through, and the weights' sum divides.
//   o = (S + exp(u + k) v) / (n + exp(u + k)), S = exp(-exp(w)) S + exp(k) v, n = exp(-exp(w)) n + exp(k)
// k, v [B,T,20]; w and u are weights of the channels. S and n are kept relative to exp(m), a running maximum.
!channels = tensor<?x?x20xf32>
!heads = tensor<?x?x20x1xf32>
module attributes {seqm.name = "wkv4"} {
  seqm.parameter @w : tensor<20xf32> = dense<-1.0> : tensor<20xf32>
  seqm.parameter @u : tensor<20x1xf32> = dense<0.5> : tensor<20x1xf32>
  seqm.export "forward" = @wkv4 kind "forward" arguments ["k", "v"] results ["o"]

  func.func @wkv4(%k: !channels, %v: !channels) -> !channels {
    %w = seqm.load @w : tensor<20xf32>
    %u = seqm.load @u : tensor<20x1xf32>
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %b = tensor.dim %k, %zero : !channels
    %t = tensor.dim %k, %one : !channels
    %rate = math.exp %w : tensor<20xf32>
    %g = arith.negf %rate : tensor<20xf32>
    %unit = arith.constant 1.0 : f32
    %ones = tensor.splat %unit[%b, %t] : !heads
    %values = seq.split_heads %v 20 : !channels
    %heads = seq.state_mix %ones, %ones, %values g(%g : tensor<20xf32>) u(%u : tensor<20x1xf32>) i(%k : !channels)
      decay static update outer read pre normaliser ratio {u_exp} : !heads, !heads, !heads
    %o = seq.merge_heads %heads : !heads
    return %o : !channels
  }
}
