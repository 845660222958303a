//===- LinearRows.cpp - A linear layer on a few rows ----------------------===//
//
// Every weight is read once and multiplied with a few rows: the outputs of a panel stand in
// lanes, so that nothing is added up across lanes. Weights are expanded to f32 in registers,
// and sums run in enough chains to hide the latency of multiplications; but one row and quants
// are multiplied as integers (QuantDots.h), which leaves the reading of memory as the limit.
//
//===----------------------------------------------------------------------===//

#include "LinearLayer.h"
#include "QuantDots.h"
#include <memory>

using namespace mlir;
using namespace seqc::cpu;

namespace {

/// Multiplications in flight that hide their latency.
constexpr int64_t kChains = 8;
/// Weights that are worth a piece of the parallel loop.
constexpr int64_t kPieceWeights = 1 << 15;

int64_t grainOfPanels(const PackedMatrix &weights) {
  return std::max<int64_t>(1, kPieceWeights / (weights.inputs() * PackedMatrix::kPanel));
}

class RowsEmitter {
public:
  RowsEmitter(const LinearLayer &layer, int64_t rowsAtOnce)
      : layer(layer), b(layer.b), weights(layer.weights), rowCount(rowsAtOnce), registers(rowsAtOnce * layer.vectors()),
        chains(std::max<int64_t>(1, kChains / registers)) {}

  void emit() {
    b.parallel(b.index(weights.panels()), grainOfPanels(weights),
               [&](Value panel, Value) { emitPanel(panel, b.index(0), layer.rows()); });
  }

  /// One panel and the rows [from, to).
  void emitPanel(Value panel, Value from, Value to) {
    this->panel = panel;
    stored = layer.storedPanel(panel);
    b.loop(from, to, rowCount, [&](Value first) { group(first, b.sub(to, b.index(1))); });
  }

private:
  /// Some rows and a panel. Past the last row, rows are computed twice.
  void group(Value first, Value last) {
    rows.clear();
    inputs.clear();
    for (int64_t r = 0; r < rowCount; ++r) {
      Value row = r == 0 ? first : b.min(b.addIndex(first, r), last);
      rows.push_back(row);
      inputs.push_back(layer.inputRow(row));
    }
    SmallVector<Value> sums = weights.isQuantised() ? overRecords() : overInputs();
    layer.finish(sums, rows, {panel, 0, layer.vectors()});
  }

  SmallVector<Value> overInputs() {
    SmallVector<Value> sums(registers * chains, b.splat(0));
    int64_t main = weights.inputs() / chains * chains;
    sums = b.loop(b.index(0), b.index(main), chains, sums, [&](Value k, ValueRange carried) {
      SmallVector<Value> next = llvm::to_vector(carried);
      for (int64_t chain = 0; chain < chains; ++chain)
        addInput(b.addIndex(k, chain), chain, next);
      return next;
    });
    for (int64_t k = main; k < weights.inputs(); ++k)
      addInput(b.index(k), k - main, sums);
    return joined(sums);
  }

  void addInput(Value k, int64_t chain, SmallVector<Value> &sums) {
    for (int64_t v = 0; v < layer.vectors(); ++v)
      multiply(weights.dense(stored, k, b.index(v * layer.lanes()), layer.lanes()), v, k, chain, sums);
  }

  SmallVector<Value> overRecords() {
    SmallVector<Value> sums(registers * chains, b.splat(0));
    sums = b.loop(b.index(0), b.index(weights.records()), 1, sums, [&](Value number, ValueRange carried) {
      SmallVector<Value> next = llvm::to_vector(carried);
      addRecord(number, next);
      return next;
    });
    return joined(sums);
  }

  void addRecord(Value number, SmallVector<Value> &sums) {
    Value record = weights.record(stored, number);
    Value firstInput = b.mul(number, b.index(PackedMatrix::kRecord));
    for (int64_t v = 0; v < layer.vectors(); ++v) {
      Value column = b.index(v * layer.lanes());
      Value scale = weights.scales(record, column, layer.lanes());
      Value shift = weights.shift(scale, weights.minima(record, column, layer.lanes()));
      for (int64_t i = 0; i < weights.words(); ++i) {
        Value word = weights.word(record, i, column, layer.lanes());
        for (int64_t j = 0; j < weights.inputsOfWord(); ++j) {
          Value k = b.addIndex(firstInput, i * weights.inputsOfWord() + j);
          multiply(weights.weight(weights.quant(word, j), scale, shift), v, k, j % chains, sums);
        }
      }
    }
  }

  /// Adds weight * input to register `v` of each row.
  void multiply(Value weight, int64_t v, Value k, int64_t chain, SmallVector<Value> &sums) {
    for (int64_t r = 0; r < rowCount; ++r) {
      Value &sum = sums[chain * registers + r * layer.vectors() + v];
      sum = b.fma(weight, layer.input(inputs[r], k), sum);
    }
  }

  /// The sums of all chains.
  SmallVector<Value> joined(SmallVector<Value> sums) {
    for (int64_t count = chains; count > 1; count /= 2)
      for (int64_t i = 0; i < registers * (count / 2); ++i)
        sums[i] = b.add(sums[i], sums[registers * (count / 2) + i]);
    sums.truncate(registers);
    return sums;
  }

  const LinearLayer &layer;
  KernelBuilder &b;
  const PackedMatrix &weights;
  int64_t rowCount, registers, chains;
  Value panel, stored; ///< the panel in work, and where it is
  SmallVector<Value> rows;
  SmallVector<SmallVector<Value>> inputs; ///< indices of the rows in x
};

/// One row and quantised weights: integers are multiplied, and each record's sum takes the
/// record's scale and minimum.
class OneRowEmitter {
public:
  explicit OneRowEmitter(const LinearLayer &layer) : layer(layer), b(layer.b), dots(layer.b, layer.weights) {}

  void allocate(OpFoldResult rows) { dots.allocate(rows); }

  void read(Value row) { dots.setRow(row, layer.x.memory(), layer.inputRow(row)); }

  /// All outputs of a panel record by record, so that memory is read from front to back: while a
  /// second walk over the panel found its other outputs in the cache, memory would rest.
  void multiply(Value row, Value panel) {
    Value stored = layer.storedPanel(panel);
    SmallVector<Value> sums(layer.vectors(), b.splat(0));
    sums = b.loop(b.index(0), b.index(layer.weights.records()), 1, sums, [&](Value number, ValueRange carried) {
      Value record = layer.weights.record(stored, number);
      layer.weights.prefetchBehind(record);
      SmallVector<Value> next;
      for (int64_t first = 0; first < layer.vectors(); first += kVectors) {
        SmallVector<Value> part = llvm::to_vector(carried.slice(first, kVectors));
        dots.addRecord(row, record, number, first * layer.lanes(), part);
        llvm::append_range(next, part);
      }
      return next;
    });
    layer.finish(sums, {row}, {panel, 0, layer.vectors()});
  }

private:
  /// Registers of outputs at a time: few enough that the sums of all digits have registers.
  static constexpr int64_t kVectors = 2;

  const LinearLayer &layer;
  KernelBuilder &b;
  QuantDots dots;
};

} // namespace

OneRow seqc::cpu::prepareOneRow(const LinearLayer &layer, OpFoldResult rows) {
  if (!layer.weights.isQuantised())
    return {
        [](Value) {},
        [&layer](Value row, Value panel) { RowsEmitter(layer, 1).emitPanel(panel, row, layer.b.addIndex(row, 1)); }};
  auto emitter = std::make_shared<OneRowEmitter>(layer);
  emitter->allocate(rows);
  return {[emitter](Value row) { emitter->read(row); },
          [emitter](Value row, Value panel) { emitter->multiply(row, panel); }};
}

void seqc::cpu::emitOneRow(const LinearLayer &layer, const OneRow &one) {
  KernelBuilder &b = layer.b;
  Value row = b.index(0);
  one.read(row);
  b.parallel(b.index(layer.weights.panels()), grainOfPanels(layer.weights),
             [&](Value panel, Value) { one.multiply(row, panel); });
}

void seqc::cpu::emitRowsAsFloats(const LinearLayer &layer, int64_t rowsAtOnce) {
  RowsEmitter(layer, rowsAtOnce).emit();
}

void seqc::cpu::emitRowsOfPanel(const LinearLayer &layer, int64_t rowsAtOnce, Value panel, Value from, Value to) {
  RowsEmitter(layer, rowsAtOnce).emitPanel(panel, from, to);
}
