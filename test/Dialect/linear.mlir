// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[W:[^:]*]]: tensor<6x8xf32>
// CHECK-NEXT: %{{.*}} = seq.linear %[[X]], %[[W]] : tensor<?x?x8xf32>, tensor<6x8xf32> -> tensor<?x?x6xf32>
func.func @case0(%x: tensor<?x?x8xf32>, %w: tensor<6x8xf32>) {
  %r = seq.linear %x, %w : tensor<?x?x8xf32>, tensor<6x8xf32> -> tensor<?x?x6xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[W:[^:]*]]: tensor<8x6xbf16>, %[[B:[^:]*]]: tensor<6xf32>
// CHECK-NEXT: %{{.*}} = seq.linear %[[X]], %[[W]] bias %[[B]] {transposed} : tensor<?x?x8xf32>, tensor<8x6xbf16> bias tensor<6xf32> -> tensor<?x?x6xf32>
func.func @case1(%x: tensor<?x?x8xf32>, %w: tensor<8x6xbf16>, %b: tensor<6xf32>) {
  %r = seq.linear %x, %w bias %b {transposed} : tensor<?x?x8xf32>, tensor<8x6xbf16> bias tensor<6xf32> -> tensor<?x?x6xf32>
  return
}

// CHECK-LABEL: func.func @case2(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x64xf32>, %[[W:[^:]*]]: tensor<6x64x!seq.q4_1>
// CHECK-NEXT: %{{.*}} = seq.linear %[[X]], %[[W]] : tensor<?x?x64xf32>, tensor<6x64x!seq.q4_1> -> tensor<?x?x6xf32>
func.func @case2(%x: tensor<?x?x64xf32>, %w: tensor<6x64x!seq.q4_1>) {
  %r = seq.linear %x, %w : tensor<?x?x64xf32>, tensor<6x64x!seq.q4_1> -> tensor<?x?x6xf32>
  return
}
