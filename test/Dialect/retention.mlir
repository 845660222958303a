// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x4x8xf32>, %[[K:[^:]*]]: tensor<?x?x4x8xf32>, %[[V:[^:]*]]: tensor<?x?x4x16xf32>
// CHECK-NEXT: %{{.*}} = seq.retention %[[Q]], %[[K]], %[[V]] {scale = 5.000000e-01 : f64} : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x16xf32>
func.func @case0(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x4x8xf32>, %v: tensor<?x?x4x16xf32>) {
  %r = seq.retention %q, %k, %v {scale = 5.000000e-01 : f64} : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x16xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x4x8xf32>, %[[K:[^:]*]]: tensor<?x?x4x8xf32>, %[[V:[^:]*]]: tensor<?x?x4x16xf32>, %[[S:[^:]*]]: !seq.state<4x8x16xf32>
// CHECK-NEXT: %{{.*}} = seq.retention %[[Q]], %[[K]], %[[V]] states(%[[S]] : !seq.state<4x8x16xf32>) {log_decay = array<f64: -1.000000e+00, -5.000000e-01, -2.500000e-01, 0.000000e+00>} : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x16xf32>
func.func @case1(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x4x8xf32>, %v: tensor<?x?x4x16xf32>, %s: !seq.state<4x8x16xf32>) {
  %r:2 = seq.retention %q, %k, %v states(%s : !seq.state<4x8x16xf32>) {log_decay = array<f64: -1.000000e+00, -5.000000e-01, -2.500000e-01, 0.000000e+00>} : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x16xf32>
  return
}
