//===- Passes.td - Vector code and its legality --------------*- tablegen -*-===//

#ifndef SEQ_CODEGEN_PASSES
#define SEQ_CODEGEN_PASSES

include "mlir/Pass/PassBase.td"


def SeqExpandMath : Pass<"seq-expand-math", "::mlir::ModuleOp"> {
  let summary = "Expand mathematical functions into arithmetic";
  let description = [{
    exp, exp2, expm1, log, log2, log1p, tanh, erf, sin, cos, powf and rsqrt on f32 scalars
    and vectors become arithmetic that calls nothing; docs/Pipelines.md lists their errors.
    f16 and bf16 are computed in f32. What processors have as instructions (sqrt, fma,
    absf, floor, roundeven, …) stays. Conversions to bf16 become integer arithmetic.
    f64 has only what is an instruction.
  }];
  let options = [Option<"avx512", "avx512", "bool", "false", "whether the target has AVX-512 F and VL">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
}


def SeqVectorizeElementwise : Pass<"seq-vectorize-elementwise", "::mlir::ModuleOp"> {
  let summary = "Write elementwise loops on buffers as vectors";
  let description = [{
    linalg ops and copies on buffers become loops over rows, in parallel where there is enough
    work, with vectors over the innermost dimension and a masked remainder. A nest that reduces
    or has no neighbouring innermost elements stays scalar, with a remark that says why.
  }];
  let options = [Option<"lanes", "lanes", "int64_t", "8", "f32 lanes of a vector: 8 or 16">];
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect", "::mlir::linalg::LinalgDialect"];
}

#endif // SEQ_CODEGEN_PASSES
