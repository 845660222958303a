// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<3xf32>) {
  // expected-error @+1 {{positions_c1}}
  %p = seq.positions %x : tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3xf32>, %s: !seq.state<f32>) {
  // expected-error @+1 {{positions_c2}}
  %p, %n = seq.positions %x state %s : tensor<1x3xf32>, !seq.state<f32>
  return
}
