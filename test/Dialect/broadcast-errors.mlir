// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%v: tensor<3xf32>, %l: tensor<1x3x8xf32>) {
  // expected-error @+1 {{broadcast_c1}}
  %y = seq.broadcast %v, %l : tensor<3xf32>, tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%v: tensor<1x1x3x8xf32>, %l: tensor<1x3x8xf32>) {
  // expected-error @+1 {{broadcast_c1}}
  %y = seq.broadcast %v, %l : tensor<1x1x3x8xf32>, tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%v: tensor<8xf32>, %l: tensor<?x?x8xf32>) {
  // expected-error @+1 {{broadcast_c2}}
  %y = seq.broadcast %v, %l leading 4 : tensor<8xf32>, tensor<?x?x8xf32>
  return
}
