// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3x?xf32>) {
  // expected-error @+1 {{layer_norm_c1}}
  %y = seq.layer_norm %x eps 1.0e-5 : tensor<1x3x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x0xf32>) {
  // expected-error @+1 {{layer_norm_c1}}
  %y = seq.layer_norm %x eps 1.0e-5 : tensor<1x3x0xf32>
  return
}

// -----

func.func @f(%x: tensor<f32>) {
  // expected-error @+1 {{layer_norm_c1}}
  %y = seq.layer_norm %x eps 1.0e-5 : tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<4xf32>) {
  // expected-error @+1 {{layer_norm_c2}}
  %y = seq.layer_norm %x weight %w eps 1.0e-5 : tensor<1x3x8xf32> weight tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %b: tensor<1x8xf32>) {
  // expected-error @+1 {{layer_norm_c2}}
  %y = seq.layer_norm %x bias %b eps 1.0e-5 : tensor<1x3x8xf32> bias tensor<1x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{layer_norm_c3}}
  %y = seq.layer_norm %x eps -1.0e-5 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{layer_norm_c3}}
  %y = seq.layer_norm %x eps 0x7FF8000000000000 : tensor<1x3x8xf32>
  return
}
