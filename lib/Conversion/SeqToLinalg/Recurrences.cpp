//===- Recurrences.cpp - Retention through state_mix ----------------------===//

#include "Patterns.h"
#include "dialects/Seq/Seq.h"

using namespace mlir;
using namespace mlir::seq;

namespace {

struct LowerRetention : OpRewritePattern<RetentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(RetentionOp op, PatternRewriter &rewriter) const override {
    SmallVector<float> decays;
    for (double decay : op.getLogDecays())
      decays.push_back(static_cast<float>(decay));
    auto type = RankedTensorType::get({static_cast<int64_t>(decays.size())}, rewriter.getF32Type());
    Value g = arith::ConstantOp::create(rewriter, op.getLoc(), type, DenseElementsAttr::get(type, ArrayRef(decays)));
    auto mix = StateMixOp::create(rewriter, op.getLoc(),
                                  StateMixParts{.q = op.getQ(),
                                                .k = op.getK(),
                                                .v = op.getV(),
                                                .g = g,
                                                .states = llvm::to_vector(ValueRange(op.getStates())),
                                                .reset = op.getReset(),
                                                .lengths = op.getLengths(),
                                                .decay = Decay::Static,
                                                .scale = op.getScale().convertToDouble(),
                                                .form = op.getForm(),
                                                .chunk = static_cast<int64_t>(op.getChunk())});
    rewriter.replaceOp(op, mix.getResults());
    return success();
  }
};

} // namespace

void seqc::populateRecurrencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerRetention>(patterns.getContext());
}
