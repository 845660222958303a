// RUN: seq-opt %s --seq-widen-elements | FileCheck %s

// Kernels work in f32: what they read is widened, what they give rounded.

// CHECK-LABEL: func.func @norm(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf16>, %[[W:.*]]: tensor<8xbf16>)
// CHECK-DAG: %[[XW:.*]] = arith.extf %[[X]] : tensor<?x?x8xf16> to tensor<?x?x8xf32>
// CHECK-DAG: %[[WW:.*]] = arith.extf %[[W]] : tensor<8xbf16> to tensor<8xf32>
// CHECK: %[[N:.*]] = seq.rms_norm %[[XW]] weight %[[WW]] {{.*}} : tensor<?x?x8xf32>, tensor<8xf32>
// CHECK: %[[Y:.*]] = arith.truncf %[[N]] : tensor<?x?x8xf32> to tensor<?x?x8xf16>
// CHECK: return %[[Y]]
func.func @norm(%x: tensor<?x?x8xf16>, %w: tensor<8xbf16>) -> tensor<?x?x8xf16> {
  %y = seq.rms_norm %x weight %w eps 1.0e-5 : tensor<?x?x8xf16>, tensor<8xbf16>
  return %y : tensor<?x?x8xf16>
}

// Matrices stay as they are stored.
// CHECK-LABEL: func.func @matrices(
// CHECK-SAME: %[[IDS:.*]]: tensor<?x?xi64>, %[[W:.*]]: tensor<8x8xbf16>)
// CHECK: %[[E:.*]] = seq.embedding %[[IDS]], %[[W]] : tensor<?x?xi64>, tensor<8x8xbf16> -> tensor<?x?x8xf32>
// CHECK: %[[EN:.*]] = arith.truncf %[[E]]
// CHECK: %[[EW:.*]] = arith.extf %[[EN]]
// CHECK: seq.linear %[[EW]], %[[W]] : tensor<?x?x8xf32>, tensor<8x8xbf16> -> tensor<?x?x8xf32>
func.func @matrices(%ids: tensor<?x?xi64>, %w: tensor<8x8xbf16>) -> tensor<?x?x8xbf16> {
  %e = seq.embedding %ids, %w : tensor<?x?xi64>, tensor<8x8xbf16> -> tensor<?x?x8xbf16>
  %y = seq.linear %e, %w : tensor<?x?x8xbf16>, tensor<8x8xbf16> -> tensor<?x?x8xbf16>
  return %y : tensor<?x?x8xbf16>
}

// CHECK-LABEL: func.func @experts(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf16>, %[[I:.*]]: tensor<?x?x2xi32>, %[[W:.*]]: tensor<4x6x8xbf16>)
// CHECK: %[[XW:.*]] = arith.extf %[[X]]
// CHECK: seq.expert_linear %[[XW]], %[[I]], %[[W]] : tensor<?x?x8xf32>, tensor<?x?x2xi32>, tensor<4x6x8xbf16>
func.func @experts(%x: tensor<?x?x8xf16>, %i: tensor<?x?x2xi32>, %w: tensor<4x6x8xbf16>) -> tensor<?x?x2x6xf16> {
  %y = seq.expert_linear %x, %i, %w : tensor<?x?x8xf16>, tensor<?x?x2xi32>, tensor<4x6x8xbf16>
  return %y : tensor<?x?x2x6xf16>
}

// What only moves elements or becomes arithmetic, what is f32 or f64 already, and what was
// given a state of its own stays.
// CHECK-LABEL: func.func @stays(
// CHECK-NOT: arith.extf
// CHECK: return
func.func @stays(%x: tensor<?x?x8xf16>, %d: tensor<?x?x8xf64>, %f: tensor<?x?x8xf32>, %s: !seq.state<8xf16>)
    -> (tensor<?x?x4xf16>, tensor<?x1x8xf16>, tensor<?x?x8xf16>, tensor<?x?x8xf64>, tensor<?x?x8xf32>, tensor<?x?x8xf16>, !seq.state<8xf16>) {
  %h = seq.split_heads %x 2 : tensor<?x?x8xf16>
  %g = seq.activation %x silu : tensor<?x?x8xf16>
  %l = seq.last %x : tensor<?x?x8xf16>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf16>
  %t = tensor.dim %x, %c1 : tensor<?x?x8xf16>
  %o = tensor.extract_slice %x[0, 0, 0] [%b, %t, 4] [1, 1, 1] : tensor<?x?x8xf16> to tensor<?x?x4xf16>
  %n = seq.l2_norm %d eps 1.0e-5 : tensor<?x?x8xf64>
  %m = seq.l2_norm %f eps 1.0e-5 : tensor<?x?x8xf32>
  %y, %u = seq.token_shift %x state %s : tensor<?x?x8xf16>, !seq.state<8xf16>
  return %o, %l, %g, %n, %m, %y, %u : tensor<?x?x4xf16>, tensor<?x1x8xf16>, tensor<?x?x8xf16>, tensor<?x?x8xf64>, tensor<?x?x8xf32>, tensor<?x?x8xf16>, !seq.state<8xf16>
}
