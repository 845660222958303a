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

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{retention_c6}}
  %o = seq.retention %q, %k, %v form recurrent {chunk = 16 : i64} : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{retention_c6}}
  %o = seq.retention %q, %k, %v {chunk = -1 : i64} : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %r: tensor<1x4xi1>) {
  // expected-error @+1 {{retention_c7}}
  %o = seq.retention %q, %k, %v reset(%r : tensor<1x4xi1>) : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %n: tensor<1x1xi64>) {
  // expected-error @+1 {{retention_c7}}
  %o = seq.retention %q, %k, %v lengths(%n : tensor<1x1xi64>) : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}
