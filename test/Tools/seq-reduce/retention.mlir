// A program made smaller for as long as it has a retention.

// RUN: %seq-reduce %s --reduction-tree='test=%S/Inputs/has_retention.sh' --reduction-tree='test=%S/Inputs/has_retention.sh' -o %t.mlir
// RUN: %seq-opt %t.mlir | FileCheck %s '--implicit-check-not={{seq[m]?\.|arith|func\.func}}'

// CHECK: func.func @forward({{.*}}) -> tensor<?x?x48xf32> {
// CHECK-NEXT: seq.retention
// CHECK-NEXT: return

// RUN: not %seq-reduce %s --reduction-tree='test=%S/Inputs/never.sh' -o %t.none 2>&1 | FileCheck %s --check-prefix=NEVER
// NEVER: {{^}}seq-reduce: error: nothing is reduced: the program has errors, or the script that test= names does not exit with 1 for it
// RUN: not ls %t.none

module {
  seqm.parameter @norm : tensor<48xf32> = dense<1.0> : tensor<48xf32>
  seqm.parameter @q : tensor<48x48xf32> = #seqm.normal<seed = 1, stddev = 1.4e-1 : f64>
  seqm.export "forward" = @forward kind "forward" arguments ["x"] results ["y"]
  seqm.export "other" = @other kind "forward" arguments ["x"] results ["y"]

  func.func private @layer(%x: tensor<?x?x48xf32>, %w: tensor<48x48xf32>) -> tensor<?x?x48xf32> {
    %y = seq.linear %x, %w : tensor<?x?x48xf32>, tensor<48x48xf32> -> tensor<?x?x48xf32>
    return %y : tensor<?x?x48xf32>
  }

  func.func @other(%x: tensor<?x?x48xf32>) -> tensor<?x?x48xf32> {
    %y = arith.negf %x : tensor<?x?x48xf32>
    return %y : tensor<?x?x48xf32>
  }

  func.func @forward(%x: tensor<?x?x48xf32>) -> tensor<?x?x48xf32> {
    %norm = seqm.load @norm : tensor<48xf32>
    %wq = seqm.load @q : tensor<48x48xf32>
    %h = seq.rms_norm %x weight %norm eps 1.0e-6 : tensor<?x?x48xf32>, tensor<48xf32>
    %q0 = func.call @layer(%h, %wq) : (tensor<?x?x48xf32>, tensor<48x48xf32>) -> tensor<?x?x48xf32>
    %q = seq.split_heads %q0 4 : tensor<?x?x48xf32>
    %r = seq.retention %q, %q, %q : tensor<?x?x4x12xf32>, tensor<?x?x4x12xf32>, tensor<?x?x4x12xf32>
    %n = seq.rms_norm %r eps 1.0e-6 : tensor<?x?x4x12xf32>
    %m = seq.merge_heads %n : tensor<?x?x4x12xf32>
    %y = arith.addf %x, %m : tensor<?x?x48xf32>
    return %y : tensor<?x?x48xf32>
  }
}
