// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x2x8xf32>, %[[K:[^:]*]]: tensor<?x?x2x8xf32>, %[[V:[^:]*]]: tensor<?x?x4x16xf32>
// CHECK-NEXT: %{{.*}} = seq.state_mix %[[Q]], %[[K]], %[[V]] decay none update outer read post : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x16xf32>
func.func @case0(%q: tensor<?x?x2x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x4x16xf32>) {
  %r = seq.state_mix %q, %k, %v decay none update outer read post : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x16xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x2x8xf32>, %[[K:[^:]*]]: tensor<?x?x2x8xf32>, %[[V:[^:]*]]: tensor<?x?x4x16xf32>, %[[G:[^:]*]]: tensor<4xf32>, %[[U:[^:]*]]: tensor<4x8xf32>
// CHECK-NEXT: %{{.*}} = seq.state_mix %[[Q]], %[[K]], %[[V]] g(%[[G]] : tensor<4xf32>) u(%[[U]] : tensor<4x8xf32>) decay static update outer read pre {scale = 5.000000e-01 : f64} : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x16xf32>
func.func @case1(%q: tensor<?x?x2x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x4x16xf32>, %g: tensor<4xf32>, %u: tensor<4x8xf32>) {
  %r = seq.state_mix %q, %k, %v g(%g : tensor<4xf32>) u(%u : tensor<4x8xf32>) decay static update outer read pre {scale = 5.000000e-01 : f64} : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x16xf32>
  return
}

// CHECK-LABEL: func.func @case2(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x2x8xf32>, %[[K:[^:]*]]: tensor<?x?x2x8xf32>, %[[V:[^:]*]]: tensor<?x?x4x16xf32>, %[[G:[^:]*]]: tensor<?x?x4xf32>, %[[B:[^:]*]]: tensor<?x?x4xf32>, %[[S:[^:]*]]: !seq.state<4x8x16xf32>
// CHECK-NEXT: %{{.*}} = seq.state_mix %[[Q]], %[[K]], %[[V]] g(%[[G]] : tensor<?x?x4xf32>) beta(%[[B]] : tensor<?x?x4xf32>) states(%[[S]] : !seq.state<4x8x16xf32>) decay head update delta read post : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x16xf32>
func.func @case2(%q: tensor<?x?x2x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x4x16xf32>, %g: tensor<?x?x4xf32>, %b: tensor<?x?x4xf32>, %s: !seq.state<4x8x16xf32>) {
  %r:2 = seq.state_mix %q, %k, %v g(%g : tensor<?x?x4xf32>) beta(%b : tensor<?x?x4xf32>) states(%s : !seq.state<4x8x16xf32>) decay head update delta read post : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x16xf32>
  return
}

// CHECK-LABEL: func.func @case3(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x2x8xf32>, %[[K:[^:]*]]: tensor<?x?x2x8xf32>, %[[V:[^:]*]]: tensor<?x?x4x16xf32>, %[[G:[^:]*]]: tensor<?x?x4x8xf32>, %[[A:[^:]*]]: tensor<?x?x4x8xf32>, %[[B:[^:]*]]: tensor<?x?x4x8xf32>
// CHECK-NEXT: %{{.*}} = seq.state_mix %[[Q]], %[[K]], %[[V]] g(%[[G]] : tensor<?x?x4x8xf32>) a(%[[A]] : tensor<?x?x4x8xf32>) b(%[[B]] : tensor<?x?x4x8xf32>) decay channel update dplr read post : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x16xf32>
func.func @case3(%q: tensor<?x?x2x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x4x16xf32>, %g: tensor<?x?x4x8xf32>, %a: tensor<?x?x4x8xf32>, %b: tensor<?x?x4x8xf32>) {
  %r = seq.state_mix %q, %k, %v g(%g : tensor<?x?x4x8xf32>) a(%a : tensor<?x?x4x8xf32>) b(%b : tensor<?x?x4x8xf32>) decay channel update dplr read post : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x16xf32>
  return
}

// CHECK-LABEL: func.func @case4(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x2x8xf32>, %[[K:[^:]*]]: tensor<?x?x2x8xf32>, %[[V:[^:]*]]: tensor<?x?x4x16xf32>, %[[G:[^:]*]]: tensor<4x8xf32>, %[[U:[^:]*]]: tensor<4x8xf32>, %[[I:[^:]*]]: tensor<?x?x4xf32>, %[[S:[^:]*]]: !seq.state<4x8x16xf32>, %[[N:[^:]*]]: !seq.state<4x8xf32>, %[[M:[^:]*]]: !seq.state<4xf32, init = -1.000000e+38>
// CHECK-NEXT: %{{.*}} = seq.state_mix %[[Q]], %[[K]], %[[V]] g(%[[G]] : tensor<4x8xf32>) u(%[[U]] : tensor<4x8xf32>) i(%[[I]] : tensor<?x?x4xf32>) states(%[[S]], %[[N]], %[[M]] : !seq.state<4x8x16xf32>, !seq.state<4x8xf32>, !seq.state<4xf32, init = -1.000000e+38>) decay static update outer read pre normaliser ratio {u_exp} : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x16xf32>
func.func @case4(%q: tensor<?x?x2x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x4x16xf32>, %g: tensor<4x8xf32>, %u: tensor<4x8xf32>, %i: tensor<?x?x4xf32>, %s: !seq.state<4x8x16xf32>, %n: !seq.state<4x8xf32>, %m: !seq.state<4xf32, init = -1.000000e+38>) {
  %r:4 = seq.state_mix %q, %k, %v g(%g : tensor<4x8xf32>) u(%u : tensor<4x8xf32>) i(%i : tensor<?x?x4xf32>) states(%s, %n, %m : !seq.state<4x8x16xf32>, !seq.state<4x8xf32>, !seq.state<4xf32, init = -1.000000e+38>) decay static update outer read pre normaliser ratio {u_exp} : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x16xf32>
  return
}
