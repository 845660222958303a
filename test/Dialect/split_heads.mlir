// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.split_heads %[[X]] 2 : tensor<?x?x8xf32>
func.func @case0(%x: tensor<?x?x8xf32>) {
  %r = seq.split_heads %x 2 : tensor<?x?x8xf32>
  return
}
