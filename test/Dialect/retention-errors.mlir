// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%q: tensor<1x3x?x8xf32>, %k: tensor<1x3x?x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{retention_c1}}
  %o = seq.retention %q, %k, %v : tensor<1x3x?x8xf32>, tensor<1x3x?x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x3x4x4xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{retention_c2}}
  %o = seq.retention %q, %k, %v : tensor<1x3x4x8xf32>, tensor<1x3x4x4xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x3x8xf32>, %k: tensor<1x3x3x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{retention_c3}}
  %o = seq.retention %q, %k, %v : tensor<1x3x3x8xf32>, tensor<1x3x3x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x3x4x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{retention_c4}}
  %o = seq.retention %q, %k, %v {log_decay = array<f64: -1.0>} : tensor<1x3x4x8xf32>, tensor<1x3x4x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x3x4x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{retention_c4}}
  %o = seq.retention %q, %k, %v {log_decay = array<f64: -1.0, -1.0, -1.0, 0.5>} : tensor<1x3x4x8xf32>, tensor<1x3x4x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x3x4x8xf32>, %v: tensor<1x3x4x6xf32>, %s: !seq.state<4x8x8xf32>) {
  // expected-error @+1 {{retention_c5}}
  %o:2 = seq.retention %q, %k, %v states(%s : !seq.state<4x8x8xf32>) : tensor<1x3x4x8xf32>, tensor<1x3x4x8xf32>, tensor<1x3x4x6xf32>
  return
}
