//===- Shapes.cpp - Heads and broadcasts ----------------------------------===//

#include "Patterns.h"
#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace mlir::seq;

namespace {

/// Keeps all dimensions but the last `kept` of the larger shape, which form one group.
SmallVector<ReassociationIndices> lastTwoTogether(int64_t rank) {
  SmallVector<ReassociationIndices> groups;
  for (int64_t d = 0; d + 2 < rank; ++d)
    groups.push_back({d});
  groups.push_back({rank - 2, rank - 1});
  return groups;
}

struct LowerSplitHeads : OpRewritePattern<SplitHeadsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SplitHeadsOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getY().getType());
    SmallVector<OpFoldResult> shape;
    for (int64_t d = 0; d < type.getRank(); ++d) {
      if (type.isDynamicDim(d))
        shape.push_back(tensor::DimOp::create(rewriter, op.getLoc(), op.getX(), d).getResult());
      else
        shape.push_back(rewriter.getIndexAttr(type.getDimSize(d)));
    }
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(op, type, op.getX(), lastTwoTogether(type.getRank()), shape);
    return success();
  }
};

struct LowerMergeHeads : OpRewritePattern<MergeHeadsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MergeHeadsOp op, PatternRewriter &rewriter) const override {
    int64_t rank = cast<RankedTensorType>(op.getX().getType()).getRank();
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(op, op.getY().getType(), op.getX(), lastTwoTogether(rank));
    return success();
  }
};

struct LowerBroadcast : OpRewritePattern<BroadcastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BroadcastOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getY().getType());
    int64_t added = op.getLeadingCount();
    if (added == 0) {
      rewriter.replaceOp(op, op.getValue());
      return success();
    }
    SmallVector<Value> extents;
    for (int64_t d = 0; d < type.getRank(); ++d)
      if (type.isDynamicDim(d))
        extents.push_back(d < added ? tensor::DimOp::create(rewriter, op.getLoc(), op.getLike(), d)
                                    : tensor::DimOp::create(rewriter, op.getLoc(), op.getValue(), d - added));
    Value empty = tensor::EmptyOp::create(rewriter, op.getLoc(), type, extents);
    rewriter.replaceOpWithNewOp<linalg::BroadcastOp>(op, op.getValue(), empty,
                                                     llvm::to_vector(llvm::seq<int64_t>(0, added)));
    return success();
  }
};

} // namespace

void seqc::populateShapePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerSplitHeads, LowerMergeHeads, LowerBroadcast>(patterns.getContext());
}
