//===- FuseResidual.cpp - Add residuals in registers ----------------------===//

#include "dialects/Seq/Seq.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "seq/Transforms/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQFUSERESIDUAL
#include "lib/Transforms/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace mlir::seq;

namespace {

struct Fuse : OpRewritePattern<arith::AddFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::AddFOp add, PatternRewriter &rewriter) const override {
    for (auto [product, residual] : {std::pair(add.getLhs(), add.getRhs()), std::pair(add.getRhs(), add.getLhs())}) {
      auto linear = product.getDefiningOp<PackedLinearOp>();
      if (!linear || linear.getResidual() || !linear->hasOneUse() || product == residual)
        continue;
      rewriter.setInsertionPoint(add);
      rewriter.replaceOpWithNewOp<PackedLinearOp>(add, add.getType(), linear.getX(), linear.getWeight(),
                                                  linear.getBias(), residual, linear.getPackingAttr());
      return success();
    }
    return failure();
  }
};

struct SeqFuseResidual : seqc::impl::SeqFuseResidualBase<SeqFuseResidual> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Fuse>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
