//===- CheckOps.cpp - Expectations, and states with given contents --------===//

#include "Frame.h"
#include "KvStates.h"
#include "dialects/Check/Check.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using namespace seqc::reference;

/// Where and how an element is not what it should be.
static InFlightDiagnostic mismatch(Operation *op, const Tensor &tensor, int64_t offset) {
  InFlightDiagnostic error = op->emitOpError() << "fails at [";
  llvm::interleaveComma(tensor.indexOf(offset), error);
  return std::move(error << "]: ");
}

static LogicalResult checkShapes(Operation *op, const Tensor &actual, const Tensor &expected) {
  if (actual.shape() == expected.shape())
    return success();
  return op->emitOpError() << "compares " << shapeText(actual.shape()) << " with " << shapeText(expected.shape());
}

/// Whether two tensors of integers are equal.
static LogicalResult checkIntegers(Operation *op, const Tensor &actual, const Tensor &expected) {
  for (int64_t i = 0; i < actual.size(); ++i)
    if (actual.integers()[i] != expected.integers()[i])
      return mismatch(op, actual, i) << "actual " << actual.integers()[i] << ", expected " << expected.integers()[i];
  return success();
}

/// Whether two tensors of reals are equal up to a tolerance; infinities are equal to
/// themselves and NaN to NaN.
static LogicalResult checkReals(Operation *op, const Tensor &actual, const Tensor &expected, double atol, double rtol) {
  for (int64_t i = 0; i < actual.size(); ++i) {
    double a = actual.reals()[i], e = expected.reals()[i];
    bool same = a == e || (std::isnan(a) && std::isnan(e));
    if (same || (std::isfinite(e) && std::abs(a - e) <= atol + rtol * std::abs(e)))
      continue;
    std::string text;
    llvm::raw_string_ostream(text) << llvm::format("actual %.9g, expected %.9g (difference %.3g)", a, e, a - e);
    return mismatch(op, actual, i) << text;
  }
  return success();
}

static LogicalResult expectClose(check::ExpectCloseOp op, Frame &frame) {
  const Tensor &actual = frame.tensor(op.getActual()), &expected = frame.tensor(op.getExpected());
  if (failed(checkShapes(op, actual, expected)) ||
      failed(actual.isReal()
                 ? checkReals(op, actual, expected, op.getAtol().convertToDouble(), op.getRtol().convertToDouble())
                 : checkIntegers(op, actual, expected)))
    return failure();
  frame.getInterpreter().countCheck();
  return success();
}

static LogicalResult expectEqual(check::ExpectEqualOp op, Frame &frame) {
  const Tensor &actual = frame.tensor(op.getActual()), &expected = frame.tensor(op.getExpected());
  if (failed(checkShapes(op, actual, expected)) ||
      failed(actual.isReal() ? checkReals(op, actual, expected, 0, 0) : checkIntegers(op, actual, expected)))
    return failure();
  frame.getInterpreter().countCheck();
  return success();
}

static LogicalResult makeState(check::MakeStateOp op, Frame &frame) {
  const Tensor &contents = frame.tensor(op.getContents()[0]);
  if (!isa<mlir::seq::KVType>(op.getState().getType())) {
    frame.set(op.getState(), State{contents});
    return success();
  }
  const Tensor &values = frame.tensor(op.getContents()[1]);
  int64_t batch = contents.dim(0), time = contents.dim(1), heads = contents.dim(2), valueDim = -1;
  KvState state;
  state.capacity = op.getCapacity() ? static_cast<int64_t>(*op.getCapacity()) : time;
  state.rows.resize(batch);
  if (failed(unify(op, "the values", values, {&batch, &time, &heads, &valueDim})) ||
      failed(append(op, state, contents, values)))
    return failure();
  frame.set(op.getState(), std::move(state));
  return success();
}

static LogicalResult stateContents(check::StateContentsOp op, Frame &frame) {
  if (auto type = dyn_cast<mlir::seq::KVType>(op.getState().getType())) {
    auto [keys, values] = keysAndValues(frame.kv(op.getState()), type);
    frame.set(op.getContents()[0], std::move(keys));
    frame.set(op.getContents()[1], std::move(values));
  } else {
    frame.set(op.getContents()[0], frame.state(op.getState()).values);
  }
  return success();
}

void seqc::reference::addCheckOps(Handlers &handlers) {
  handlers.add(expectClose);
  handlers.add(expectEqual);
  handlers.add(makeState);
  handlers.add(stateContents);
}
