// RUN: seq-opt %s --seq-hoist-last --verify-diagnostics | FileCheck %s

// What is not known to be pointwise keeps all positions.

// CHECK-LABEL: func.func @sum(
// CHECK: %[[G:.*]] = linalg.generic
// CHECK: seq.last %[[G]] : tensor<?x?xf32>
// expected-remark @+1 {{all positions are computed, though seq.last reads one: 'linalg.generic' op pairs positions of operand 1 with others}}
func.func @sum(%x: tensor<?x?x8xf32>, %init: tensor<?x?xf32>) -> tensor<?x1xf32> {
  %sum = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>, affine_map<(b, t, d) -> (b, d)>],
                         iterator_types = ["parallel", "reduction", "parallel"]} ins(%x : tensor<?x?x8xf32>) outs(%init : tensor<?x?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.addf %in, %out : f32
    linalg.yield %n : f32
  } -> tensor<?x?xf32>
  %last = seq.last %sum : tensor<?x?xf32>
  return %last : tensor<?x1xf32>
}
seqm.export "f" = @sum kind "other" arguments ["x", "i"] results ["y"]
