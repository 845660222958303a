//===- LinearTiles.cpp - A linear layer on many rows ----------------------===//
//
// A panel of weights is expanded to f32 once for a block of rows, into memory of the
// worker that stays in its L2 cache, and multiplied with tiles of rows whose sums stay
// in registers. f32 weights are used where they are.
//
//===----------------------------------------------------------------------===//

#include "LinearLayer.h"

using namespace mlir;
using namespace seqc::cpu;

namespace {

/// Rows that share an expanded panel.
constexpr int64_t kRowBlock = kTileBlockRows;
/// Inputs of a panel that are expanded at a time: 256 KB.
constexpr int64_t kInputBlock = 2048;

class TilesEmitter {
public:
  explicit TilesEmitter(const LinearLayer &layer)
      : layer(layer), b(layer.b), weights(layer.weights), tileRowCount(tileRows(b.target)),
        inPlace(weights.format().isF32()), blockInputs(std::min(kInputBlock, weights.inputs())) {}

  /// Memory of all workers; at the kernel's top level.
  void allocate() {
    if (!inPlace)
      expanded = b.scratch({OpFoldResult(b.workers()), b.getIndexAttr(blockInputs), b.getIndexAttr(kPanel)});
    // A block has at most so many tiles, and one more where the last tile overlaps.
    int64_t tiles = llvm::divideCeil(kRowBlock, tileRowCount) + 1;
    if (blockInputs < weights.inputs())
      unfinished = b.scratch({OpFoldResult(b.workers()), b.getIndexAttr(tiles * tileRowCount), b.getIndexAttr(kPanel)});
  }

  void emit() {
    Value rows = layer.rows();
    Value tiles = b.floorDiv(rows, tileRowCount);
    Value blocks = b.ceilDiv(rows, kRowBlock);
    Value panels = b.index(weights.panels());
    b.parallel(b.mul(blocks, panels), 1, [&](Value unit, Value worker) {
      Value panel = arith::RemUIOp::create(b, unit, panels);
      Value block = arith::DivUIOp::create(b, unit, panels), next = b.addIndex(block, 1);
      // Blocks have whole tiles, about equally many; the last one ends with the rows.
      auto start = [&](Value number) {
        Value tile = arith::DivUIOp::create(b, b.mul(number, tiles), blocks);
        return b.mul(tile, b.index(tileRowCount));
      };
      Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, next, blocks);
      Value end = arith::SelectOp::create(b, isLast, rows, start(next));
      emitBlock(worker, panel, start(block), end);
    });
  }

  KernelBuilder &builder() { return b; }

  /// One panel and the rows [firstRow, end) of a block, which have a tile or more before `end`.
  void emitBlock(Value worker, Value panel, Value firstRow, Value end) {
    this->worker = worker;
    this->panel = panel;
    stored = layer.storedPanel(panel);
    rowEnd = end;
    multiplyBlock(firstRow);
  }

private:
  static constexpr int64_t kPanel = PackedMatrix::kPanel;

  void multiplyBlock(Value firstRow) {
    for (int64_t k = 0; k < weights.inputs(); k += blockInputs) {
      firstInput = k;
      inputCount = std::min(blockInputs, weights.inputs() - k);
      if (!inPlace)
        expand();
      b.loop(firstRow, rowEnd, tileRowCount, [&](Value row) {
        // The last tile ends at the last row: some rows may be computed twice, each time
        // with sums of their own.
        Value first = b.min(row, b.sub(rowEnd, b.index(tileRowCount)));
        tile(first, b.sub(row, firstRow));
      });
    }
  }

  //--- Weights

  void expand() {
    if (!weights.isQuantised()) {
      b.loop(b.index(0), b.index(inputCount), 1, [&](Value k) {
        for (int64_t v = 0; v < layer.vectors(); ++v)
          keep(weights.dense(stored, b.addIndex(k, firstInput), column(v), layer.lanes()), k, v);
      });
      return;
    }
    b.loop(b.index(0), b.index(inputCount / PackedMatrix::kRecord), 1, [&](Value number) { expandRecord(number); });
  }

  void expandRecord(Value number) {
    Value record = weights.record(stored, b.addIndex(number, firstInput / PackedMatrix::kRecord));
    Value first = b.mul(number, b.index(PackedMatrix::kRecord));
    for (int64_t v = 0; v < layer.vectors(); ++v) {
      Value scale = weights.scales(record, column(v), layer.lanes());
      Value shift = weights.shift(scale, weights.minima(record, column(v), layer.lanes()));
      for (int64_t i = 0; i < weights.words(); ++i) {
        Value word = weights.word(record, i, column(v), layer.lanes());
        for (int64_t j = 0; j < weights.inputsOfWord(); ++j)
          keep(weights.weight(weights.quant(word, j), scale, shift), b.addIndex(first, i * weights.inputsOfWord() + j),
               v);
      }
    }
  }

  void keep(Value vector, Value k, int64_t v) { b.storeVector(vector, expanded, {worker, k, column(v)}); }

  Value weight(Value k, int64_t v) {
    if (inPlace)
      return weights.dense(stored, b.addIndex(k, firstInput), column(v), layer.lanes());
    return b.loadVector(expanded, {worker, k, column(v)});
  }

  Value column(int64_t v) { return b.index(v * layer.lanes()); }

  //--- Tiles

  /// Two registers of outputs a row leave room for their weights and inputs. Sums that
  /// are to go on with the next inputs wait in `unfinished` from the row `slot` on.
  void tile(Value firstRow, Value slot) {
    SmallVector<Value> rows;
    SmallVector<SmallVector<Value>> inputs;
    for (int64_t r = 0; r < tileRowCount; ++r) {
      rows.push_back(b.addIndex(firstRow, r));
      inputs.push_back(layer.inputRow(rows.back()));
    }
    for (int64_t v = 0; v < layer.vectors(); v += 2) {
      SmallVector<Value> sums(tileRowCount * 2, b.splat(0));
      if (firstInput > 0)
        for (auto [i, sum] : llvm::enumerate(sums))
          sum = b.loadVector(unfinished, placeOf(slot, v, i));
      sums = b.loop(b.index(0), b.index(inputCount), 1, sums,
                    [&](Value k, ValueRange carried) { return step(k, v, inputs, carried); });
      if (firstInput + inputCount == weights.inputs())
        layer.finish(sums, rows, {panel, v, 2});
      else
        for (auto [i, sum] : llvm::enumerate(sums))
          b.storeVector(sum, unfinished, placeOf(slot, v, i));
    }
  }

  /// Of sum `i` of a tile whose registers are `v` and `v + 1`.
  SmallVector<Value> placeOf(Value slot, int64_t v, int64_t i) {
    return {worker, b.addIndex(slot, i / 2), column(v + i % 2)};
  }

  SmallVector<Value> step(Value k, int64_t v, ArrayRef<SmallVector<Value>> inputs, ValueRange sums) {
    Value left = weight(k, v), right = weight(k, v + 1);
    SmallVector<Value> next;
    for (int64_t r = 0; r < tileRowCount; ++r) {
      Value input = layer.input(inputs[r], b.addIndex(k, firstInput));
      next.push_back(b.fma(left, input, sums[2 * r]));
      next.push_back(b.fma(right, input, sums[2 * r + 1]));
    }
    return next;
  }

  const LinearLayer &layer;
  KernelBuilder &b;
  const PackedMatrix &weights;
  int64_t tileRowCount;
  bool inPlace;
  int64_t blockInputs;
  int64_t firstInput = 0, inputCount = 0; ///< of the block of inputs in work
  Value expanded, unfinished, worker, rowEnd;
  Value panel, stored; ///< the panel in work, and where it is
};

} // namespace

std::function<void()> seqc::cpu::prepareTiles(const LinearLayer &layer) {
  TilesEmitter tiles(layer);
  tiles.allocate();
  return [tiles]() mutable { tiles.emit(); };
}

std::function<void(Value, Value, Value, Value)> seqc::cpu::preparePanelTiles(const LinearLayer &layer) {
  TilesEmitter tiles(layer);
  tiles.allocate();
  return [tiles](Value worker, Value panel, Value from, Value to) mutable {
    KernelBuilder &b = tiles.builder();
    b.loop(from, to, kRowBlock,
           [&](Value first) { tiles.emitBlock(worker, panel, first, b.min(b.addIndex(first, kRowBlock), to)); });
  };
}
