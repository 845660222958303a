//===- Recurrences.cpp - Retention through state_mix ----------------------===//

#include "Elementwise.h"
#include "Patterns.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

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

/// Whether the kernel of factored decays takes the op as it is: states of one column that are only added to.
bool hasFactoredKernel(StateMixOp op) {
  return op.getUpdate() == Update::Outer && op.getRead() == Read::Post && op.getNormaliser() == Normaliser::None &&
         !op.getI() && cast<RankedTensorType>(op.getV().getType()).getDimSize(3) == 1;
}

/// Other factored decays become channel ones: with more than one column they are no larger than the keys of
/// all heads.
struct LowerFactoredDecay : OpRewritePattern<StateMixOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(StateMixOp op, PatternRewriter &rewriter) const override {
    if (op.getDecay() != Decay::Factored || hasFactoredKernel(op))
      return failure();
    Location loc = op.getLoc();
    StateMixParts parts = op.getParts();
    auto dt = cast<RankedTensorType>(parts.g.getType()), rate = cast<RankedTensorType>(parts.rate.getType());
    SmallVector<int64_t> shape(dt.getShape());
    shape.push_back(rate.getDimSize(1));
    SmallVector<Value> extents;
    for (int64_t d = 0; d < 2; ++d)
      if (dt.isDynamicDim(d))
        extents.push_back(tensor::DimOp::create(rewriter, loc, parts.g, d));
    Value like = tensor::EmptyOp::create(rewriter, loc, shape, dt.getElementType(), extents);
    parts.g = seqc::elementwise(rewriter, loc, {like, parts.g, parts.rate}, {{0, 1, 2, 3}, {0, 1, 2}, {2, 3}},
                                [](seqc::Arithmetic &a, ValueRange in) { return a.mul(in[1], in[2]); });
    parts.rate = {};
    parts.decay = Decay::Channel;
    rewriter.replaceOp(op, StateMixOp::create(rewriter, loc, parts));
    return success();
  }
};

} // namespace

void seqc::populateRecurrencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerRetention, LowerFactoredDecay>(patterns.getContext());
}
