// RUN: seq-opt %s --seq-expand-math | FileCheck %s
// RUN: seq-opt %s --seq-expand-math=avx512=true | FileCheck %s --check-prefix=AVX512

// CHECK-LABEL: func.func @functions(
// CHECK-NOT: math.{{(exp|exp2|expm1|log|log2|log1p|tanh|erf|sin|cos|powf) }}
// CHECK: return
// AVX512-LABEL: func.func @functions(
// AVX512: llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.512"
func.func @functions(%x: vector<16xf32>, %y: vector<16xf32>) -> (vector<16xf32>, vector<16xf32>) {
  %0 = math.exp %x : vector<16xf32>
  %1 = math.exp2 %0 : vector<16xf32>
  %2 = math.expm1 %1 : vector<16xf32>
  %3 = math.log %2 : vector<16xf32>
  %4 = math.log2 %3 : vector<16xf32>
  %5 = math.log1p %4 : vector<16xf32>
  %6 = math.tanh %5 : vector<16xf32>
  %7 = math.erf %6 : vector<16xf32>
  %8 = math.sin %7 : vector<16xf32>
  %9 = math.cos %8 : vector<16xf32>
  %10 = math.powf %9, %y : vector<16xf32>
  return %10, %6 : vector<16xf32>, vector<16xf32>
}

// Scalars as well.
// CHECK-LABEL: func.func @scalar(
// CHECK-NOT: math.exp
// CHECK: return
func.func @scalar(%x: f32) -> f32 {
  %0 = math.exp %x : f32
  return %0 : f32
}

// What processors have as instructions stays, and so does what f64 lacks: the gate names it.
// CHECK-LABEL: func.func @left_alone(
// CHECK-NEXT: math.sqrt
// CHECK-NEXT: math.fma
// CHECK-NEXT: math.absf
// CHECK-NEXT: math.floor
// CHECK-NEXT: math.roundeven
// CHECK-NEXT: math.exp %{{.*}} : f64
// CHECK-NEXT: return
func.func @left_alone(%x: vector<8xf32>, %d: f64) -> (vector<8xf32>, f64) {
  %0 = math.sqrt %x : vector<8xf32>
  %1 = math.fma %0, %x, %x : vector<8xf32>
  %2 = math.absf %1 : vector<8xf32>
  %3 = math.floor %2 : vector<8xf32>
  %4 = math.roundeven %3 : vector<8xf32>
  %5 = math.exp %d : f64
  return %4, %5 : vector<8xf32>, f64
}

// Arithmetic of narrow floats is that of f32; bf16 is rounded by integer arithmetic.
// CHECK-LABEL: func.func @narrow(
// CHECK: arith.shli
// CHECK: %[[WIDE:.*]] = arith.bitcast %{{.*}} : vector<8xi32> to vector<8xf32>
// CHECK: arith.extf %{{.*}} : vector<8xf16> to vector<8xf32>
// CHECK: arith.addf %{{.*}} : vector<8xf32>
// CHECK: arith.truncf %{{.*}} : vector<8xf32> to vector<8xf16>
// CHECK: arith.mulf %[[WIDE]], %[[WIDE]] : vector<8xf32>
// CHECK: arith.bitcast %{{.*}} : vector<8xf32> to vector<8xi32>
// CHECK: arith.shrui
// CHECK-NOT: arith.truncf %{{.*}} to vector<8xbf16>
// CHECK: arith.bitcast %{{.*}} : vector<8xi16> to vector<8xbf16>
func.func @narrow(%x: vector<8xf16>, %y: vector<8xbf16>) -> (vector<8xf16>, vector<8xbf16>) {
  %0 = arith.addf %x, %x : vector<8xf16>
  %1 = arith.mulf %y, %y : vector<8xbf16>
  return %0, %1 : vector<8xf16>, vector<8xbf16>
}
