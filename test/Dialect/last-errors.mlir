// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<3xf32>) {
  // expected-error @+1 {{last_c1}}
  %y = seq.last %x : tensor<3xf32>
  return
}
