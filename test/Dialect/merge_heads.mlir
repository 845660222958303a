// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x2x4xf32>
// CHECK-NEXT: %{{.*}} = seq.merge_heads %[[X]] : tensor<?x?x2x4xf32>
func.func @case0(%x: tensor<?x?x2x4xf32>) {
  %r = seq.merge_heads %x : tensor<?x?x2x4xf32>
  return
}
