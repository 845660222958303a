// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.rms_norm %[[X]] eps 1.000000e-05 : tensor<?x?x8xf32>
func.func @case0(%x: tensor<?x?x8xf32>) {
  %r = seq.rms_norm %x eps 1.000000e-05 : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[W:[^:]*]]: tensor<8xf32>
// CHECK-NEXT: %{{.*}} = seq.rms_norm %[[X]] weight %[[W]] eps 1.000000e-05 {weight_offset = 1.000000e+00 : f64} : tensor<?x?x8xf32>, tensor<8xf32>
func.func @case1(%x: tensor<?x?x8xf32>, %w: tensor<8xf32>) {
  %r = seq.rms_norm %x weight %w eps 1.000000e-05 {weight_offset = 1.000000e+00 : f64} : tensor<?x?x8xf32>, tensor<8xf32>
  return
}
