// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.last %[[X]] : tensor<?x?x8xf32>
func.func @case0(%x: tensor<?x?x8xf32>) {
  %r = seq.last %x : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?xi32>
// CHECK-NEXT: %{{.*}} = seq.last %[[X]] : tensor<?x?xi32>
func.func @case1(%x: tensor<?x?xi32>) {
  %r = seq.last %x : tensor<?x?xi32>
  return
}
