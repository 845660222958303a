// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3x4x8xf32>) {
  // expected-error @+1 {{token_shift_c1}}
  %y = seq.token_shift %x : tensor<1x3x4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x?xf32>) {
  // expected-error @+1 {{token_shift_c1}}
  %y = seq.token_shift %x : tensor<1x3x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x0xf32>) {
  // expected-error @+1 {{token_shift_c1}}
  %y = seq.token_shift %x : tensor<1x3x0xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %s: !seq.state<4xf32>) {
  // expected-error @+1 {{token_shift_c2}}
  %y, %n = seq.token_shift %x state %s : tensor<1x3x8xf32>, !seq.state<4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %s: !seq.state<8xf32>) {
  // expected-error @+1 {{token_shift_c2}}
  %y:3 = seq.token_shift %x state %s, %s : tensor<1x3x8xf32>, !seq.state<8xf32>, !seq.state<8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %r: tensor<1xi1>) {
  // expected-error @+1 {{token_shift_c3}}
  %o = seq.token_shift %x reset(%r : tensor<1xi1>) : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %n: tensor<3xi64>) {
  // expected-error @+1 {{token_shift_c3}}
  %o = seq.token_shift %x lengths(%n : tensor<3xi64>) : tensor<1x3x8xf32>
  return
}
