// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3x?xf32>) {
  // expected-error @+1 {{group_norm_c1}}
  %y = seq.group_norm %x groups 2 eps 1.0e-5 : tensor<1x3x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x0xf32>) {
  // expected-error @+1 {{group_norm_c1}}
  %y = seq.group_norm %x groups 2 eps 1.0e-5 : tensor<1x3x0xf32>
  return
}

// -----

func.func @f(%x: tensor<f32>) {
  // expected-error @+1 {{group_norm_c1}}
  %y = seq.group_norm %x groups 2 eps 1.0e-5 : tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<4xf32>) {
  // expected-error @+1 {{group_norm_c2}}
  %y = seq.group_norm %x weight %w groups 2 eps 1.0e-5 : tensor<1x3x8xf32> weight tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %b: tensor<1x8xf32>) {
  // expected-error @+1 {{group_norm_c2}}
  %y = seq.group_norm %x bias %b groups 2 eps 1.0e-5 : tensor<1x3x8xf32> bias tensor<1x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{group_norm_c3}}
  %y = seq.group_norm %x groups 2 eps -1.0e-5 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{group_norm_c3}}
  %y = seq.group_norm %x groups 2 eps 0x7FF8000000000000 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{group_norm_c4}}
  %y = seq.group_norm %x groups 3 eps 1.0e-5 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{group_norm_c4}}
  %y = seq.group_norm %x groups 0 eps 1.0e-5 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %z: tensor<8xf32>) {
  // expected-error @+1 {{group_norm_c5}}
  %y = seq.group_norm %x gate(%z : tensor<8xf32>) groups 2 eps 1.0e-05 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{group_norm_c6}}
  %y = seq.group_norm %x groups 2 eps 1.0e-05 {gate_first} : tensor<1x3x8xf32>
  return
}
