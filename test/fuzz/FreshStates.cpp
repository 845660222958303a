//===- FreshStates.cpp - Programs that make states themselves -------------===//

#include "FreshStates.h"
#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

void seqc::fuzz::giveFreshStates(ModuleOp module) {
  SmallVector<seq::TimeInterface> ops;
  module.walk([&](seq::TimeInterface op) {
    if (!op.getCarriedStates().empty() && op.getGivenStates().empty())
      ops.push_back(op);
  });
  IRRewriter rewriter(module.getContext());
  for (seq::TimeInterface op : ops) {
    rewriter.setInsertionPoint(op);
    Location loc = op.getLoc();
    auto extent = [&](int64_t d) -> Value { return tensor::DimOp::create(rewriter, loc, op->getOperand(0), d); };
    SmallVector<Value> states;
    for (Type type : op.getCarriedStates())
      states.push_back(
          seq::StateInitOp::create(rewriter, loc, type, extent(0), isa<seq::KVType>(type) ? extent(1) : Value()));
    op.threadStates(rewriter, states);
  }
}
