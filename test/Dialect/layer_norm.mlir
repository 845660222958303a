// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.layer_norm %[[X]] eps 1.000000e-05 : tensor<?x?x8xf32>
func.func @case0(%x: tensor<?x?x8xf32>) {
  %r = seq.layer_norm %x eps 1.000000e-05 : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[W:[^:]*]]: tensor<8xf32>, %[[B:[^:]*]]: tensor<8xf32>
// CHECK-NEXT: %{{.*}} = seq.layer_norm %[[X]] weight %[[W]] bias %[[B]] eps 1.000000e-05 : tensor<?x?x8xf32> weight tensor<8xf32> bias tensor<8xf32>
func.func @case1(%x: tensor<?x?x8xf32>, %w: tensor<8xf32>, %b: tensor<8xf32>) {
  %r = seq.layer_norm %x weight %w bias %b eps 1.000000e-05 : tensor<?x?x8xf32> weight tensor<8xf32> bias tensor<8xf32>
  return
}

// CHECK-LABEL: func.func @case2(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[B:[^:]*]]: tensor<8xf32>
// CHECK-NEXT: %{{.*}} = seq.layer_norm %[[X]] bias %[[B]] eps 1.000000e-05 : tensor<?x?x8xf32> bias tensor<8xf32>
func.func @case2(%x: tensor<?x?x8xf32>, %b: tensor<8xf32>) {
  %r = seq.layer_norm %x bias %b eps 1.000000e-05 : tensor<?x?x8xf32> bias tensor<8xf32>
  return
}
