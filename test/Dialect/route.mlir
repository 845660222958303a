// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @softmax(
// CHECK-SAME: %[[L:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}}, %{{.*}} = seq.route %[[L]] softmax top 2 {renormalise} : tensor<?x?x8xf32>
// CHECK-NEXT: return %{{.*}}, %{{.*}} : tensor<?x?x2xi32>, tensor<?x?x2xf32>
func.func @softmax(%l: tensor<?x?x8xf32>) -> (tensor<?x?x2xi32>, tensor<?x?x2xf32>) {
  %i, %w = seq.route %l softmax top 2 {renormalise} : tensor<?x?x8xf32>
  return %i, %w : tensor<?x?x2xi32>, tensor<?x?x2xf32>
}

// CHECK-LABEL: func.func @sigmoid_groups(
// CHECK-SAME: %[[L:[^:]*]]: tensor<?x?x8xf32>, %[[B:[^:]*]]: tensor<8xf32>
// CHECK-NEXT: seq.route %[[L]] bias %[[B]] sigmoid top 3 {eps = 1.250000e-01 : f64, group_top = 2 : i64, groups = 4 : i64, keep_groups = 2 : i64, renormalise, scale = 2.500000e+00 : f64} : tensor<?x?x8xf32>, tensor<8xf32>
func.func @sigmoid_groups(%l: tensor<?x?x8xf32>, %b: tensor<8xf32>) {
  %i, %w = seq.route %l bias %b sigmoid top 3 {renormalise, eps = 0.125 : f64, scale = 2.5 : f64, groups = 4 : i64,
    keep_groups = 2 : i64, group_top = 2 : i64} : tensor<?x?x8xf32>, tensor<8xf32>
  return
}

// One token, in half precision: weights have the type of the logits.
// CHECK-LABEL: func.func @vector(
// CHECK: seq.route %{{.*}} softmax top 8 : tensor<8xf16>
// CHECK-NEXT: return %{{.*}} : tensor<8xf16>
func.func @vector(%l: tensor<8xf16>) -> tensor<8xf16> {
  %i, %w = seq.route %l softmax top 8 : tensor<8xf16>
  return %w : tensor<8xf16>
}
