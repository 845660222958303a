// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[I:[^:]*]]: tensor<?x?xi32>, %[[T:[^:]*]]: tensor<100x64xf16>
// CHECK-NEXT: %{{.*}} = seq.embedding %[[I]], %[[T]] : tensor<?x?xi32>, tensor<100x64xf16> -> tensor<?x?x64xf32>
func.func @case0(%i: tensor<?x?xi32>, %t: tensor<100x64xf16>) {
  %r = seq.embedding %i, %t : tensor<?x?xi32>, tensor<100x64xf16> -> tensor<?x?x64xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[I:[^:]*]]: tensor<?x?xi64>, %[[T:[^:]*]]: tensor<100x64x!seq.q8_0>
// CHECK-NEXT: %{{.*}} = seq.embedding %[[I]], %[[T]] : tensor<?x?xi64>, tensor<100x64x!seq.q8_0> -> tensor<?x?x64xf32>
func.func @case1(%i: tensor<?x?xi64>, %t: tensor<100x64x!seq.q8_0>) {
  %r = seq.embedding %i, %t : tensor<?x?xi64>, tensor<100x64x!seq.q8_0> -> tensor<?x?x64xf32>
  return
}
