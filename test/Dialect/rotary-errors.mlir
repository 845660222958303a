// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3x32xf32>, %p: tensor<1x3xi32>) {
  // expected-error @+1 {{rotary_c1}}
  %y = seq.rotary %x, %p half : tensor<1x3x32xf32>, tensor<1x3xi32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x?xf32>, %p: tensor<1x3xi32>) {
  // expected-error @+1 {{rotary_c1}}
  %y = seq.rotary %x, %p half : tensor<1x3x4x?xf32>, tensor<1x3xi32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x8xf32>, %p: tensor<1x4xi32>) {
  // expected-error @+1 {{rotary_c2}}
  %y = seq.rotary %x, %p half : tensor<1x3x4x8xf32>, tensor<1x4xi32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x8xf32>, %p: tensor<3xi32>) {
  // expected-error @+1 {{rotary_c2}}
  %y = seq.rotary %x, %p half : tensor<1x3x4x8xf32>, tensor<3xi32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x8xf32>, %p: tensor<1x3xi32>) {
  // expected-error @+1 {{rotary_c3}}
  %y = seq.rotary %x, %p half {dims = 3 : i64} : tensor<1x3x4x8xf32>, tensor<1x3xi32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x8xf32>, %p: tensor<1x3xi32>) {
  // expected-error @+1 {{rotary_c3}}
  %y = seq.rotary %x, %p half {dims = 10 : i64} : tensor<1x3x4x8xf32>, tensor<1x3xi32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x8xf32>, %p: tensor<1x3xi32>) {
  // expected-error @+1 {{rotary_c3}}
  %y = seq.rotary %x, %p half {dims = -2 : i64} : tensor<1x3x4x8xf32>, tensor<1x3xi32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x7xf32>, %p: tensor<1x3xi32>) {
  // expected-error @+1 {{rotary_c3}}
  %y = seq.rotary %x, %p half : tensor<1x3x4x7xf32>, tensor<1x3xi32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x8xf32>, %p: tensor<1x3xi32>) {
  // expected-error @+1 {{rotary_c4}}
  %y = seq.rotary %x, %p half {frequencies = array<f64: 1.0>} : tensor<1x3x4x8xf32>, tensor<1x3xi32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x8xf32>, %p: tensor<1x3xi32>) {
  // expected-error @+1 {{rotary_c5}}
  %y = seq.rotary %x, %p half {base = 0.0 : f64} : tensor<1x3x4x8xf32>, tensor<1x3xi32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x8xf32>, %p: tensor<1x3xi32>) {
  // expected-error @+1 {{rotary_c5}}
  %y = seq.rotary %x, %p half {base = 0x7FF8000000000000 : f64} : tensor<1x3x4x8xf32>, tensor<1x3xi32>
  return
}
