//===- VectorizeElementwise.cpp - Elementwise loops as vectors ------------===//

#include "ElementwiseNest.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "seq/Codegen/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQVECTORIZEELEMENTWISE
#include "lib/Codegen/CPU/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace seqc::cpu;

namespace {

struct SeqVectorizeElementwise : seqc::impl::SeqVectorizeElementwiseBase<SeqVectorizeElementwise> {
  using SeqVectorizeElementwiseBase::SeqVectorizeElementwiseBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (lanes != 8 && lanes != 16) {
      module.emitError("seq-vectorize-elementwise: lanes must be 8 or 16, not ") << lanes.getValue();
      return signalPassFailure();
    }
    SmallVector<Operation *> ops;
    module.walk([&](Operation *op) {
      if (isa<linalg::LinalgOp, memref::CopyOp>(op))
        ops.push_back(op);
    });
    target.avx512 = lanes == 16;
    IRRewriter rewriter(&getContext());
    for (Operation *op : ops)
      if (failed(lower(op, rewriter)))
        return signalPassFailure();
  }

private:
  LogicalResult lower(Operation *op, IRRewriter &rewriter) {
    rewriter.setInsertionPoint(op);
    FailureOr<linalg::GenericOp> nest = asGeneric(op, rewriter);
    if (failed(nest))
      return op->emitOpError("can not become a loop nest");
    if (nest->getNumLoops() == 0)
      return lowerToScalars(*nest, rewriter);
    if (StringRef why = obstacleToVectors(*nest); !why.empty()) {
      nest->emitRemark("stays a scalar loop: ") << why;
      return lowerToScalars(*nest, rewriter);
    }
    rewriter.setInsertionPoint(*nest);
    KernelBuilder builder(nest->getLoc(), rewriter, target);
    builder.setInsertionPoint(*nest);
    writeVectorNest(*nest, builder);
    rewriter.eraseOp(*nest);
    return success();
  }

  static FailureOr<linalg::GenericOp> asGeneric(Operation *op, IRRewriter &rewriter) {
    if (auto copy = dyn_cast<memref::CopyOp>(op)) {
      auto generic = linalg::makeMemRefCopyOp(rewriter, op->getLoc(), copy.getSource(), copy.getTarget());
      rewriter.eraseOp(op);
      return generic;
    }
    if (auto generic = dyn_cast<linalg::GenericOp>(op))
      return generic;
    return linalg::generalizeNamedOp(rewriter, cast<linalg::LinalgOp>(op));
  }

  static LogicalResult lowerToScalars(linalg::GenericOp nest, IRRewriter &rewriter) {
    rewriter.setInsertionPoint(nest);
    if (failed(linalg::linalgOpToLoops(rewriter, nest)))
      return nest.emitOpError("can not become a loop nest");
    rewriter.eraseOp(nest);
    return success();
  }

  Target target;
};

} // namespace
