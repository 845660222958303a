// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[G:[^:]*]]: tensor<?x?x8xf32>, %[[U:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.glu %[[G]], %[[U]] gelu_tanh : tensor<?x?x8xf32>
func.func @case0(%g: tensor<?x?x8xf32>, %u: tensor<?x?x8xf32>) {
  %r = seq.glu %g, %u gelu_tanh : tensor<?x?x8xf32>
  return
}
