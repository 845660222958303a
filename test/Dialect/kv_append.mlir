// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[S:[^:]*]]: !seq.kv<2x8x16xf32>, %[[K:[^:]*]]: tensor<?x?x2x8xf32>, %[[V:[^:]*]]: tensor<?x?x2x16xf32>
// CHECK-NEXT: %{{.*}} = seq.kv_append %[[S]], %[[K]], %[[V]] : <2x8x16xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x16xf32>
func.func @case0(%s: !seq.kv<2x8x16xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x2x16xf32>) {
  %r = seq.kv_append %s, %k, %v : !seq.kv<2x8x16xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x16xf32>
  return
}
