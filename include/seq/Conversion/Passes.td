//===- Passes.td - From seq to upstream dialects -------------*- tablegen -*-===//

#ifndef SEQ_CONVERSION_PASSES
#define SEQ_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def SeqToLinalg : Pass<"seq-to-linalg", "::mlir::ModuleOp"> {
  let summary = "Rewrite seq ops that upstream dialects can say";
  let description = [{
    Activations become arith and math on tensors, broadcasts linalg.broadcast, views of heads
    reshapes, retention state_mix with a constant decay. Ops with kernels are left alone.
  }];
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::tensor::TensorDialect", "::mlir::linalg::LinalgDialect"];
}

def SeqFuseElementwise : Pass<"seq-fuse-elementwise", "::mlir::ModuleOp"> {
  let summary = "Fuse elementwise ops into one loop";
  let description = [{
    Elementwise arith and math on tensors become linalg.generic; a producer is fused into its
    consumer if that is its only use or it is a broadcast.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

#endif // SEQ_CONVERSION_PASSES
