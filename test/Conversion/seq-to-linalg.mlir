// RUN: seq-opt %s --seq-to-linalg | FileCheck %s

// CHECK-LABEL: func.func @activation(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>)
// CHECK: linalg.generic {{.*}} ins(%[[X]] : tensor<?x?x8xf32>)
// CHECK-NEXT: ^bb0(%[[I:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: %[[N:.*]] = arith.negf %[[I]]
// CHECK-NEXT: %[[E:.*]] = math.exp %[[N]]
// CHECK-NEXT: %[[S:.*]] = arith.addf %[[E]], %{{.*}}
// CHECK-NEXT: %[[Y:.*]] = arith.divf %[[I]], %[[S]]
// CHECK-NEXT: linalg.yield %[[Y]]
func.func @activation(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y = seq.activation %x silu : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// Narrow floats are computed in f32 and rounded once.
// CHECK-LABEL: func.func @narrow(
// CHECK: ^bb0(%[[G:.*]]: bf16, %[[U:.*]]: bf16, %{{.*}}: bf16):
// CHECK-DAG: %[[GW:.*]] = arith.extf %[[G]] : bf16 to f32
// CHECK-DAG: %[[UW:.*]] = arith.extf %[[U]] : bf16 to f32
// CHECK: %[[A:.*]] = arith.select %{{.*}}, %{{.*}}, %[[GW]] : f32
// CHECK: %[[M:.*]] = arith.mulf %[[A]], %[[UW]] : f32
// CHECK: %[[R:.*]] = arith.truncf %[[M]] : f32 to bf16
// CHECK-NEXT: linalg.yield %[[R]]
func.func @narrow(%g: tensor<?x4xbf16>, %u: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
  %y = seq.glu %g, %u relu : tensor<?x4xbf16>
  return %y : tensor<?x4xbf16>
}

// CHECK-LABEL: func.func @heads(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>)
// CHECK: %[[H:.*]] = tensor.expand_shape %[[X]] {{\[\[}}0], [1], [2, 3]] output_shape [%{{.*}}, %{{.*}}, 2, 4]
// CHECK: %[[E:.*]] = math.exp %[[H]] : tensor<?x?x2x4xf32>
// CHECK: tensor.collapse_shape %[[E]] {{\[\[}}0], [1], [2, 3]]
func.func @heads(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %h = seq.split_heads %x 2 : tensor<?x?x8xf32>
  %e = math.exp %h : tensor<?x?x2x4xf32>
  %m = seq.merge_heads %e : tensor<?x?x2x4xf32>
  return %m : tensor<?x?x8xf32>
}

// A broadcast to the same shape is its value.
// CHECK-LABEL: func.func @broadcast(
// CHECK-SAME: %[[V:.*]]: tensor<8xf32>, %[[X:.*]]: tensor<?x?x8xf32>)
// CHECK: %[[B:.*]] = linalg.broadcast ins(%[[V]] : tensor<8xf32>) outs(%{{.*}} : tensor<?x?x8xf32>) dimensions = [0, 1]
// CHECK-NEXT: return %[[B]]
func.func @broadcast(%v: tensor<8xf32>, %x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %b = seq.broadcast %v, %x : tensor<8xf32>, tensor<?x?x8xf32>
  %c = seq.broadcast %b, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %c : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @retention(
// CHECK: %[[G:.*]] = arith.constant dense<[-1.000000e+00, -5.000000e-01]> : tensor<2xf32>
// CHECK: seq.state_mix %{{.*}}, %{{.*}}, %{{.*}} g(%[[G]] : tensor<2xf32>) decay static update outer read post
// CHECK-NOT: seq.retention
func.func @retention(%q: tensor<?x?x2x4xf32>) -> tensor<?x?x2x4xf32> {
  %o = seq.retention %q, %q, %q {log_decay = array<f64: -1.0, -0.5>} : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  return %o : tensor<?x?x2x4xf32>
}

// What has a kernel stays.
// CHECK-LABEL: func.func @kernels(
// CHECK-NEXT: seq.l2_norm
// CHECK-NEXT: seq.attention
// CHECK-NEXT: return
func.func @kernels(%x: tensor<?x?x2x4xf32>) -> tensor<?x?x2x4xf32> {
  %n = seq.l2_norm %x eps 1.0e-6 : tensor<?x?x2x4xf32>
  %o = seq.attention %n, %n, %n {causal} : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  return %o : tensor<?x?x2x4xf32>
}
