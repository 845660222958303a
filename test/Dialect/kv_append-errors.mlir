// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%s: !seq.kv<2x8x4xf32>, %k: tensor<1x3x2x4xf32>, %v: tensor<1x3x2x4xf32>) {
  // expected-error @+1 {{kv_append_c1}}
  %n = seq.kv_append %s, %k, %v : !seq.kv<2x8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%s: !seq.kv<2x8x4xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x1x4xf32>) {
  // expected-error @+1 {{kv_append_c1}}
  %n = seq.kv_append %s, %k, %v : !seq.kv<2x8x4xf32>, tensor<1x3x2x8xf32>, tensor<1x3x1x4xf32>
  return
}

// -----

func.func @f(%s: !seq.kv<2x8x4xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x4x2x4xf32>) {
  // expected-error @+1 {{kv_append_c1}}
  %n = seq.kv_append %s, %k, %v : !seq.kv<2x8x4xf32>, tensor<1x3x2x8xf32>, tensor<1x4x2x4xf32>
  return
}

// -----

func.func @f(%s: !seq.kv<2x8x4xf32>, %k: tensor<3x2x8xf32>, %v: tensor<1x3x2x4xf32>) {
  // expected-error @+1 {{kv_append_c1}}
  %n = seq.kv_append %s, %k, %v : !seq.kv<2x8x4xf32>, tensor<3x2x8xf32>, tensor<1x3x2x4xf32>
  return
}
