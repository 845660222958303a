// RUN: seq-opt %s --seq-verify-callees --split-input-file --verify-diagnostics

llvm.func @expf(f32) -> f32
llvm.func @calls(%x: f32) -> f32 {
  // expected-error @+1 {{'expf' is defined outside the module, and modules call nothing outside}}
  %0 = llvm.call @expf(%x) : (f32) -> f32
  llvm.return %0 : f32
}

// -----

llvm.func @malloc(i64) -> !llvm.ptr
llvm.func @takes_address() -> !llvm.ptr {
  // expected-error @+1 {{'malloc' is defined outside the module}}
  %0 = llvm.mlir.addressof @malloc : !llvm.ptr
  llvm.return %0 : !llvm.ptr
}

// -----

llvm.func @intrinsic_op(%x: f64) -> f64 {
  // expected-error @+1 {{'llvm.intr.exp' on 'f64' is neither an instruction nor expanded by seq-expand-math}}
  %0 = llvm.intr.exp(%x) : (f64) -> f64
  llvm.return %0 : f64
}

// -----

llvm.func @math_op(%x: f64) -> f64 {
  // expected-error @+1 {{'math.cbrt' on 'f64' is neither an instruction nor expanded}}
  %0 = math.cbrt %x : f64
  llvm.return %0 : f64
}

// -----

llvm.func @remainder(%x: f32) -> f32 {
  // expected-error @+1 {{'llvm.frem' on 'f32' is neither an instruction nor expanded}}
  %0 = llvm.frem %x, %x : f32
  llvm.return %0 : f32
}

// -----

llvm.func @conversion(%x: f32) -> bf16 {
  // expected-error @+1 {{'llvm.fptrunc' to 'bf16' is not an instruction}}
  %0 = llvm.fptrunc %x : f32 to bf16
  llvm.return %0 : bf16
}

// -----

llvm.func @wide(%x: i128) -> i128 {
  // expected-error @+1 {{'llvm.udiv' to 'i128' is not an instruction}}
  %0 = llvm.udiv %x, %x : i128
  llvm.return %0 : i128
}

// -----

llvm.func @by_name(%x: f32) -> f32 {
  // expected-error @+1 {{'llvm.sin.f32' need not be an instruction: only llvm.x86.* is called by name}}
  %0 = llvm.call_intrinsic "llvm.sin.f32"(%x) : (f32) -> f32
  llvm.return %0 : f32
}

// -----

llvm.func @computed(%address: i64) {
  %0 = llvm.inttoptr %address : i64 to !llvm.ptr
  // expected-error @+1 {{calls an address that is computed: only functions that the runtime passes in memory}}
  llvm.call %0() : !llvm.ptr, () -> ()
  llvm.return
}

// -----

llvm.func @copy(%to: !llvm.ptr, %from: !llvm.ptr, %size: i64) {
  // expected-error @+1 {{'llvm.intr.memcpy' may be a call of libc: write a loop}}
  "llvm.intr.memcpy"(%to, %from, %size) <{isVolatile = false}> : (!llvm.ptr, !llvm.ptr, i64) -> ()
  llvm.return
}

// -----

llvm.func @heap() {
  // expected-error @+1 {{'memref.alloc' is left: only the memory planner's arena may hold buffers}}
  %0 = memref.alloc() : memref<4xf32>
  llvm.return
}
