//===- LinearRows.cpp - A linear layer on a few rows ----------------------===//
//
// Every weight is read once, expanded in registers and multiplied with a few rows: the
// outputs of a panel stand in lanes, so that nothing is added up across lanes. Sums run
// in enough chains to hide the latency of multiplications.
//
//===----------------------------------------------------------------------===//

#include "LinearLayer.h"

using namespace mlir;
using namespace seqc::cpu;

namespace {

/// Multiplications in flight that hide their latency.
constexpr int64_t kChains = 8;
/// Weights that are worth a piece of the parallel loop.
constexpr int64_t kPieceWeights = 1 << 15;

class RowsEmitter {
public:
  RowsEmitter(const LinearLayer &layer, int64_t rowsAtOnce)
      : layer(layer), b(layer.b), weights(layer.weights), rowCount(rowsAtOnce), registers(rowsAtOnce * layer.vectors()),
        chains(std::max<int64_t>(1, kChains / registers)) {}

  void emit() {
    int64_t grain = std::max<int64_t>(1, kPieceWeights / (weights.inputs() * PackedMatrix::kPanel));
    b.parallel(b.index(weights.panels()), grain, [&](Value panel, Value) {
      this->panel = panel;
      b.loop(b.index(0), layer.rows(), rowCount, [&](Value first) { group(first); });
    });
  }

private:
  /// Some rows and a panel. Past the last row, rows are computed twice.
  void group(Value first) {
    rows.clear();
    inputs.clear();
    for (int64_t r = 0; r < rowCount; ++r) {
      Value row = r == 0 ? first : b.min(b.addIndex(first, r), b.sub(layer.rows(), b.index(1)));
      rows.push_back(row);
      inputs.push_back(layer.x.at(b, row));
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
      multiply(weights.dense(panel, k, b.index(v * layer.lanes()), layer.lanes()), v, k, chain, sums);
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
    Value record = weights.record(panel, number);
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
  Value panel;
  SmallVector<Value> rows;
  SmallVector<SmallVector<Value>> inputs; ///< indices of the rows in x
};

} // namespace

void seqc::cpu::emitRowsAsFloats(const LinearLayer &layer, int64_t rowsAtOnce) { RowsEmitter(layer, rowsAtOnce).emit(); }
