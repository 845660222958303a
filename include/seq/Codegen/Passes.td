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


#endif // SEQ_CODEGEN_PASSES
