// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%s: !seq.state<4xf32>, %r: tensor<?xi64>) {
  // expected-error @+1 {{state_rollback_c1}}
  %n = seq.state_rollback %s, %r : !seq.state<4xf32>, tensor<?xi64>
  return
}

// -----

func.func @f(%s: !seq.kv<2x4xf32>, %r: tensor<i64>) {
  // expected-error @+1 {{state_rollback_c2}}
  %n = seq.state_rollback %s, %r : !seq.kv<2x4xf32>, tensor<i64>
  return
}
