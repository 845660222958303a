// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[G:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.scan %[[X]], %[[G]] : tensor<?x?x8xf32>, tensor<?x?x8xf32>
func.func @case0(%x: tensor<?x?x8xf32>, %g: tensor<?x?x8xf32>) {
  %r = seq.scan %x, %g : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[G:[^:]*]]: tensor<8xf32>, %[[S:[^:]*]]: !seq.state<8xf32>, %[[RESET:[^:]*]]: tensor<?x?xi1>, %[[N:[^:]*]]: tensor<?xi64>
// CHECK-NEXT: %{{.*}} = seq.scan %[[X]], %[[G]] states(%[[S]] : !seq.state<8xf32>) reset(%[[RESET]] : tensor<?x?xi1>) lengths(%[[N]] : tensor<?xi64>) form parallel : tensor<?x?x8xf32>, tensor<8xf32>
func.func @case1(%x: tensor<?x?x8xf32>, %g: tensor<8xf32>, %s: !seq.state<8xf32>, %reset: tensor<?x?xi1>, %n: tensor<?xi64>) {
  %r:2 = seq.scan %x, %g states(%s : !seq.state<8xf32>) reset(%reset : tensor<?x?xi1>) lengths(%n : tensor<?xi64>) form parallel : tensor<?x?x8xf32>, tensor<8xf32>
  return
}

// CHECK-LABEL: func.func @case2(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8x4x2xf32>, %[[G:[^:]*]]: tensor<8x4x2xf32>
// CHECK-NEXT: %{{.*}} = seq.scan %[[X]], %[[G]] {complex} : tensor<?x?x8x4x2xf32>, tensor<8x4x2xf32>
func.func @case2(%x: tensor<?x?x8x4x2xf32>, %g: tensor<8x4x2xf32>) {
  %r = seq.scan %x, %g {complex} : tensor<?x?x8x4x2xf32>, tensor<8x4x2xf32>
  return
}
