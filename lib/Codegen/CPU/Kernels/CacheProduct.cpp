//===- CacheProduct.cpp - Products of small matrices in cache -------------===//

#include "CacheProduct.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace seqc::cpu;

//===----------------------------------------------------------------------===//
// Matrices
//===----------------------------------------------------------------------===//

/// The floats of a cache line, and of the distance at which rows share a set of the L1 cache.
static constexpr int64_t kLineFloats = 16, kSetFloats = 128;

CacheMatrix::CacheMatrix(KernelBuilder &b, Value slots, int64_t rowCount, int64_t columnCount, Layout layout)
    : b(&b), layout(layout), rows(llvm::alignTo(llvm::alignTo(rowCount, b.target.lanes()), blockRows(b.target))),
      columns(llvm::alignTo(columnCount, blockColumns(b.target))),
      pitch(layout == Layout::Panels ? blockColumns(b.target) : columns) {
  // Columns of long rows would share few sets of the cache.
  if (layout == Layout::Rows && pitch % kSetFloats == 0)
    pitch += kLineFloats;
  int64_t elements = layout == Layout::Panels ? rows * columns : rows * pitch;
  memory = b.scratch({slots, b.getIndexAttr(elements)});
}

SmallVector<Value> CacheMatrix::at(Value row, Value column) const {
  Value start = b->mul(row, b->index(pitch));
  if (layout == Layout::Rows)
    return {slot, b->add(start, column)};
  Value panel = b->mul(b->floorDiv(column, pitch), b->index(rows * pitch));
  return {slot, b->add(b->add(panel, start), b->rem(column, pitch))};
}

Value CacheMatrix::load(Value row, Value column) const { return b->load(memory, at(row, column)); }
void CacheMatrix::store(Value scalar, Value row, Value column) const { b->store(scalar, memory, at(row, column)); }
Value CacheMatrix::loadVector(Value row, Value column) const { return b->loadVector(memory, at(row, column)); }
void CacheMatrix::storeVector(Value vector, Value row, Value column) const {
  b->storeVector(vector, memory, at(row, column));
}

void CacheMatrix::clearRow(Value row, int64_t count) const {
  Value zero = b->splat(0);
  b->loop(b->index(0), b->index(count), b->target.lanes(), [&](Value column) { storeVector(zero, row, column); });
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

SmallVector<Value> seqc::cpu::accumulate(KernelBuilder &b, const CacheProduct &product, ArrayRef<Value> rows,
                                         ArrayRef<Value> columns, Value from, Value to, ValueRange sums) {
  return b.loop(from, to, 1, sums, [&](Value i, ValueRange carried) {
    SmallVector<Value> vectors, next;
    for (Value column : columns)
      vectors.push_back(product.right(i, column));
    for (size_t r = 0; r < rows.size(); ++r) {
      Value scalar = b.broadcast(product.left(rows[r], i));
      for (size_t v = 0; v < vectors.size(); ++v)
        next.push_back(b.fma(scalar, vectors[v], carried[r * vectors.size() + v]));
    }
    return next;
  });
}

/// One register block, of `vectors` vectors of columns.
static void emitBlock(KernelBuilder &b, const CacheProduct &product, Value row, Value column, int64_t vectors) {
  SmallVector<Value> rows, columns, sums;
  for (int64_t r = 0; r < blockRows(b.target); ++r)
    rows.push_back(b.addIndex(row, r));
  for (int64_t v = 0; v < vectors; ++v)
    columns.push_back(b.addIndex(column, v * b.target.lanes()));
  for (Value r : rows)
    for (Value c : columns)
      sums.push_back(product.start ? product.start(r, c) : b.splat(0));
  Value from = product.depthStart ? product.depthStart(row) : b.index(0);
  sums = accumulate(b, product, rows, columns, from, product.depth(row), sums);
  for (size_t r = 0; r < rows.size(); ++r)
    product.finish(rows[r], column, ArrayRef(sums).slice(r * columns.size(), columns.size()));
}

void seqc::cpu::emitProduct(KernelBuilder &b, const CacheProduct &product) {
  int64_t lanes = b.target.lanes(), width = blockColumns(b.target);
  auto constant = getConstantIntValue(product.columns);
  bool oddVector = constant && !product.columnEnd && llvm::divideCeil(*constant, lanes) % 2 == 1;
  b.loop(b.index(0), product.rows, blockRows(b.target), [&](Value row) {
    Value end = product.columnEnd ? b.min(product.columnEnd(row), product.columns) : product.columns;
    if (oddVector)
      end = b.index(*constant / width * width);
    b.loop(b.index(0), end, width, [&](Value column) { emitBlock(b, product, row, column, 2); });
    if (oddVector)
      emitBlock(b, product, row, end, 1);
  });
}

//===----------------------------------------------------------------------===//
// Transposes
//===----------------------------------------------------------------------===//

/// In step s, of each pair of rows s apart, the columns whose number has the bit s change
/// places.
void seqc::cpu::transposeSquare(KernelBuilder &b, SmallVector<Value> &rows) {
  int64_t size = rows.size();
  for (int64_t step = 1; step < size; step *= 2)
    for (int64_t i = 0; i < size; ++i) {
      if (i & step)
        continue;
      SmallVector<int64_t> low, high;
      for (int64_t column = 0; column < size; ++column) {
        low.push_back(column & step ? size + (column ^ step) : column);
        high.push_back(column & step ? size + column : column ^ step);
      }
      Value first = rows[i], second = rows[i + step];
      rows[i] = vector::ShuffleOp::create(b, first, second, low);
      rows[i + step] = vector::ShuffleOp::create(b, first, second, high);
    }
}

void seqc::cpu::emitTranspose(KernelBuilder &b, Value rows, int64_t columns,
                              llvm::function_ref<Value(Value, Value, Value)> from, const CacheMatrix &to) {
  int64_t lanes = b.target.lanes(), whole = columns / lanes * lanes;
  Value last = b.sub(rows, b.index(1));
  b.loop(b.index(0), rows, lanes, [&](Value group) {
    auto square = [&](Value column, Value rest) {
      SmallVector<Value> vectors;
      for (int64_t i = 0; i < lanes; ++i)
        vectors.push_back(from(b.min(b.addIndex(group, i), last), column, rest));
      transposeSquare(b, vectors);
      for (int64_t i = 0; i < lanes; ++i)
        to.storeVector(vectors[i], b.addIndex(column, i), group);
    };
    b.loop(b.index(0), b.index(whole), lanes, [&](Value column) { square(column, Value()); });
    if (whole < columns)
      square(b.index(whole), b.index(columns - whole));
  });
}
