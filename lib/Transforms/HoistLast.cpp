//===- HoistLast.cpp - Compute only the last position ---------------------===//

#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "seq/Transforms/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQHOISTLAST
#include "lib/Transforms/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace mlir::seq;

namespace {

bool runsOverTime(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() >= 2 && type.isDynamicDim(1);
}

bool isPointwiseInTime(Operation *op) {
  if (auto time = dyn_cast<TimeInterface>(op))
    return time.getCarriedStates().empty();
  return OpTrait::hasElementwiseMappableTraits(op);
}

/// last(f(x, w)) becomes f(last(x), w).
struct MoveUp : OpRewritePattern<LastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LastOp last, PatternRewriter &rewriter) const override {
    Operation *producer = last.getX().getDefiningOp();
    if (!producer || producer->getNumResults() != 1 || !producer->hasOneUse() || !isPointwiseInTime(producer))
      return failure();
    SmallVector<Value> operands;
    for (Value operand : producer->getOperands())
      operands.push_back(runsOverTime(operand) ? Value(LastOp::create(rewriter, last.getLoc(), operand)) : operand);
    Operation *moved = rewriter.clone(*producer);
    moved->setOperands(operands);
    moved->getResult(0).setType(last.getType());
    rewriter.replaceOp(last, moved->getResults());
    return success();
  }
};

struct SeqHoistLast : seqc::impl::SeqHoistLastBase<SeqHoistLast> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<MoveUp>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
