// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[V:[^:]*]]: tensor<8xf32>, %[[L:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.broadcast %[[V]], %[[L]] : tensor<8xf32>, tensor<?x?x8xf32>
func.func @case0(%v: tensor<8xf32>, %l: tensor<?x?x8xf32>) {
  %r = seq.broadcast %v, %l : tensor<8xf32>, tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[V:[^:]*]]: tensor<i1>, %[[L:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.broadcast %[[V]], %[[L]] : tensor<i1>, tensor<?x?x8xf32>
func.func @case1(%v: tensor<i1>, %l: tensor<?x?x8xf32>) {
  %r = seq.broadcast %v, %l : tensor<i1>, tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case2(
// CHECK-SAME: %[[V:[^:]*]]: tensor<3x5xi32>, %[[L:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %[[Y:.*]] = seq.broadcast %[[V]], %[[L]] leading 2 : tensor<3x5xi32>, tensor<?x?x8xf32>
// CHECK-NEXT: return %[[Y]] : tensor<?x?x3x5xi32>
func.func @case2(%v: tensor<3x5xi32>, %l: tensor<?x?x8xf32>) -> tensor<?x?x3x5xi32> {
  %r = seq.broadcast %v, %l leading 2 : tensor<3x5xi32>, tensor<?x?x8xf32>
  return %r : tensor<?x?x3x5xi32>
}
