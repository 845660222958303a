// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%b: index) {
  // expected-error @+1 {{state_init_c1}}
  %s = seq.state_init %b : !seq.kv<2x8xf32>
  return
}

// -----

func.func @f(%b: index) {
  // expected-error @+1 {{state_init_c1}}
  %s = seq.state_init %b capacity %b : !seq.state<8xf32>
  return
}
