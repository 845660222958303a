// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @expectations(
// CHECK-SAME: %[[A:.*]]: tensor<2xf32>, %[[B:.*]]: tensor<2xf32>
func.func @expectations(%a: tensor<2xf32>, %b: tensor<2xf32>) {
  // CHECK-NEXT: check.expect_close %[[A]], %[[B]] : tensor<2xf32>
  check.expect_close %a, %b : tensor<2xf32>
  // CHECK-NEXT: check.expect_close %[[A]], %[[B]] {atol = 1.000000e-03 : f64, rtol = 0.000000e+00 : f64} : tensor<2xf32>
  check.expect_close %a, %b {atol = 1.0e-3 : f64, rtol = 0.0 : f64} : tensor<2xf32>
  // CHECK-NEXT: check.expect_equal %[[A]], %[[B]] : tensor<2xf32>
  check.expect_equal %a, %b : tensor<2xf32>
  return
}

// CHECK-LABEL: func.func @states(
func.func @states(%x: tensor<?x4xf32>, %k: tensor<?x3x2x4xf32>, %v: tensor<?x3x2x8xf32>) {
  // CHECK-NEXT: check.make_state %{{.*}} : tensor<?x4xf32> -> !seq.state<4xf32>
  %s = check.make_state %x : tensor<?x4xf32> -> !seq.state<4xf32>
  // CHECK-NEXT: check.make_state %{{.*}}, %{{.*}} {capacity = 9 : i64} : tensor<?x3x2x4xf32>, tensor<?x3x2x8xf32> -> !seq.kv<2x4x8xf32>
  %kv = check.make_state %k, %v {capacity = 9 : i64} : tensor<?x3x2x4xf32>, tensor<?x3x2x8xf32> -> !seq.kv<2x4x8xf32>
  // CHECK-NEXT: check.state_contents %{{.*}} : !seq.kv<2x4x8xf32> -> tensor<?x3x2x4xf32>, tensor<?x3x2x8xf32>
  %k1, %v1 = check.state_contents %kv : !seq.kv<2x4x8xf32> -> tensor<?x3x2x4xf32>, tensor<?x3x2x8xf32>
  return
}
