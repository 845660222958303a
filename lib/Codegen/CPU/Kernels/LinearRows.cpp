//===- LinearRows.cpp - A linear layer on a few rows ----------------------===//
//
// Every weight is read once, expanded in registers and multiplied with a few rows: the
// outputs of a panel stand in lanes, so that nothing is added up across lanes. Sums run
// in enough chains to hide the latency of multiplications.
//
//===----------------------------------------------------------------------===//

#include "LinearLayer.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
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

/// One row and quantised weights. Scale and minimum are the same for the 32 inputs of a
/// record, so they are applied to the record's sum: what is left for a weight is to turn
/// its quant into a float and to multiply. With AVX-512 the first is a look-up in a register.
class OneRowEmitter {
public:
  explicit OneRowEmitter(const LinearLayer &layer) : layer(layer), b(layer.b), weights(layer.weights) {}

  /// Room for the sums of the inputs of each record, which minima are multiplied with.
  void allocate(OpFoldResult rows) {
    if (weights.hasMinimum())
      inputSums = b.scratch({rows, b.getIndexAttr(weights.records())});
  }

  void read(Value row) {
    if (!inputSums)
      return;
    number = row;
    inputs = layer.inputRow(row);
    sumInputs();
  }

  void multiply(Value row, Value panel) {
    number = row;
    inputs = layer.inputRow(row);
    if (usesTable())
      table = arith::ConstantOp::create(b, tableOfQuants());
    Value stored = layer.storedPanel(panel);
    SmallVector<Value> sums(layer.vectors(), b.splat(0));
    sums = b.loop(b.index(0), b.index(weights.records()), 1, sums, [&](Value record, ValueRange carried) {
      SmallVector<Value> next = llvm::to_vector(carried);
      addRecord(stored, record, next);
      return next;
    });
    layer.finish(sums, {row}, {panel, 0, layer.vectors()});
  }

private:
  bool usesTable() const { return b.target.avx512 && weights.inputsOfWord() == 8; }

  DenseElementsAttr tableOfQuants() {
    SmallVector<float> values;
    for (int64_t quant = 0; quant < 16; ++quant)
      values.push_back(static_cast<float>(quant - weights.offset()));
    return DenseElementsAttr::get(b.vec(16), ArrayRef(values));
  }

  void sumInputs() {
    b.loop(b.index(0), b.index(weights.records()), 1, [&](Value record) {
      Value first = b.mul(record, b.index(PackedMatrix::kRecord));
      Value sum;
      for (int64_t i = 0; i < PackedMatrix::kRecord; i += layer.lanes()) {
        Value part = b.loadVector(layer.x.memory(), join(inputs, b.addIndex(first, i)));
        sum = sum ? b.add(sum, part) : part;
      }
      b.store(b.reduceAdd(sum), inputSums, {number, record});
    });
  }

  /// Quant j of each dword, as a float without its offset.
  Value quant(Value word, int64_t j) {
    if (usesTable()) { // the permutation looks at the lowest four bits of a lane alone
      Value index = word;
      if (j > 0) {
        auto type = cast<VectorType>(word.getType());
        Value shift = arith::ConstantOp::create(b, DenseElementsAttr::get(type, b.getI32IntegerAttr(4 * j)));
        index = arith::ShRUIOp::create(b, word, shift);
      }
      auto name = b.getStringAttr("llvm.x86.avx512.permvar.sf.512");
      return LLVM::CallIntrinsicOp::create(b, b.vec(16), name, ValueRange{table, index}).getResult(0);
    }
    Value value = weights.quant(word, j);
    return weights.offset() ? b.sub(value, b.splat(static_cast<double>(weights.offset()))) : value;
  }

  void addRecord(Value panel, Value recordNumber, SmallVector<Value> &sums) {
    constexpr int64_t chains = 4;
    Value record = weights.record(panel, recordNumber);
    Value firstInput = b.mul(recordNumber, b.index(PackedMatrix::kRecord));
    SmallVector<Value> parts(chains * layer.vectors());
    for (int64_t i = 0; i < weights.words(); ++i)
      for (int64_t v = 0; v < layer.vectors(); ++v) {
        Value word = weights.word(record, i, b.index(v * layer.lanes()), layer.lanes());
        for (int64_t j = 0; j < weights.inputsOfWord(); ++j) {
          Value input = layer.input(inputs, b.addIndex(firstInput, i * weights.inputsOfWord() + j));
          Value &part = parts[v * chains + j % chains];
          part = part ? b.fma(quant(word, j), input, part) : b.mul(quant(word, j), input);
        }
      }
    for (int64_t v = 0; v < layer.vectors(); ++v) {
      Value *part = &parts[v * chains];
      Value total = b.add(b.add(part[0], part[1]), b.add(part[2], part[3]));
      Value column = b.index(v * layer.lanes());
      sums[v] = b.fma(total, weights.scales(record, column, layer.lanes()), sums[v]);
      if (inputSums) {
        Value inputSum = b.broadcast(b.load(inputSums, {number, recordNumber}));
        sums[v] = b.fma(inputSum, weights.minima(record, column, layer.lanes()), sums[v]);
      }
    }
  }

  const LinearLayer &layer;
  KernelBuilder &b;
  const PackedMatrix &weights;
  Value number;              ///< of the row in work
  SmallVector<Value> inputs; ///< its indices in x
  Value inputSums, table;
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
