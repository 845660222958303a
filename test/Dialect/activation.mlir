// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.activation %[[X]] silu : tensor<?x?x8xf32>
func.func @case0(%x: tensor<?x?x8xf32>) {
  %r = seq.activation %x silu : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.activation %[[X]] gelu : tensor<?x?x8xf32>
func.func @case1(%x: tensor<?x?x8xf32>) {
  %r = seq.activation %x gelu : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case2(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.activation %[[X]] gelu_tanh : tensor<?x?x8xf32>
func.func @case2(%x: tensor<?x?x8xf32>) {
  %r = seq.activation %x gelu_tanh : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case3(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.activation %[[X]] relu : tensor<?x?x8xf32>
func.func @case3(%x: tensor<?x?x8xf32>) {
  %r = seq.activation %x relu : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case4(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.activation %[[X]] relu2 : tensor<?x?x8xf32>
func.func @case4(%x: tensor<?x?x8xf32>) {
  %r = seq.activation %x relu2 : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case5(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.activation %[[X]] sigmoid : tensor<?x?x8xf32>
func.func @case5(%x: tensor<?x?x8xf32>) {
  %r = seq.activation %x sigmoid : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case6(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.activation %[[X]] tanh : tensor<?x?x8xf32>
func.func @case6(%x: tensor<?x?x8xf32>) {
  %r = seq.activation %x tanh : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case7(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.activation %[[X]] softplus : tensor<?x?x8xf32>
func.func @case7(%x: tensor<?x?x8xf32>) {
  %r = seq.activation %x softplus : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case8(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.activation %[[X]] identity : tensor<?x?x8xf32>
func.func @case8(%x: tensor<?x?x8xf32>) {
  %r = seq.activation %x identity : tensor<?x?x8xf32>
  return
}
