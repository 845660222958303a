// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x5xf32>
// CHECK-NEXT: %{{.*}} = seq.positions %[[X]] : tensor<?x?x5xf32>
func.func @case0(%x: tensor<?x?x5xf32>) {
  %r = seq.positions %x : tensor<?x?x5xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?xi32>, %[[S:[^:]*]]: !seq.state<i64>
// CHECK-NEXT: %{{.*}} = seq.positions %[[X]] state %[[S]] : tensor<?x?xi32>, !seq.state<i64>
func.func @case1(%x: tensor<?x?xi32>, %s: !seq.state<i64>) {
  %r:2 = seq.positions %x state %s : tensor<?x?xi32>, !seq.state<i64>
  return
}
