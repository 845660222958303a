// RUN: seq-opt %s --seq-to-linalg --seq-fuse-elementwise | FileCheck %s

// A chain is one loop, which reads a broadcast value by row though it is used twice.
// CHECK: #[[ROW:.*]] = affine_map<(d0, d1, d2) -> (d2)>
// CHECK-LABEL: func.func @chain(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>, %[[B:.*]]: tensor<8xf32>)
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[ROW]], #{{.*}}], {{.*}}} ins(%[[X]], %[[B]] : tensor<?x?x8xf32>, tensor<8xf32>)
// CHECK-NEXT: ^bb0(%[[XI:.*]]: f32, %[[BI:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: %[[S:.*]] = arith.addf %[[XI]], %[[BI]]
// CHECK-NEXT: %[[E:.*]] = math.exp %[[S]]
// CHECK-NEXT: %[[M:.*]] = arith.mulf %[[E]], %[[BI]]
// CHECK-NEXT: linalg.yield %[[M]]
// CHECK-NOT: linalg.generic
func.func @chain(%x: tensor<?x?x8xf32>, %b: tensor<8xf32>) -> tensor<?x?x8xf32> {
  %bb = seq.broadcast %b, %x : tensor<8xf32>, tensor<?x?x8xf32>
  %s = arith.addf %x, %bb : tensor<?x?x8xf32>
  %e = math.exp %s : tensor<?x?x8xf32>
  %y = arith.mulf %e, %bb : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// What two loops read is computed once.
// CHECK-LABEL: func.func @two_uses(
// CHECK-COUNT-1: math.exp
// CHECK-NOT: math.exp
// CHECK-LABEL: func.func @through_views(
func.func @two_uses(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %e = math.exp %x : tensor<?x8xf32>
  %a = arith.negf %e : tensor<?x8xf32>
  %b = arith.mulf %e, %e : tensor<?x8xf32>
  return %a, %b : tensor<?x8xf32>, tensor<?x8xf32>
}

// Views of heads between loops do not keep them apart.
// CHECK: linalg.generic
// CHECK: math.exp
// CHECK-NEXT: math.tanh
// CHECK-NOT: linalg.generic
// CHECK-LABEL: func.func @reduction(
func.func @through_views(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %h = seq.split_heads %x 2 : tensor<?x?x8xf32>
  %e = math.exp %h : tensor<?x?x2x4xf32>
  %m = seq.merge_heads %e : tensor<?x?x2x4xf32>
  %y = math.tanh %m : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// A sum over rows is no elementwise loop: what reads it follows it.
// CHECK: %[[S:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]}
// CHECK: linalg.generic {{.*}} ins(%[[S]] : tensor<?xf32>)
// CHECK-NEXT: ^bb0
// CHECK-NEXT: math.exp
func.func @reduction(%x: tensor<?x8xf32>, %init: tensor<?xf32>) -> tensor<?xf32> {
  %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                       iterator_types = ["parallel", "reduction"]} ins(%x : tensor<?x8xf32>) outs(%init : tensor<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %a = arith.addf %in, %out : f32
    linalg.yield %a : f32
  } -> tensor<?xf32>
  %y = math.exp %s : tensor<?xf32>
  return %y : tensor<?xf32>
}
