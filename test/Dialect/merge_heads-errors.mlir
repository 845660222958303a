// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3x?x4xf32>) {
  // expected-error @+1 {{merge_heads_c1}}
  %y = seq.merge_heads %x : tensor<1x3x?x4xf32>
  return
}

// -----

func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{merge_heads_c1}}
  %y = seq.merge_heads %x : tensor<8xf32>
  return
}
