// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{split_heads_c1}}
  %y = seq.split_heads %x 3 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{split_heads_c1}}
  %y = seq.split_heads %x 0 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{split_heads_c1}}
  %y = seq.split_heads %x -2 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x?xf32>) {
  // expected-error @+1 {{split_heads_c1}}
  %y = seq.split_heads %x 2 : tensor<1x3x?xf32>
  return
}
