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
    auto mix = StateMixOp::create(rewriter, op.getLoc(), op.getQ(), op.getK(), op.getV(), g, Value(), Value(), Value(),
                                  Value(), Value(), op.getStates(), Decay::Static, Update::Outer, Read::Post,
                                  Normaliser::None, op.getScale(), /*u_exp=*/false);
    rewriter.replaceOp(op, mix.getResults());
    return success();
  }
};

} // namespace

void seqc::populateRecurrencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerRetention>(patterns.getContext());
}
