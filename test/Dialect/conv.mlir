// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[W:[^:]*]]: tensor<8x4xf32>
// CHECK-NEXT: %{{.*}} = seq.conv %[[X]], %[[W]] : tensor<?x?x8xf32>, tensor<8x4xf32>
func.func @case0(%x: tensor<?x?x8xf32>, %w: tensor<8x4xf32>) {
  %r = seq.conv %x, %w : tensor<?x?x8xf32>, tensor<8x4xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[W:[^:]*]]: tensor<8x4xf32>, %[[B:[^:]*]]: tensor<8xf32>, %[[S:[^:]*]]: !seq.state<3x8xf32>, %[[RESET:[^:]*]]: tensor<?x?xi1>, %[[N:[^:]*]]: tensor<?xi64>
// CHECK-NEXT: %{{.*}} = seq.conv %[[X]], %[[W]] bias(%[[B]] : tensor<8xf32>) states(%[[S]] : !seq.state<3x8xf32>) reset(%[[RESET]] : tensor<?x?xi1>) lengths(%[[N]] : tensor<?xi64>) activation silu : tensor<?x?x8xf32>, tensor<8x4xf32>
func.func @case1(%x: tensor<?x?x8xf32>, %w: tensor<8x4xf32>, %b: tensor<8xf32>, %s: !seq.state<3x8xf32>, %reset: tensor<?x?xi1>, %n: tensor<?xi64>) {
  %r:2 = seq.conv %x, %w bias(%b : tensor<8xf32>) states(%s : !seq.state<3x8xf32>) reset(%reset : tensor<?x?xi1>) lengths(%n : tensor<?xi64>) activation silu : tensor<?x?x8xf32>, tensor<8x4xf32>
  return
}
