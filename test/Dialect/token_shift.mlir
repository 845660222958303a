// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NEXT: %{{.*}} = seq.token_shift %[[X]] : tensor<?x?x8xf32>
func.func @case0(%x: tensor<?x?x8xf32>) {
  %r = seq.token_shift %x : tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[S:[^:]*]]: !seq.state<8xf32>
// CHECK-NEXT: %{{.*}} = seq.token_shift %[[X]] state %[[S]] : tensor<?x?x8xf32>, !seq.state<8xf32>
func.func @case1(%x: tensor<?x?x8xf32>, %s: !seq.state<8xf32>) {
  %r:2 = seq.token_shift %x state %s : tensor<?x?x8xf32>, !seq.state<8xf32>
  return
}
