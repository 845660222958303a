//===- PackedEmbedding.cpp - Rows of a packed table -----------------------===//

#include "Indices.h"
#include "PackedMatrix.h"
#include "Rows.h"

using namespace mlir;
using namespace seqc::cpu;

namespace {

/// Copies one row of the table; a row is one lane of a panel.
class RowGatherer {
public:
  RowGatherer(KernelBuilder &b, const PackedMatrix &table, const Rows &y) : b(b), table(table), y(y) {}

  void gather(Value id, Value row) {
    panel = b.floorDiv(id, PackedMatrix::kPanel);
    column = b.rem(id, PackedMatrix::kPanel);
    target = y.at(b, row);
    if (table.isQuantised())
      b.loop(b.index(0), b.index(table.records()), 1, [&](Value number) { expandRecord(number); });
    else
      b.loop(b.index(0), b.index(table.inputs()), 1, [&](Value k) {
        Value element = table.dense(panel, k, column, 1);
        b.store(vector::ExtractOp::create(b, element, 0), y.memory(), join(target, k));
      });
  }

private:
  /// The only lane of a vector, in `count` lanes.
  Value spread(Value single, int64_t count) {
    return single ? b.broadcast(vector::ExtractOp::create(b, single, 0), count) : Value();
  }

  void expandRecord(Value number) {
    int64_t each = table.inputsOfWord();
    Value record = table.record(panel, number);
    Value scale = spread(table.scales(record, column, 1), each);
    Value shift = table.shift(scale, spread(table.minima(record, column, 1), each));
    Value first = b.mul(number, b.index(PackedMatrix::kRecord));
    for (int64_t i = 0; i < table.words(); ++i) {
      Value quants = table.quantsInOrder(spread(table.word(record, i, column, 1), each));
      b.storeVector(table.weight(quants, scale, shift), y.memory(), join(target, b.addIndex(first, i * each)));
    }
  }

  KernelBuilder &b;
  const PackedMatrix &table;
  const Rows &y;
  Value panel, column;
  SmallVector<Value> target;
};

} // namespace

/// An id outside the table reads row 0.
LogicalResult seqc::cpu::emitPackedEmbedding(mlir::seq::PackedEmbeddingOp op, func::FuncOp kernel, KernelBuilder &b) {
  PackedMatrix table(b, cast<mlir::seq::PackingType>(op.getPacking()), kernel.getArgument(1));
  Value ids = kernel.getArgument(0);
  Rows y(b, kernel.getArgument(2));
  // One id belongs to each row of y: all dimensions of the ids are y's leading ones.
  Rows idRows(b, ids);
  Value width = b.dim(ids, cast<MemRefType>(ids.getType()).getRank() - 1);
  RowGatherer gatherer(b, table, y);
  b.loop(b.index(0), y.count(), 1, [&](Value row) {
    Value idRow = arith::DivUIOp::create(b, row, width), idColumn = arith::RemUIOp::create(b, row, width);
    Value id = b.load(idRows.memory(), join(idRows.at(b, idRow), idColumn));
    gatherer.gather(checkedIndex(b, id, row, table.outputs(), IndexOf::Row), row);
  });
  return success();
}
