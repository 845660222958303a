//===- QuantDots.cpp - Dot products of quants and a row in integers -------===//

#include "QuantDots.h"
#include "Rows.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace seqc::cpu;

/// The largest integer of a record.
static constexpr double kLargest = 1 << 22;
/// Inputs are rounded as if one of this size were among them, so that 1 / s is finite.
static constexpr float kSmallest = 0x1p-104f;

QuantDots::QuantDots(KernelBuilder &b, const PackedMatrix &weights)
    : b(b), weights(weights), way(chooseWay(b, weights)) {}

/// seq-bufferize notes at the module what its processor can do.
QuantDots::Way QuantDots::chooseWay(KernelBuilder &b, const PackedMatrix &weights) {
  auto module = b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  if (module->hasAttr("seq.byte_dots"))
    return Way::Quadruples;
  return weights.quantBits() == 4 ? Way::BytePairs : Way::WordPairs;
}

int64_t QuantDots::offset() const {
  if (weights.quantBits() == 4)
    return weights.offset();
  return way == Way::Quadruples ? 128 : 0;
}

Value QuantDots::integer(Type type, int64_t value) const {
  auto vector = llvm::cast<VectorType>(type);
  llvm::APInt bits(vector.getElementTypeBitWidth(), value, /*isSigned=*/false, /*implicitTrunc=*/true);
  return arith::ConstantOp::create(b, DenseElementsAttr::get(vector, bits));
}

/// The same register as integers of `bits` bits.
Value QuantDots::cast(Value vector, int64_t bits) const {
  auto type = llvm::cast<VectorType>(vector.getType());
  int64_t count = type.getDimSize(0) * type.getElementTypeBitWidth() / bits;
  return vector::BitCastOp::create(b, VectorType::get({count}, b.getIntegerType(bits)), vector);
}

//===----------------------------------------------------------------------===//
// The row
//===----------------------------------------------------------------------===//

void QuantDots::allocate(OpFoldResult rows) {
  int64_t records = weights.records();
  planes = b.scratch({rows, b.getIndexAttr(records * digits() * dwords())}, b.getI32Type());
  scales = b.scratch({rows, b.getIndexAttr(records)});
  if (offset())
    starts = b.scratch({rows, b.getIndexAttr(records * digits())}, b.getI32Type());
  if (weights.hasMinimum())
    inputSums = b.scratch({rows, b.getIndexAttr(records)});
}

void QuantDots::setRow(Value row, Value x, ValueRange at) {
  b.loop(b.index(0), b.index(weights.records()), 1, [&](Value number) {
    Value first = b.mul(number, b.index(PackedMatrix::kRecord));
    setRecord({row, number}, b.loadVector(x, join(at, first), PackedMatrix::kRecord));
  });
}

void QuantDots::setRecord(Place place, Value inputs) {
  if (inputSums)
    b.store(b.reduceAdd(inputs), inputSums, {place.row, place.number});
  Value rounded = integers(place, inputs);
  for (int64_t digit = 0; digit < digits(); ++digit)
    storeDigit(place, rounded, digit);
}

/// Where a digit is among all digits of the row.
Value QuantDots::digitNumber(Place place, int64_t digit) const {
  return b.addIndex(b.mul(place.number, b.index(digits())), digit);
}

/// The integers of a record, with digits that are bits of them. Stores the scale, which is
/// no number, or infinite, if some input is.
Value QuantDots::integers(Place place, Value inputs) {
  Value bits = cast(inputs, 32);
  Value magnitudes = arith::AndIOp::create(b, bits, integer(bits.getType(), 0x7fffffff));
  Value most = vector::ReductionOp::create(b, vector::CombiningKind::MAXUI, magnitudes);
  most = arith::MaxUIOp::create(b, most, b.i32(llvm::bit_cast<int32_t>(kSmallest)));
  Value largest = arith::BitcastOp::create(b, b.getF32Type(), most);
  b.store(b.mul(largest, b.f32(1 / kLargest)), scales, {place.row, place.number});
  // Added to 1.5 * 2^23, a number is rounded to an integer, in the lowest bits of the sum.
  constexpr float magic = 0x1.8p23f;
  Value inverse = b.broadcast(b.div(b.f32(kLargest), largest), PackedMatrix::kRecord);
  Value sum = cast(b.fma(inputs, inverse, b.splat(magic, PackedMatrix::kRecord)), 32);
  // Half of each digit's range is added, and its highest bit changed: that makes the bits
  // signed digits.
  int64_t half = 0;
  for (int64_t digit = 0; digit < digits() - 1; ++digit)
    half |= int64_t(1) << (digitBits() * (digit + 1) - 1);
  Value shifted = b.add(sum, integer(sum.getType(), half - llvm::bit_cast<int32_t>(magic)));
  return arith::XOrIOp::create(b, shifted, integer(sum.getType(), half));
}

void QuantDots::storeDigit(Place place, Value integers, int64_t digit) {
  Value shifted = arith::ShRUIOp::create(b, integers, integer(integers.getType(), digit * digitBits())).getResult();
  Value values =
      arith::TruncIOp::create(b, VectorType::get({PackedMatrix::kRecord}, b.getIntegerType(digitBits())), shifted);
  Value slot = digitNumber(place, digit);
  if (starts) {
    Value wide = arith::ExtSIOp::create(b, integers.getType(), values);
    Value sum = vector::ReductionOp::create(b, vector::CombiningKind::ADD, wide);
    b.store(b.mul(sum, b.i32(-offset())), starts, {place.row, slot});
  }
  // A dword of quants makes vectors of every second of its inputs, unless it holds just as
  // many as a dword of digits.
  int64_t ofWord = weights.inputsOfWord(), each = 32 / digitBits(), step = ofWord / each;
  SmallVector<int64_t> order;
  for (int64_t first = 0; first < PackedMatrix::kRecord; first += ofWord)
    for (int64_t part = 0; part < step; ++part)
      for (int64_t i = 0; i < each; ++i)
        order.push_back(first + part + i * step);
  Value ordered = vector::ShuffleOp::create(b, values, values, order);
  b.storeVector(cast(ordered, 32), planes, {place.row, b.mul(slot, b.index(dwords()))});
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

Value QuantDots::call(StringRef wide, StringRef narrow, Type result, ValueRange operands) const {
  auto name = b.getStringAttr(b.target.lanes() == 16 ? wide : narrow);
  return LLVM::CallIntrinsicOp::create(b, result, name, operands).getResult(0);
}

/// Vectors of quants that have as many inputs in a lane as a dword of digits.
SmallVector<Value> QuantDots::quantsOf(Value word) const {
  if (weights.quantBits() == 4) {
    Value mask = integer(word.getType(), 0x0f0f0f0f);
    Value high = arith::ShRUIOp::create(b, word, integer(word.getType(), 4));
    return {arith::AndIOp::create(b, word, mask), arith::AndIOp::create(b, high, mask)};
  }
  if (way == Way::Quadruples)
    return {arith::XOrIOp::create(b, word, integer(word.getType(), 0x80808080))};
  Value words = cast(word, 16), eight = integer(words.getType(), 8);
  Value up = arith::ShLIOp::create(b, words, eight);
  return {arith::ShRSIOp::create(b, up, eight), arith::ShRSIOp::create(b, words, eight)};
}

Value QuantDots::digitVector(Place place, int64_t digit, int64_t dword) const {
  Value slot = b.addIndex(b.mul(digitNumber(place, digit), b.index(dwords())), dword);
  return b.broadcast(b.load(planes, {place.row, slot}));
}

/// sum + quants * digits, where a null sum is 0.
Value QuantDots::multiplyAdd(Value quants, Value digits, Value sum) const {
  Type dwordType = VectorType::get({b.target.lanes()}, b.getI32Type());
  if (way == Way::Quadruples)
    return call("llvm.x86.avx512.vpdpbusd.512", "llvm.x86.avx512.vpdpbusd.256", dwordType,
                {sum ? sum : b.zero(dwordType), cast(quants, 8), cast(digits, 8)});
  Value products;
  if (way == Way::BytePairs) // 15 * 128 * 2 each; the sums of a record's eight fit into 16 bits
    products = call("llvm.x86.avx512.pmaddubs.w.512", "llvm.x86.avx2.pmadd.ub.sw",
                    VectorType::get({2 * b.target.lanes()}, b.getI16Type()), {cast(quants, 8), cast(digits, 8)});
  else
    products =
        call("llvm.x86.avx512.pmaddw.d.512", "llvm.x86.avx2.pmadd.wd", dwordType, {cast(quants, 16), cast(digits, 16)});
  return sum ? b.add(sum, products) : products;
}

/// One number a lane.
Value QuantDots::inLanes(Value sum) const {
  if (way != Way::BytePairs)
    return sum;
  return call("llvm.x86.avx512.pmaddw.d.512", "llvm.x86.avx2.pmadd.wd",
              VectorType::get({b.target.lanes()}, b.getI32Type()), {sum, integer(sum.getType(), 1)});
}

/// The sums of all digits as one f32. The lower ones together are exact in 32 bits.
Value QuantDots::joined(Place place, ArrayRef<Value> sums) const {
  Value low, high;
  for (auto [digit, sum] : llvm::enumerate(sums)) {
    Value total = inLanes(sum);
    if (starts) {
      Value slot = digitNumber(place, static_cast<int64_t>(digit));
      total = b.add(total, b.broadcast(b.load(starts, {place.row, slot})));
    }
    if (digit + 1 == sums.size())
      high = total;
    else if (digit == 0)
      low = total;
    else
      low = b.add(arith::ShLIOp::create(b, total, integer(total.getType(), digitBits())), low);
  }
  Value unit = b.splat(static_cast<double>(int64_t(1) << (digitBits() * (digits() - 1))));
  auto toFloat = [&](Value integers) -> Value { return arith::SIToFPOp::create(b, b.vec(), integers); };
  return b.fma(toFloat(high), unit, toFloat(low));
}

void QuantDots::addRecord(Value row, Value record, Value number, int64_t column, SmallVector<Value> &sums) const {
  Place place{row, number};
  int64_t lanes = b.target.lanes(), dword = 0;
  auto columnOf = [&](size_t v) { return b.index(column + static_cast<int64_t>(v) * lanes); };
  SmallVector<SmallVector<Value>> products(sums.size(), SmallVector<Value>(digits()));
  for (int64_t i = 0; i < weights.words(); ++i) {
    SmallVector<SmallVector<Value>> quants;
    for (size_t v = 0; v < sums.size(); ++v)
      quants.push_back(quantsOf(weights.word(record, i, columnOf(v), lanes)));
    for (size_t part = 0; part < quants[0].size(); ++part, ++dword)
      for (int64_t digit = 0; digit < digits(); ++digit) {
        Value inputs = digitVector(place, digit, dword);
        for (size_t v = 0; v < sums.size(); ++v)
          products[v][digit] = multiplyAdd(quants[v][part], inputs, products[v][digit]);
      }
  }
  Value scale = b.broadcast(b.load(scales, {row, number}));
  for (size_t v = 0; v < sums.size(); ++v) {
    Value total = b.mul(joined(place, products[v]), scale);
    sums[v] = b.fma(total, weights.scales(record, columnOf(v), lanes), sums[v]);
    if (inputSums) {
      Value inputSum = b.broadcast(b.load(inputSums, {row, number}));
      sums[v] = b.fma(inputSum, weights.minima(record, columnOf(v), lanes), sums[v]);
    }
  }
}
