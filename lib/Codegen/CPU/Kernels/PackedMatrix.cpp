//===- PackedMatrix.cpp - Packed weights as kernels read them -------------===//

#include "PackedMatrix.h"

using namespace mlir;
using namespace mlir::seq;
using namespace seqc::cpu;

static Value viewAs(KernelBuilder &b, Value memory, Type element) {
  int64_t bytes = cast<MemRefType>(memory.getType()).getDimSize(0);
  auto type = MemRefType::get({bytes * 8 / element.getIntOrFloatBitWidth()}, element);
  return memref::ViewOp::create(b, type, memory, b.index(0), ValueRange());
}

PackedMatrix::PackedMatrix(KernelBuilder &b, PackingType packing, Value memory)
    : b(b), packing(packing), isByte(isa<Q8_0Type>(packing.getFormat())), panelCount(packing.getPanels()),
      recordWords(packing.getRecordBytes() / 4) {
  if (!getBlockFormat(packing.getFormat())) {
    elements = viewAs(b, memory, packing.getFormat());
    return;
  }
  dwords = viewAs(b, memory, b.getI32Type());
  halves = viewAs(b, memory, b.getF16Type());
}

int64_t PackedMatrix::offset() const { return isa<Q4_0Type>(format()) ? 8 : 0; }
bool PackedMatrix::hasMinimum() const { return isa<Q4_1Type>(format()); }

static Value widened(KernelBuilder &b, Value value) {
  auto type = cast<VectorType>(value.getType());
  if (type.getElementType().isF32())
    return value;
  return arith::ExtFOp::create(b, type.clone(b.getF32Type()), value);
}

Value PackedMatrix::dense(Value panel, Value k, Value column, int64_t count) const {
  Value row = b.add(b.mul(panel, b.index(inputs())), k);
  return widened(b, b.loadVector(elements, b.add(b.mul(row, b.index(kPanel)), column), count));
}

Value PackedMatrix::record(Value panel, Value number) const {
  return b.mul(b.add(b.mul(panel, b.index(records())), number), b.index(recordWords));
}

Value PackedMatrix::half(Value record, int64_t first, Value column, int64_t count) const {
  Value at = b.add(b.addIndex(b.mul(record, b.index(2)), first), column);
  return widened(b, b.loadVector(halves, at, count));
}
Value PackedMatrix::scales(Value record, Value column, int64_t count) const { return half(record, 0, column, count); }
Value PackedMatrix::minima(Value record, Value column, int64_t count) const {
  return hasMinimum() ? half(record, kPanel, column, count) : Value();
}

Value PackedMatrix::word(Value record, int64_t i, Value column, int64_t count) const {
  return b.loadVector(dwords, b.add(b.addIndex(record, firstWord() + i * kPanel), column), count);
}

/// The bits of a quant from bit `shift` on, as a number.
Value PackedMatrix::quantAt(Value words, Value shift) const {
  auto type = cast<VectorType>(words.getType());
  auto constant = [&](int64_t value) {
    return arith::ConstantOp::create(b, DenseElementsAttr::get(type, b.getI32IntegerAttr(value)));
  };
  Value quant;
  if (isByte) { // signed: up to the top, and down again
    Value up = arith::ShLIOp::create(b, words, arith::SubIOp::create(b, constant(24), shift));
    quant = arith::ShRSIOp::create(b, up, constant(24));
  } else {
    quant = arith::AndIOp::create(b, arith::ShRUIOp::create(b, words, shift), constant(15));
  }
  return arith::SIToFPOp::create(b, type.clone(b.getF32Type()), quant);
}

Value PackedMatrix::quant(Value words, int64_t j) const {
  auto type = cast<VectorType>(words.getType());
  int32_t shift = static_cast<int32_t>(j * 32 / inputsOfWord());
  return quantAt(words, arith::ConstantOp::create(b, DenseElementsAttr::get(type, shift)));
}

Value PackedMatrix::quantsInOrder(Value words) const {
  auto type = cast<VectorType>(words.getType());
  SmallVector<int32_t> shifts;
  for (int64_t j = 0; j < inputsOfWord(); ++j)
    shifts.push_back(static_cast<int32_t>(j * 32 / inputsOfWord()));
  return quantAt(words, arith::ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef(shifts))));
}

Value PackedMatrix::shift(Value scale, Value minimum) const {
  if (minimum)
    return minimum;
  if (offset() == 0)
    return {};
  return b.mul(scale, b.splat(-static_cast<double>(offset()), cast<VectorType>(scale.getType()).getDimSize(0)));
}

Value PackedMatrix::weight(Value quant, Value scale, Value shift) const {
  return shift ? b.fma(quant, scale, shift) : b.mul(quant, scale);
}

void PackedMatrix::prefetchBehind(Value record) const {
  // Eight: while as many are multiplied, a line comes from memory.
  constexpr int64_t line = 16, ahead = 8;
  // Processors with AVX2 alone (Zen 3 was measured) have more requests under way from their second cache
  // than from the first.
  unsigned hint = b.target.avx512 ? 3 : 2;
  Value last = b.sub(b.dim(dwords, 0), b.index(recordWords));
  Value first = b.min(b.addIndex(record, ahead * recordWords), last);
  for (int64_t i = 0; i < recordWords; i += line)
    memref::PrefetchOp::create(b, dwords, ValueRange{b.addIndex(first, i)}, /*isWrite=*/false, hint,
                               /*isDataCache=*/true);
}
