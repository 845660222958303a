//===- QuantDots.h - Dot products of quants and a row in integers -*- C++ -*-===//
//
// In a record of 32 inputs, x = s i with one scale s and integers |i| <= 2^22. Products of
// integers and quants are exact, and processors multiply and add up four or two of them in
// a lane at once, in bytes or 16-bit words. An integer is therefore cut into signed digits,
// the lowest first: three of 8 bits, or two of 16. Where the processor wants weights without
// a sign, quants are taken with an offset, and its products are subtracted.
//
// What a rounded input is off by is at most 2^-23 of the largest one of its record (at least
// of 2^-104): as much as the rounding of f32 sums.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_QUANTDOTS_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_QUANTDOTS_H

#include "PackedMatrix.h"

namespace seqc::cpu {

/// Dot products of the records of a quantised matrix with single rows.
class QuantDots {
public:
  using Value = mlir::Value;

  QuantDots(KernelBuilder &b, const PackedMatrix &weights);

  /// Memory for `rows` rows; at the kernel's top level.
  void allocate(mlir::OpFoldResult rows);
  /// Rounds a row: the f32 of `x` from the indices `at` on.
  void setRow(Value row, Value x, mlir::ValueRange at);

  /// Adds the dot products of a row and a record, which is number `number` of its panel, to
  /// `sums`, which belong to the outputs from `column` on, one register after the other.
  void addRecord(Value row, Value record, Value number, int64_t column, llvm::SmallVector<Value> &sums) const;

private:
  /// Four bytes a lane by one instruction; pairs of bytes, which are summed up in 16 bits and
  /// have room for 4-bit quants; pairs of words.
  enum class Way { Quadruples, BytePairs, WordPairs };
  static Way chooseWay(KernelBuilder &b, const PackedMatrix &weights);

  int64_t digitBits() const { return way == Way::WordPairs ? 16 : 8; }
  int64_t digits() const { return way == Way::WordPairs ? 2 : 3; }
  /// Dwords of a digit of a record. Each holds the inputs that one vector of weights has in
  /// a lane.
  int64_t dwords() const { return PackedMatrix::kRecord * digitBits() / 32; }
  /// What quants are greater by in the products than as values.
  int64_t offset() const;

  /// A record of a row.
  struct Place {
    Value row, number;
  };
  void setRecord(Place place, Value inputs);
  Value integers(Place place, Value inputs);
  void storeDigit(Place place, Value integers, int64_t digit);
  Value digitVector(Place place, int64_t digit, int64_t dword) const;
  Value digitNumber(Place place, int64_t digit) const;
  llvm::SmallVector<Value> quantsOf(Value word) const;
  Value multiplyAdd(Value quants, Value digits, Value sum) const;
  Value inLanes(Value sum) const;
  Value joined(Place place, llvm::ArrayRef<Value> sums) const;
  Value call(llvm::StringRef wide, llvm::StringRef narrow, mlir::Type result, mlir::ValueRange operands) const;
  Value integer(mlir::Type type, int64_t value) const;
  Value cast(Value vector, int64_t bits) const;

  KernelBuilder &b;
  const PackedMatrix &weights;
  Way way;
  Value planes;    ///< i32 [rows, records * digits * dwords]
  Value starts;    ///< i32 [rows, records * digits]: minus the products of the offset; null without
  Value scales;    ///< [rows, records]
  Value inputSums; ///< [rows, records], what minima are multiplied with; null without
};

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_QUANTDOTS_H
