//===- FuseElementwise.cpp - Fuse elementwise ops into one loop -----------===//

#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"
#include "seq/Conversion/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQFUSEELEMENTWISE
#include "lib/Conversion/Passes.h.inc"
} // namespace seqc

using namespace mlir;

namespace {

/// A broadcast or a fill costs nothing to repeat; anything else is computed once.
bool isCheap(Operation *producer) {
  auto generic = dyn_cast<linalg::GenericOp>(producer);
  return generic && generic.getBody()->getOperations().size() == 1;
}

/// A loop whose iterations do not depend on each other.
bool isParallelLoop(Operation *op) {
  auto generic = dyn_cast_or_null<linalg::GenericOp>(op);
  return generic && generic.getNumParallelLoops() == generic.getNumLoops();
}

/// Whether a reshape stands between two loops that fuse once it is gone: `above` makes what it
/// views, `below` is the only reader of the view.
bool separatesLoops(Operation *above, Operation *reshape, Operation *below) {
  return isParallelLoop(above) && above->hasOneUse() && reshape->hasOneUse() && isParallelLoop(below);
}

/// Whether to give a loop the dimensions of the view that it reads, or that reads it.
bool expandsThrough(OpOperand *operand) {
  Operation *owner = operand->getOwner(), *producer = operand->get().getDefiningOp();
  if (isa_and_nonnull<tensor::CollapseShapeOp>(producer))
    return separatesLoops(producer->getOperand(0).getDefiningOp(), producer, owner);
  return isa<tensor::ExpandShapeOp>(owner) && owner->hasOneUse() &&
         separatesLoops(producer, owner, *owner->user_begin());
}

struct SeqFuseElementwise : seqc::impl::SeqFuseElementwiseBase<SeqFuseElementwise> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    PassManager passes(&getContext());
    passes.addPass(createConvertElementwiseToLinalgPass());
    passes.addNestedPass<func::FuncOp>(createLinalgGeneralizeNamedOpsPass());
    if (failed(passes.run(module)) || failed(resolveExtents(module)) || failed(fuse(module)))
      signalPassFailure();
  }

private:
  /// Extents come from the operands of loops: asking a result for its extent would count as
  /// one more use of it.
  LogicalResult resolveExtents(ModuleOp module) {
    RewritePatternSet patterns(&getContext());
    memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
    return applyPatternsGreedily(module, std::move(patterns));
  }

  LogicalResult fuse(ModuleOp module) {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [](OpOperand *operand) {
      Operation *producer = operand->get().getDefiningOp();
      return producer && (producer->hasOneUse() || isCheap(producer));
    });
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, expandsThrough);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
    for (RegisteredOperationName op : getContext().getRegisteredOperations())
      if (op.getDialectNamespace() == "tensor")
        op.getCanonicalizationPatterns(patterns, &getContext());
    linalg::GenericOp::getCanonicalizationPatterns(patterns, &getContext());
    return applyPatternsGreedily(module, std::move(patterns));
  }
};

} // namespace
