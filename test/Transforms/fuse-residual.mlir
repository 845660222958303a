// RUN: seq-opt %s --seq-fuse-residual --split-input-file | FileCheck %s

// On either side of the addition, and through none but the product's own use.

// CHECK-LABEL: func.func @fuses(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x32xf32>, %[[W:.*]]: tensor<4096xi8>, %[[B:.*]]: tensor<32xf32>)
// CHECK-NEXT: %[[Y:.*]] = seq.packed_linear %[[X]], %[[W]] as !seq.packing<f32, 32, 32> bias %[[B]] residual %[[X]]
// CHECK-NEXT: %[[Z:.*]] = seq.packed_linear %[[Y]], %[[W]] as !seq.packing<f32, 32, 32> residual %[[Y]]
// CHECK-NEXT: return %[[Z]]
func.func @fuses(%x: tensor<?x?x32xf32>, %w: tensor<4096xi8>, %b: tensor<32xf32>) -> tensor<?x?x32xf32> {
  %p = seq.packed_linear %x, %w as !seq.packing<f32, 32, 32> bias %b : tensor<?x?x32xf32>, tensor<4096xi8> bias tensor<32xf32> -> tensor<?x?x32xf32>
  %y = arith.addf %x, %p : tensor<?x?x32xf32>
  %q = seq.packed_linear %y, %w as !seq.packing<f32, 32, 32> : tensor<?x?x32xf32>, tensor<4096xi8> -> tensor<?x?x32xf32>
  %z = arith.addf %q, %y : tensor<?x?x32xf32>
  return %z : tensor<?x?x32xf32>
}

// -----

// Not where the product itself is needed.

// CHECK-LABEL: func.func @two_uses(
// CHECK: seq.packed_linear
// CHECK-NOT: residual
// CHECK: arith.addf
func.func @two_uses(%x: tensor<?x?x32xf32>, %w: tensor<4096xi8>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
  %p = seq.packed_linear %x, %w as !seq.packing<f32, 32, 32> : tensor<?x?x32xf32>, tensor<4096xi8> -> tensor<?x?x32xf32>
  %y = arith.addf %x, %p : tensor<?x?x32xf32>
  return %y, %p : tensor<?x?x32xf32>, tensor<?x?x32xf32>
}

// -----

// Nor a product added to itself, nor a second residual.

// CHECK-LABEL: func.func @itself(
// CHECK: %[[P:.*]] = seq.packed_linear
// CHECK-NEXT: %[[Y:.*]] = arith.addf %[[P]], %[[P]]
// CHECK-NEXT: %[[Q:.*]] = seq.packed_linear %{{.*}} residual %[[Y]]
// CHECK-NEXT: arith.addf %[[Q]], %{{.*}}
func.func @itself(%x: tensor<?x?x32xf32>, %w: tensor<4096xi8>) -> tensor<?x?x32xf32> {
  %p = seq.packed_linear %x, %w as !seq.packing<f32, 32, 32> : tensor<?x?x32xf32>, tensor<4096xi8> -> tensor<?x?x32xf32>
  %y = arith.addf %p, %p : tensor<?x?x32xf32>
  %q = seq.packed_linear %x, %w as !seq.packing<f32, 32, 32> : tensor<?x?x32xf32>, tensor<4096xi8> -> tensor<?x?x32xf32>
  %s = arith.addf %q, %y : tensor<?x?x32xf32>
  %t = arith.addf %s, %x : tensor<?x?x32xf32>
  return %t : tensor<?x?x32xf32>
}
