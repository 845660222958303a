// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[B:[^:]*]]: index
// CHECK-NEXT: %{{.*}} = seq.state_init %[[B]] : !seq.state<4x8x16xf32>
func.func @case0(%b: index) {
  %r = seq.state_init %b : !seq.state<4x8x16xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[B:[^:]*]]: index
// CHECK-NEXT: %{{.*}} = seq.state_init %[[B]] : !seq.state<i64>
func.func @case1(%b: index) {
  %r = seq.state_init %b : !seq.state<i64>
  return
}

// CHECK-LABEL: func.func @case2(
// CHECK-SAME: %[[B:[^:]*]]: index
// CHECK-NEXT: %{{.*}} = seq.state_init %[[B]] : !seq.state<4xf32, init = -1.000000e+38>
func.func @case2(%b: index) {
  %r = seq.state_init %b : !seq.state<4xf32, init = -1.000000e+38>
  return
}

// CHECK-LABEL: func.func @case3(
// CHECK-SAME: %[[B:[^:]*]]: index, %[[C:[^:]*]]: index
// CHECK-NEXT: %{{.*}} = seq.state_init %[[B]] capacity %[[C]] : !seq.kv<2x8xf32>
func.func @case3(%b: index, %c: index) {
  %r = seq.state_init %b capacity %c : !seq.kv<2x8xf32>
  return
}

// CHECK-LABEL: func.func @case4(
// CHECK-SAME: %[[B:[^:]*]]: index, %[[C:[^:]*]]: index
// CHECK-NEXT: %{{.*}} = seq.state_init %[[B]] capacity %[[C]] : !seq.kv<2x8x16xbf16>
func.func @case4(%b: index, %c: index) {
  %r = seq.state_init %b capacity %c : !seq.kv<2x8x16xbf16>
  return
}
