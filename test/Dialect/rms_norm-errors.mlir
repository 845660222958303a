// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3x?xf32>) {
  // expected-error @+1 {{rms_norm_c1}}
  %y = seq.rms_norm %x eps 1.0e-5 : tensor<1x3x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x0xf32>) {
  // expected-error @+1 {{rms_norm_c1}}
  %y = seq.rms_norm %x eps 1.0e-5 : tensor<1x3x0xf32>
  return
}

// -----

func.func @f(%x: tensor<f32>) {
  // expected-error @+1 {{rms_norm_c1}}
  %y = seq.rms_norm %x eps 1.0e-5 : tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<4xf32>) {
  // expected-error @+1 {{rms_norm_c2}}
  %y = seq.rms_norm %x weight %w eps 1.0e-5 : tensor<1x3x8xf32>, tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{rms_norm_c3}}
  %y = seq.rms_norm %x eps -1.0e-5 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{rms_norm_c3}}
  %y = seq.rms_norm %x eps 0x7FF8000000000000 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{rms_norm_c4}}
  %y = seq.rms_norm %x eps 1.0e-05 {groups = 3 : i64} : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{rms_norm_c4}}
  %y = seq.rms_norm %x eps 1.0e-05 {groups = 0 : i64} : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %z: tensor<8xf32>) {
  // expected-error @+1 {{rms_norm_c5}}
  %y = seq.rms_norm %x gate(%z : tensor<8xf32>) eps 1.0e-05 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{rms_norm_c6}}
  %y = seq.rms_norm %x eps 1.0e-05 {gate_first} : tensor<1x3x8xf32>
  return
}
