// RUN: seq-opt %s --verify-diagnostics --seq-choose-forms="form=parallel" | FileCheck %s
// RUN: not seq-opt %s --seq-choose-forms="form=serial" 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not seq-opt %s --seq-choose-forms="form=parallel chunk=16" 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not seq-opt %s --seq-choose-forms="lanes=4" 2>&1 | FileCheck %s --check-prefix=OPTION

// OPTION: error: seq-choose-forms: form is auto, recurrent, chunkwise or parallel

// What is asked of all ops does not reach those that have no such form; the others have it whatever they said.

// CHECK: seq.selective_scan {{.*}} form chunkwise
// CHECK: seq.retention {{.*}} form parallel {seq.form_reason = "asked for by the option form"}
func.func @f(%x: tensor<?x?x16xf32>, %q: tensor<?x?x2x8xf32>, %a: tensor<16x4xf32>, %b: tensor<?x?x1x4xf32>) -> (tensor<?x?x16xf32>, tensor<?x?x2x8xf32>) {
  // expected-warning @+1 {{form=parallel does not apply: selective_scan_c12: a factored decay has no parallel form}}
  %0 = seq.selective_scan %x, %x, %a, %b, %b : tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<16x4xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>
  %1 = seq.retention %q, %q, %q form recurrent : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>
  return %0, %1 : tensor<?x?x16xf32>, tensor<?x?x2x8xf32>
}
