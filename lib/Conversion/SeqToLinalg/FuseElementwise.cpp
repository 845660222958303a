//===- FuseElementwise.cpp - Fuse elementwise ops into one loop -----------===//

#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
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

struct SeqFuseElementwise : seqc::impl::SeqFuseElementwiseBase<SeqFuseElementwise> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    PassManager passes(&getContext());
    passes.addPass(createConvertElementwiseToLinalgPass());
    passes.addNestedPass<func::FuncOp>(createLinalgGeneralizeNamedOpsPass());
    if (failed(passes.run(module)))
      return signalPassFailure();
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [](OpOperand *operand) {
      Operation *producer = operand->get().getDefiningOp();
      return producer && (producer->hasOneUse() || isCheap(producer));
    });
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::EmptyOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(module, std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
