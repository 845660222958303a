// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @one_input(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[I:[^:]*]]: tensor<?x?x2xi32>, %[[W:[^:]*]]: tensor<4x6x8xbf16>
// CHECK-NEXT: seq.expert_linear %[[X]], %[[I]], %[[W]] : tensor<?x?x8xf32>, tensor<?x?x2xi32>, tensor<4x6x8xbf16>
// CHECK-NEXT: return %{{.*}} : tensor<?x?x2x6xf32>
func.func @one_input(%x: tensor<?x?x8xf32>, %i: tensor<?x?x2xi32>, %w: tensor<4x6x8xbf16>) -> tensor<?x?x2x6xf32> {
  %y = seq.expert_linear %x, %i, %w : tensor<?x?x8xf32>, tensor<?x?x2xi32>, tensor<4x6x8xbf16>
  return %y : tensor<?x?x2x6xf32>
}

// CHECK-LABEL: func.func @combined(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x2x32xf32>, %[[I:[^:]*]]: tensor<?x?x2xi32>, %[[W:[^:]*]]: tensor<4x6x32x!seq.q4_1>, %[[B:[^:]*]]: tensor<4x6xf32>, %[[C:[^:]*]]: tensor<?x?x2xf32>
// CHECK-NEXT: seq.expert_linear %[[X]], %[[I]], %[[W]] bias %[[B]] combine %[[C]] : tensor<?x?x2x32xf32>, tensor<?x?x2xi32>, tensor<4x6x32x!seq.q4_1> bias tensor<4x6xf32> combine tensor<?x?x2xf32>
// CHECK-NEXT: return %{{.*}} : tensor<?x?x6xf32>
func.func @combined(%x: tensor<?x?x2x32xf32>, %i: tensor<?x?x2xi32>, %w: tensor<4x6x32x!seq.q4_1>, %b: tensor<4x6xf32>,
                    %c: tensor<?x?x2xf32>) -> tensor<?x?x6xf32> {
  %y = seq.expert_linear %x, %i, %w bias %b combine %c : tensor<?x?x2x32xf32>, tensor<?x?x2xi32>,
    tensor<4x6x32x!seq.q4_1> bias tensor<4x6xf32> combine tensor<?x?x2xf32>
  return %y : tensor<?x?x6xf32>
}
