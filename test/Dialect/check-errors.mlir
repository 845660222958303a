// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x4xf32>) {
  // expected-error @+1 {{make_state_c1}}
  %s = check.make_state %x : tensor<1x4xf32> -> !seq.state<5xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{make_state_c1}}
  %s = check.make_state %x : tensor<4xf32> -> !seq.state<4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x2x4xf32>) {
  // expected-error @+1 {{make_state_c1: a KV state is keys and values}}
  %s = check.make_state %x : tensor<1x3x2x4xf32> -> !seq.kv<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x2x4xf32>) {
  // expected-error @+1 {{make_state_c1}}
  %s = check.make_state %x, %x : tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32> -> !seq.kv<2x4x8xf32>
  return
}

// -----

func.func @f(%s: !seq.state<4xf32>) {
  // expected-error @+1 {{state_contents_c1}}
  %x = check.state_contents %s : !seq.state<4xf32> -> tensor<1x4xf64>
  return
}

// -----

func.func @f(%s: !seq.state<i64>) {
  // expected-error @+1 {{state_contents_c1}}
  %x:2 = check.state_contents %s : !seq.state<i64> -> tensor<1xi64>, tensor<1xi64>
  return
}
