//===- SeqToLinalg.cpp - Rewrite seq ops that upstream dialects can say ---===//

#include "Patterns.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "seq/Conversion/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQTOLINALG
#include "lib/Conversion/Passes.h.inc"
} // namespace seqc

using namespace mlir;

namespace {

struct SeqToLinalg : seqc::impl::SeqToLinalgBase<SeqToLinalg> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    seqc::populateActivationPatterns(patterns);
    seqc::populateShapePatterns(patterns);
    seqc::populateRecurrencePatterns(patterns);
    seqc::populateSelectiveScanPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
