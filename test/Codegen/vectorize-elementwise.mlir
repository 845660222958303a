// RUN: seq-opt %s --seq-vectorize-elementwise=lanes=8 --split-input-file --verify-diagnostics | FileCheck %s
// RUN: seq-opt %s --seq-vectorize-elementwise=lanes=16 --split-input-file | FileCheck %s --check-prefix=WIDE

// All dimensions are one, the remainder is masked, and many elements are shared by threads.
// CHECK-LABEL: func.func @exp(
// CHECK: memref.collapse_shape %{{.*}} {{\[\[}}0, 1]] : memref<?x?xf32> into memref<?xf32>
// CHECK: seq.parallel
// CHECK: scf.for
// CHECK: %[[V:.*]] = vector.load {{.*}} vector<8xf32>
// CHECK: %[[E:.*]] = math.exp %[[V]] : vector<8xf32>
// CHECK: vector.store %[[E]]
// CHECK: scf.if
// CHECK: vector.maskedload
// CHECK: vector.maskedstore
// WIDE-LABEL: func.func @exp(
// WIDE: vector.load {{.*}} vector<16xf32>
func.func @exp(%x: memref<?x?xf32>, %y: memref<?x?xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]} ins(%x : memref<?x?xf32>) outs(%y : memref<?x?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = math.exp %in : f32
    linalg.yield %e : f32
  }
  return
}

// -----

// Few elements: no threads. Whole vectors: no mask.
// CHECK-LABEL: func.func @small(
// CHECK-NOT: seq.parallel
// CHECK-NOT: masked
// CHECK: vector.load
// CHECK-NOT: masked
func.func @small(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]} ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = arith.negf %in : f32
    linalg.yield %e : f32
  }
  return
}

// -----

// What a row shares is read once a row; a copy is a loop too.
// CHECK-LABEL: func.func @rows(
// CHECK: scf.for
// CHECK: %[[S:.*]] = memref.load %{{.*}}[%{{.*}}] : memref<?xf32>
// CHECK-NEXT: %[[B:.*]] = vector.broadcast %[[S]] : f32 to vector<8xf32>
// CHECK: scf.for
// CHECK: arith.mulf %{{.*}}, %[[B]] : vector<8xf32>
// CHECK: vector.load
// CHECK: vector.store
// CHECK-NOT: memref.copy
func.func @rows(%x: memref<?x?xf32>, %r: memref<?xf32>, %y: memref<?x?xf32>, %z: memref<?x?xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]} ins(%x, %r : memref<?x?xf32>, memref<?xf32>) outs(%y : memref<?x?xf32>) {
  ^bb0(%in: f32, %row: f32, %out: f32):
    %e = arith.mulf %in, %row : f32
    linalg.yield %e : f32
  }
  memref.copy %y, %z : memref<?x?xf32> to memref<?x?xf32>
  return
}

// -----

// CHECK-LABEL: func.func @reduces(
// CHECK-NOT: vector
// CHECK: scf.for
// CHECK: memref.store
func.func @reduces(%x: memref<?x?xf32>, %y: memref<?xf32>) {
  // expected-remark @+1 {{stays a scalar loop: it reduces}}
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                  iterator_types = ["parallel", "reduction"]} ins(%x : memref<?x?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = arith.addf %in, %out : f32
    linalg.yield %e : f32
  }
  return
}

// -----

// CHECK-LABEL: func.func @transposed(
// CHECK-NOT: vector
func.func @transposed(%x: memref<?x?xf32>, %y: memref<?x?xf32>) {
  // expected-remark @+1 {{stays a scalar loop: an operand's innermost elements are no neighbours}}
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]} ins(%x : memref<?x?xf32>) outs(%y : memref<?x?xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}

// -----

// CHECK-LABEL: func.func @index(
// CHECK-NOT: vector
func.func @index(%y: memref<?xi64>) {
  // expected-remark @+1 {{stays a scalar loop: its values depend on the index}}
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%y : memref<?xi64>) {
  ^bb0(%out: i64):
    %i = linalg.index 0 : index
    %v = arith.index_cast %i : index to i64
    linalg.yield %v : i64
  }
  return
}
