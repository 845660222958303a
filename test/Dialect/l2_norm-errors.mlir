// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3x?xf32>) {
  // expected-error @+1 {{l2_norm_c1}}
  %y = seq.l2_norm %x eps 1.0e-5 : tensor<1x3x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error @+1 {{l2_norm_c3}}
  %y = seq.l2_norm %x eps -1.0 mode max : tensor<1x3x8xf32>
  return
}
