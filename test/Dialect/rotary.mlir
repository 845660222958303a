// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x4x8xf32>, %[[P:[^:]*]]: tensor<?x?xi32>
// CHECK-NEXT: %{{.*}} = seq.rotary %[[X]], %[[P]] half : tensor<?x?x4x8xf32>, tensor<?x?xi32>
func.func @case0(%x: tensor<?x?x4x8xf32>, %p: tensor<?x?xi32>) {
  %r = seq.rotary %x, %p half : tensor<?x?x4x8xf32>, tensor<?x?xi32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x4x8xf32>, %[[P:[^:]*]]: tensor<?x?xi64>
// CHECK-NEXT: %{{.*}} = seq.rotary %[[X]], %[[P]] interleaved {base = 1.000000e+06 : f64, dims = 4 : i64, frequencies = array<f64: 1.000000e+00, 1.250000e-01>, magnitude = 1.500000e+00 : f64} : tensor<?x?x4x8xf32>, tensor<?x?xi64>
func.func @case1(%x: tensor<?x?x4x8xf32>, %p: tensor<?x?xi64>) {
  %r = seq.rotary %x, %p interleaved {base = 1.000000e+06 : f64, dims = 4 : i64, frequencies = array<f64: 1.000000e+00, 1.250000e-01>, magnitude = 1.500000e+00 : f64} : tensor<?x?x4x8xf32>, tensor<?x?xi64>
  return
}
