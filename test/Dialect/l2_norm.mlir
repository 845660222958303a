// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.l2_norm %[[X]] eps 1.000000e-05 : tensor<?x?x8xf32>
func.func @case0(%x: tensor<?x?x8xf32>) {
  %r = seq.l2_norm %x eps 1.000000e-05 : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.l2_norm %[[X]] eps 1.000000e-05 mode max : tensor<?x?x8xf32>
func.func @case1(%x: tensor<?x?x8xf32>) {
  %r = seq.l2_norm %x eps 1.000000e-05 mode max : tensor<?x?x8xf32>
  return
}
