// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x4x8xf32>, %[[K:[^:]*]]: tensor<?x?x2x8xf32>, %[[V:[^:]*]]: tensor<?x?x2x16xf32>
// CHECK-NEXT: %{{.*}} = seq.attention %[[Q]], %[[K]], %[[V]] : tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x16xf32>
func.func @case0(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x2x16xf32>) {
  %r = seq.attention %q, %k, %v : tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x16xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x4x8xf32>, %[[K:[^:]*]]: tensor<?x?x2x8xf32>, %[[V:[^:]*]]: tensor<?x?x2x16xf32>, %[[S:[^:]*]]: tensor<4xf32>, %[[P:[^:]*]]: tensor<?x?xi32>
// CHECK-NEXT: %{{.*}} = seq.attention %[[Q]], %[[K]], %[[V]] sink %[[S]] positions %[[P]] {causal, scale = 5.000000e-01 : f64, softcap = 3.000000e+01 : f64, window = 7 : i64} : tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x16xf32> sink tensor<4xf32> positions tensor<?x?xi32>
func.func @case1(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x2x16xf32>, %s: tensor<4xf32>, %p: tensor<?x?xi32>) {
  %r = seq.attention %q, %k, %v sink %s positions %p {causal, scale = 5.000000e-01 : f64, softcap = 3.000000e+01 : f64, window = 7 : i64} : tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x16xf32> sink tensor<4xf32> positions tensor<?x?xi32>
  return
}

// CHECK-LABEL: func.func @case2(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x1x4x8xf32>, %[[KV:[^:]*]]: !seq.kv<2x8x16xf32>
// CHECK-NEXT: %{{.*}} = seq.attention %[[Q]], %[[KV]] {causal} : tensor<?x1x4x8xf32>, !seq.kv<2x8x16xf32>
func.func @case2(%q: tensor<?x1x4x8xf32>, %kv: !seq.kv<2x8x16xf32>) {
  %r = seq.attention %q, %kv {causal} : tensor<?x1x4x8xf32>, !seq.kv<2x8x16xf32>
  return
}

// CHECK-LABEL: func.func @case3(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x4x8xf32>, %[[KV:[^:]*]]: !seq.kv<2x8xf32>
// CHECK-NEXT: %{{.*}} = seq.attention %[[Q]], %[[KV]] {lse} : tensor<?x?x4x8xf32>, !seq.kv<2x8xf32>
func.func @case3(%q: tensor<?x?x4x8xf32>, %kv: !seq.kv<2x8xf32>) {
  %r:2 = seq.attention %q, %kv {lse} : tensor<?x?x4x8xf32>, !seq.kv<2x8xf32>
  return
}
