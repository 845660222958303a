//===- States.cpp - Making, choosing and shortening states ----------------===//

#include "Frame.h"
#include "dialects/Seq/Seq.h"

using namespace mlir;
using namespace seqc::reference;

static LogicalResult stateInit(mlir::seq::StateInitOp op, Frame &frame) {
  int64_t capacity = op.getCapacity() ? frame.integer(op.getCapacity()) : 0;
  auto state = freshState(op, op.getState().getType(), frame.integer(op.getBatch()), capacity);
  if (failed(state))
    return failure();
  frame.set(op.getState(), std::move(*state));
  return success();
}

FailureOr<Datum> seqc::reference::freshState(Operation *op, Type type, int64_t batch, int64_t capacity) {
  SmallVector<int64_t> shape{batch};
  if (auto state = dyn_cast<mlir::seq::StateType>(type))
    llvm::append_range(shape, state.getShape());
  if (capacity < 0)
    return op->emitOpError() << "has room for " << capacity << " tokens";
  if (failed(checkShape(op, shape)))
    return failure();
  if (isa<mlir::seq::KVType>(type)) {
    KvState state;
    state.capacity = capacity;
    state.rows.resize(batch);
    return asDatum(std::move(state));
  }
  auto state = cast<mlir::seq::StateType>(type);
  double init = state.getInit().convertToDouble();
  return asDatum(State{state.getElementType().isInteger() ? Tensor::integers(shape, static_cast<int64_t>(init))
                                                          : Tensor::reals(shape, init)});
}

/// New row b is old row rows[b].
static LogicalResult stateSelect(mlir::seq::StateSelectOp op, Frame &frame) {
  const Tensor &rows = frame.tensor(op.getRows());
  bool isKv = isa<mlir::seq::KVType>(op.getState().getType());
  int64_t batch =
      isKv ? static_cast<int64_t>(frame.kv(op.getState()).rows.size()) : frame.state(op.getState()).values.dim(0);
  if (failed(unify(op, "rows", rows, {&batch})))
    return failure();
  for (int64_t row : rows.integers())
    if (row < 0 || row >= batch)
      return op.emitOpError() << "takes row " << row << " of a state of " << batch << " rows";
  if (isKv) {
    KvState selected = frame.kv(op.getState());
    for (int64_t b = 0; b < batch; ++b)
      selected.rows[b] = frame.kv(op.getState()).rows[rows.integer(b)];
    frame.set(op.getNewState(), std::move(selected));
    return success();
  }
  const Tensor &from = frame.state(op.getState()).values;
  Tensor selected = from;
  int64_t length = batch ? from.size() / batch : 0;
  for (int64_t i = 0; i < from.size(); ++i)
    selected.copyElement(i, from, rows.integer(i / length) * length + i % length);
  frame.set(op.getNewState(), State{std::move(selected)});
  return success();
}

/// Row b keeps its first lengths[b] tokens.
static LogicalResult stateRollback(mlir::seq::StateRollbackOp op, Frame &frame) {
  const Tensor &lengths = frame.tensor(op.getLengths());
  KvState shorter = frame.kv(op.getState());
  int64_t batch = static_cast<int64_t>(shorter.rows.size());
  if (failed(unify(op, "lengths", lengths, {&batch})))
    return failure();
  for (int64_t b = 0; b < batch; ++b) {
    int64_t kept = lengths.integer(b), held = static_cast<int64_t>(shorter.rows[b].size());
    if (kept < 0 || kept > held)
      return op.emitOpError() << "can not keep " << kept << " of the " << held << " tokens of row " << b;
    shorter.rows[b].resize(kept);
  }
  frame.set(op.getNewState(), std::move(shorter));
  return success();
}

void seqc::reference::addStates(Handlers &handlers) {
  handlers.add(stateInit);
  handlers.add(stateSelect);
  handlers.add(stateRollback);
}
