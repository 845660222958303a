//===- Passes.td - Vector code and its legality --------------*- tablegen -*-===//

#ifndef SEQ_CODEGEN_PASSES
#define SEQ_CODEGEN_PASSES

include "mlir/Pass/PassBase.td"

def SeqExpandMath : Pass<"seq-expand-math", "::mlir::ModuleOp"> {
  let summary = "Expand mathematical functions into arithmetic";
  let description = [{
    exp, exp2, expm1, log, log2, log1p, tanh, erf, sin, cos and powf on f32 scalars and vectors
    become arithmetic that calls nothing. Over all arguments the largest errors are 1 ulp (exp,
    exp2, log, log2, erf, powf), 1.5 ulp (expm1, log1p), 2 ulp (sin, cos) and 2.5 ulp (tanh). What
    processors have as instructions (sqrt, fma, absf, floor, roundeven, …) stays. Arithmetic in
    f16 and bf16 becomes that in f32, rounded after each op, and conversions to and from bf16
    integer arithmetic. f64 has only what is an instruction.
  }];
  let options = [Option<"avx512", "avx512", "bool", "false", "whether the target has AVX-512 F and VL">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
}

def SeqVectorizeElementwise : Pass<"seq-vectorize-elementwise", "::mlir::ModuleOp"> {
  let summary = "Write elementwise loops on buffers as vectors";
  let description = [{
    linalg ops and copies on buffers become loops over rows, in parallel where there is enough
    work, with vectors over the innermost dimension and a masked remainder. Dimensions that all
    operands store as one are one. A nest that reduces or has no neighbouring innermost elements
    stays scalar, with a remark that says why.
  }];
  let options = [Option<"lanes", "lanes", "int64_t", "8", "f32 lanes of a vector: 8 or 16">];
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect", "::mlir::linalg::LinalgDialect"];
}

def SeqVerifyCallees : Pass<"seq-verify-callees", "::mlir::ModuleOp"> {
  let summary = "Check that code needs nothing from outside its module";
  let description = [{
    The gate before LLVM IR, for modules in the LLVM dialect. An error on every use of a function
    that the module does not define, on every op that the backend would turn into a call of libm,
    libgcc or libc (mathematical functions that seq-expand-math left, remainders of floats,
    conversions to bf16, copies of memory), on every heap allocation, on intrinsics called by name
    other than the processor's own, and on calls of addresses that are not loaded from memory, as
    the runtime's import table is.
  }];
}

#endif // SEQ_CODEGEN_PASSES
