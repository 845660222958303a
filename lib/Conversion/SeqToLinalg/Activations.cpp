//===- Activations.cpp - Activation functions as arithmetic ---------------===//

#include "Elementwise.h"
#include "Patterns.h"

using namespace mlir;
using namespace mlir::seq;
using seqc::Arithmetic;

namespace {

struct LowerActivation : OpRewritePattern<ActivationOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ActivationOp op, PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, seqc::elementwise(rewriter, op.getLoc(), op.getX(), {},
                                             [&](Arithmetic &a, ValueRange x) { return a.apply(op.getKind(), x[0]); }));
    return success();
  }
};

struct LowerGlu : OpRewritePattern<GluOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GluOp op, PatternRewriter &rewriter) const override {
    rewriter.replaceOp(
        op, seqc::elementwise(rewriter, op.getLoc(), {op.getGate(), op.getUp()}, {},
                              [&](Arithmetic &a, ValueRange x) { return a.mul(a.apply(op.getKind(), x[0]), x[1]); }));
    return success();
  }
};

} // namespace

void seqc::populateActivationPatterns(RewritePatternSet &patterns) {
  patterns.add<LowerActivation, LowerGlu>(patterns.getContext());
}
