// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[S:[^:]*]]: !seq.kv<2x4xf32>, %[[N:[^:]*]]: tensor<?xi64>
// CHECK-NEXT: %{{.*}} = seq.state_rollback %[[S]], %[[N]] : !seq.kv<2x4xf32>, tensor<?xi64>
func.func @case0(%s: !seq.kv<2x4xf32>, %n: tensor<?xi64>) {
  %r = seq.state_rollback %s, %n : !seq.kv<2x4xf32>, tensor<?xi64>
  return
}
