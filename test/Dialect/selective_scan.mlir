// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK-LABEL: func.func @case0(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[DT:[^:]*]]: tensor<?x?x8xf32>, %[[A:[^:]*]]: tensor<8x4xf32>, %[[B:[^:]*]]: tensor<?x?x2x4xf32>, %[[C:[^:]*]]: tensor<?x?x2x4xf32>
// CHECK-NEXT: %{{.*}} = seq.selective_scan %[[X]], %[[DT]], %[[A]], %[[B]], %[[C]] : tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
func.func @case0(%x: tensor<?x?x8xf32>, %dt: tensor<?x?x8xf32>, %a: tensor<8x4xf32>, %b: tensor<?x?x2x4xf32>, %c: tensor<?x?x2x4xf32>) {
  %r = seq.selective_scan %x, %dt, %a, %b, %c : tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  return
}

// CHECK-LABEL: func.func @case1(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[DT:[^:]*]]: tensor<?x?x8xf32>, %[[A:[^:]*]]: tensor<8x4xf32>, %[[B:[^:]*]]: tensor<?x?x2x4xf32>, %[[C:[^:]*]]: tensor<?x?x2x4xf32>, %[[D:[^:]*]]: tensor<8xf32>, %[[Z:[^:]*]]: tensor<?x?x8xf32>, %[[BIAS:[^:]*]]: tensor<8xf32>, %[[S:[^:]*]]: !seq.state<8x4xf32>, %[[RESET:[^:]*]]: tensor<?x?xi1>, %[[N:[^:]*]]: tensor<?xi64>
// CHECK-NEXT: %{{.*}} = seq.selective_scan %[[X]], %[[DT]], %[[A]], %[[B]], %[[C]] skip(%[[D]] : tensor<8xf32>) z(%[[Z]] : tensor<?x?x8xf32>) dt_bias(%[[BIAS]] : tensor<8xf32>) states(%[[S]] : !seq.state<8x4xf32>) reset(%[[RESET]] : tensor<?x?xi1>) lengths(%[[N]] : tensor<?xi64>) form recurrent {dt_max = 1.000000e-01 : f64, dt_min = 1.000000e-03 : f64, dt_softplus} : tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
func.func @case1(%x: tensor<?x?x8xf32>, %dt: tensor<?x?x8xf32>, %a: tensor<8x4xf32>, %b: tensor<?x?x2x4xf32>, %c: tensor<?x?x2x4xf32>, %d: tensor<8xf32>, %z: tensor<?x?x8xf32>, %bias: tensor<8xf32>, %s: !seq.state<8x4xf32>, %reset: tensor<?x?xi1>, %n: tensor<?xi64>) {
  %r:2 = seq.selective_scan %x, %dt, %a, %b, %c skip(%d : tensor<8xf32>) z(%z : tensor<?x?x8xf32>) dt_bias(%bias : tensor<8xf32>) states(%s : !seq.state<8x4xf32>) reset(%reset : tensor<?x?xi1>) lengths(%n : tensor<?xi64>) form recurrent {dt_max = 1.000000e-01 : f64, dt_min = 1.000000e-03 : f64, dt_softplus} : tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  return
}

// CHECK-LABEL: func.func @case2(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[DT:[^:]*]]: tensor<?x?x8xf32>, %[[A:[^:]*]]: tensor<8x4x2xf32>, %[[B:[^:]*]]: tensor<?x?x1x4x2xf32>, %[[C:[^:]*]]: tensor<?x?x1x4x2xf32>, %[[S:[^:]*]]: !seq.state<8x4x2xf32>
// CHECK-NEXT: %{{.*}} = seq.selective_scan %[[X]], %[[DT]], %[[A]], %[[B]], %[[C]] states(%[[S]] : !seq.state<8x4x2xf32>) {complex} : tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8x4x2xf32>, tensor<?x?x1x4x2xf32>, tensor<?x?x1x4x2xf32>
func.func @case2(%x: tensor<?x?x8xf32>, %dt: tensor<?x?x8xf32>, %a: tensor<8x4x2xf32>, %b: tensor<?x?x1x4x2xf32>, %c: tensor<?x?x1x4x2xf32>, %s: !seq.state<8x4x2xf32>) {
  %r:2 = seq.selective_scan %x, %dt, %a, %b, %c states(%s : !seq.state<8x4x2xf32>) {complex} : tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8x4x2xf32>, tensor<?x?x1x4x2xf32>, tensor<?x?x1x4x2xf32>
  return
}

// CHECK-LABEL: func.func @case3(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x4x5xf32>, %[[DT:[^:]*]]: tensor<?x?x4xf32>, %[[A:[^:]*]]: tensor<4xf32>, %[[B:[^:]*]]: tensor<?x?x2x6xf32>, %[[C:[^:]*]]: tensor<?x?x2x6xf32>, %[[D:[^:]*]]: tensor<4x5xf32>, %[[S:[^:]*]]: !seq.state<4x6x5xf32>
// CHECK-NEXT: %{{.*}} = seq.selective_scan %[[X]], %[[DT]], %[[A]], %[[B]], %[[C]] skip(%[[D]] : tensor<4x5xf32>) states(%[[S]] : !seq.state<4x6x5xf32>) form chunkwise {chunk = 64 : i64} : tensor<?x?x4x5xf32>, tensor<?x?x4xf32>, tensor<4xf32>, tensor<?x?x2x6xf32>, tensor<?x?x2x6xf32>
func.func @case3(%x: tensor<?x?x4x5xf32>, %dt: tensor<?x?x4xf32>, %a: tensor<4xf32>, %b: tensor<?x?x2x6xf32>, %c: tensor<?x?x2x6xf32>, %d: tensor<4x5xf32>, %s: !seq.state<4x6x5xf32>) {
  %r:2 = seq.selective_scan %x, %dt, %a, %b, %c skip(%d : tensor<4x5xf32>) states(%s : !seq.state<4x6x5xf32>) form chunkwise {chunk = 64 : i64} : tensor<?x?x4x5xf32>, tensor<?x?x4xf32>, tensor<4xf32>, tensor<?x?x2x6xf32>, tensor<?x?x2x6xf32>
  return
}
