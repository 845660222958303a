// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[S:[^:]*]]: !seq.state<4xf32>, %[[ROWS:[^:]*]]: tensor<?xi64>
// CHECK-NEXT: %{{.*}} = seq.state_select %[[S]], %[[ROWS]] : !seq.state<4xf32>, tensor<?xi64>
func.func @case0(%s: !seq.state<4xf32>, %rows: tensor<?xi64>) {
  %r = seq.state_select %s, %rows : !seq.state<4xf32>, tensor<?xi64>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[S:[^:]*]]: !seq.kv<2x4xf32>, %[[ROWS:[^:]*]]: tensor<?xi64>
// CHECK-NEXT: %{{.*}} = seq.state_select %[[S]], %[[ROWS]] : !seq.kv<2x4xf32>, tensor<?xi64>
func.func @case1(%s: !seq.kv<2x4xf32>, %rows: tensor<?xi64>) {
  %r = seq.state_select %s, %rows : !seq.kv<2x4xf32>, tensor<?xi64>
  return
}
