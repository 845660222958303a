// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%q: tensor<1x3x32xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x5x2x8xf32>) {
  // expected-error @+1 {{attention_c1}}
  %o = seq.attention %q, %k, %v : tensor<1x3x32xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x?x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x5x2x8xf32>) {
  // expected-error @+1 {{attention_c1}}
  %o = seq.attention %q, %k, %v : tensor<1x3x?x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x0x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x5x2x8xf32>) {
  // expected-error @+1 {{attention_c1}}
  %o = seq.attention %q, %k, %v : tensor<1x3x0x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x5x2x8xf32>) {
  // expected-error @+1 {{attention_c2}}
  %o = seq.attention %q, %k : tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %s: !seq.kv<2x8xf32>) {
  // expected-error @+1 {{attention_c2}}
  %o = seq.attention %q, %s, %s : tensor<1x3x4x8xf32>, !seq.kv<2x8xf32>, !seq.kv<2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x5x2x4xf32>, %v: tensor<1x5x2x8xf32>) {
  // expected-error @+1 {{attention_c3}}
  %o = seq.attention %q, %k, %v : tensor<1x3x4x8xf32>, tensor<1x5x2x4xf32>, tensor<1x5x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x6x2x8xf32>) {
  // expected-error @+1 {{attention_c3}}
  %o = seq.attention %q, %k, %v : tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x6x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<2x5x2x8xf32>) {
  // expected-error @+1 {{attention_c3}}
  %o = seq.attention %q, %k, %v : tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<2x5x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<?x3x4x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<2x5x2x8xf32>) {
  // expected-error @+1 {{attention_c3}}
  %o = seq.attention %q, %k, %v : tensor<?x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<2x5x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x5x0x8xf32>, %v: tensor<1x5x0x8xf32>) {
  // expected-error @+1 {{attention_c3}}
  %o = seq.attention %q, %k, %v : tensor<1x3x4x8xf32>, tensor<1x5x0x8xf32>, tensor<1x5x0x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x5x8xf32>) {
  // expected-error @+1 {{attention_c3}}
  %o = seq.attention %q, %k, %v : tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %s: !seq.kv<2x4xf32>) {
  // expected-error @+1 {{attention_c3}}
  %o = seq.attention %q, %s : tensor<1x3x4x8xf32>, !seq.kv<2x4xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x3x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x5x2x8xf32>) {
  // expected-error @+1 {{attention_c4}}
  %o = seq.attention %q, %k, %v : tensor<1x3x3x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x5x2x8xf32>) {
  // expected-error @+1 {{attention_c5}}
  %o = seq.attention %q, %k, %v {window = 4 : i64} : tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x5x2x8xf32>) {
  // expected-error @+1 {{attention_c5}}
  %o = seq.attention %q, %k, %v {causal, window = -4 : i64} : tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x5x2x8xf32>) {
  // expected-error @+1 {{attention_c6}}
  %o = seq.attention %q, %k, %v {softcap = -1.0 : f64} : tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x5x2x8xf32>) {
  // expected-error @+1 {{attention_c6}}
  %o = seq.attention %q, %k, %v {softcap = 0x7FF8000000000000 : f64} : tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x5x2x8xf32>, %s: tensor<2xf32>) {
  // expected-error @+1 {{attention_c7}}
  %o = seq.attention %q, %k, %v sink %s : tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32> sink tensor<2xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x5x2x8xf32>, %p: tensor<1x5xi32>) {
  // expected-error @+1 {{attention_c8}}
  %o = seq.attention %q, %k, %v positions %p : tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32> positions tensor<1x5xi32>
  return
}
