//===- ControlFlow.cpp - Calls, loops and conditions ----------------------===//

#include "Frame.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace seqc::reference;

static void setResults(Operation *op, Frame &frame, ArrayRef<Datum> results) {
  for (auto [result, datum] : llvm::zip_equal(op->getResults(), results))
    frame.set(result, datum);
}

static SmallVector<Datum> valuesOf(ValueRange values, const Frame &frame) {
  return llvm::map_to_vector(values, [&](Value value) { return frame.get(value); });
}

static LogicalResult runCall(func::CallOp op, Frame &frame) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, op.getCalleeAttr());
  auto results = frame.getInterpreter().call(callee, valuesOf(op.getOperands(), frame));
  if (failed(results))
    return failure();
  setResults(op, frame, *results);
  return success();
}

static LogicalResult runFor(scf::ForOp op, Frame &frame) {
  int64_t upper = frame.integer(op.getUpperBound()), step = frame.integer(op.getStep());
  if (step <= 0)
    return op.emitOpError() << "has the step " << step;
  SmallVector<Datum> carried = valuesOf(op.getInitArgs(), frame);
  for (int64_t i = frame.integer(op.getLowerBound()); i < upper;) {
    SmallVector<Datum> arguments{i};
    arguments.append(carried);
    auto next = frame.run(op.getRegion(), arguments);
    if (failed(next))
      return failure();
    carried = std::move(*next);
    if (__builtin_add_overflow(i, step, &i))
      break;
  }
  setResults(op, frame, carried);
  return success();
}

static LogicalResult runIf(scf::IfOp op, Frame &frame) {
  Region &taken = frame.integer(op.getCondition()) ? op.getThenRegion() : op.getElseRegion();
  if (taken.empty())
    return success();
  auto results = frame.run(taken, {});
  if (failed(results))
    return failure();
  setResults(op, frame, *results);
  return success();
}

static LogicalResult runWhile(scf::WhileOp op, Frame &frame) {
  SmallVector<Datum> carried = valuesOf(op.getInits(), frame);
  while (true) {
    // The operands of scf.condition: whether to go on, then what is passed.
    auto before = frame.run(op.getBefore(), carried);
    if (failed(before))
      return failure();
    ArrayRef<Datum> passed = ArrayRef(*before).drop_front();
    if (!std::get<int64_t>(before->front())) {
      setResults(op, frame, passed);
      return success();
    }
    auto after = frame.run(op.getAfter(), passed);
    if (failed(after))
      return failure();
    carried = std::move(*after);
  }
}

void seqc::reference::addControlFlow(Handlers &handlers) {
  handlers.add(runCall);
  handlers.add(runFor);
  handlers.add(runIf);
  handlers.add(runWhile);
}
