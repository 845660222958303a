// RUN: seq-opt %s --seq-bufferize=cpu=x86-64-v3 --split-input-file --verify-diagnostics

func.func @f64(%x: tensor<?x?x8xf64>) -> tensor<?x?x8xf64> {
  // expected-error @+1 {{'seq.l2_norm' op works in f32, but has the type 'tensor<?x?x8xf64>': convert tensors with arith.extf or arith.truncf}}
  %y = seq.l2_norm %x eps 1.0e-6 : tensor<?x?x8xf64>
  return %y : tensor<?x?x8xf64>
}

// -----

func.func @weight(%x: tensor<?x?x8xf32>, %w: tensor<8xf16>) -> tensor<?x?x8xf32> {
  // expected-error @+1 {{'seq.rms_norm' op works in f32, but has the type 'tensor<8xf16>'}}
  %y = seq.rms_norm %x weight %w eps 1.0e-6 : tensor<?x?x8xf32>, tensor<8xf16>
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @state(%x: tensor<?x?x8xbf16>, %s: !seq.state<8xbf16>) -> (tensor<?x?x8xbf16>, !seq.state<8xbf16>) {
  // expected-error @+1 {{convert tensors with arith.extf or arith.truncf, and give states elements of f32}}
  %y, %n = seq.token_shift %x state %s : tensor<?x?x8xbf16>, !seq.state<8xbf16>
  return %y, %n : tensor<?x?x8xbf16>, !seq.state<8xbf16>
}
