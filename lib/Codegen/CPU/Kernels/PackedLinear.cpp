//===- PackedLinear.cpp - Linear layers with packed weights ---------------===//

#include "LinearLayer.h"

using namespace mlir;
using namespace seqc::cpu;

LinearLayer::LinearLayer(mlir::seq::PackedLinearOp op, func::FuncOp kernel, KernelBuilder &b)
    : b(b), weights(b, cast<mlir::seq::PackingType>(op.getPacking()), kernel.getArgument(1)),
      x(b, kernel.getArgument(0)), y(b, kernel.getArguments().back()) {
  unsigned next = 2;
  if (op.getBias())
    bias = kernel.getArgument(next++);
  if (op.getResidual())
    residual.emplace(b, kernel.getArgument(next++));
}

void LinearLayer::select(Value selected, RowMap toInput, RowMap toOutput) {
  matrix = selected;
  inputOf = std::move(toInput);
  outputOf = std::move(toOutput);
}

Value LinearLayer::storedPanel(Value panel) const {
  return matrix ? b.add(b.mul(matrix, b.index(weights.panels())), panel) : panel;
}

Value LinearLayer::input(ValueRange row, Value k) const { return b.broadcast(b.load(x.memory(), join(row, k))); }

void LinearLayer::forRegisters(Place place, llvm::function_ref<void(int64_t, Value, Value)> body) const {
  Value outputs = b.index(weights.outputs());
  Value firstOutput = b.mul(place.panel, b.index(PackedMatrix::kPanel));
  for (int64_t i = 0; i < place.count; ++i) {
    Value n = b.addIndex(firstOutput, (place.first + i) * lanes());
    Value count;
    if (weights.outputs() % PackedMatrix::kPanel != 0)
      count = b.min(b.sub(b.max(outputs, n), n), b.index(lanes()));
    body(i, n, count);
  }
}

Value LinearLayer::load(Value memory, ValueRange indices, Value count) const {
  return count ? b.loadMasked(memory, indices, count) : b.loadVector(memory, indices);
}
void LinearLayer::store(Value vector, ValueRange indices, Value count) const {
  if (count)
    b.storeMasked(vector, y.memory(), indices, count);
  else
    b.storeVector(vector, y.memory(), indices);
}

void LinearLayer::finish(ValueRange sums, ArrayRef<Value> rows, Place place) const {
  forRegisters(place, [&](int64_t i, Value n, Value count) {
    SmallVector<Value> biasAt = matrix ? SmallVector<Value>{matrix, n} : SmallVector<Value>{n};
    Value biasVector = bias ? load(bias, biasAt, count) : Value();
    for (auto [r, row] : llvm::enumerate(rows)) {
      Value sum = sums[r * place.count + i];
      if (biasVector)
        sum = b.add(sum, biasVector);
      if (residual)
        sum = b.add(sum, load(residual->memory(), join(residual->at(b, row), n), count));
      store(sum, join(outputRow(row), n), count);
    }
  });
}

/// Writes `body` for from <= rows < to; 0 means no bound.
static void forRowCounts(const LinearLayer &layer, int64_t from, int64_t to, llvm::function_ref<void()> body) {
  KernelBuilder &b = layer.b;
  Value rows = layer.rows();
  auto above = [&](Value value, int64_t bound) { return b.less(b.index(bound - 1), value); };
  if (to == 0)
    return b.ifThen(above(rows, from), body);
  Value within = b.less(b.sub(rows, b.index(from)), b.index(to - from));
  b.ifThen(within, body);
}

LogicalResult seqc::cpu::emitPackedLinear(mlir::seq::PackedLinearOp op, func::FuncOp kernel, KernelBuilder &b) {
  LinearLayer layer(op, kernel, b);
  auto emitTiles = prepareTiles(layer);
  OneRow oneRow = prepareOneRow(layer, b.getIndexAttr(1));
  int64_t many = tileRows(b.target);
  forRowCounts(layer, 1, 2, [&] { emitOneRow(layer, oneRow); });
  forRowCounts(layer, 2, many, [&] { emitRowsAsFloats(layer, b.target.avx512 ? 4 : 2); });
  forRowCounts(layer, many, 0, emitTiles);
  return success();
}
