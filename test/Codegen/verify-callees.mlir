// RUN: seq-opt %s --seq-verify-callees | FileCheck %s

// Calls within the module, the processor's own intrinsics, and a function that the runtime
// passes in memory are all that code may call.

// CHECK-LABEL: llvm.func @inner
llvm.func @inner(%x: f32) -> f32 {
  %0 = llvm.intr.sqrt(%x) : (f32) -> f32
  llvm.return %0 : f32
}
// CHECK-LABEL: llvm.func @outer
llvm.func @outer(%x: f32, %frame: !llvm.ptr, %v: vector<4xf32>) -> f32 {
  %0 = llvm.call @inner(%x) : (f32) -> f32
  %1 = llvm.call_intrinsic "llvm.x86.sse.rcp.ps"(%v) : (vector<4xf32>) -> vector<4xf32>
  %2 = llvm.mlir.addressof @inner : !llvm.ptr
  %3 = llvm.load %frame : !llvm.ptr -> !llvm.ptr
  llvm.call %3(%2) : !llvm.ptr, (!llvm.ptr) -> ()
  llvm.return %0 : f32
}
