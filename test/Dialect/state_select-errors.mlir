// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%s: !seq.state<4xf32>, %r: tensor<?x?xi64>) {
  // expected-error @+1 {{state_select_c1}}
  %n = seq.state_select %s, %r : !seq.state<4xf32>, tensor<?x?xi64>
  return
}
