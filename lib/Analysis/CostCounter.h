//===- CostCounter.h - Adding up what an op costs ---------------*- C++ -*-===//

#ifndef SEQ_LIB_ANALYSIS_COSTCOUNTER_H
#define SEQ_LIB_ANALYSIS_COSTCOUNTER_H

#include "dialects/Seq/Seq.h"
#include "seq/Analysis/Cost.h"

namespace seqc {

/// Counts by token and by row, for an op whose first tensor [B,T,...] says what of both is constant.
class CostCounter {
public:
  explicit CostCounter(mlir::Operation *op) {
    for (mlir::Value operand : op->getOperands())
      if (!like)
        like = mlir::dyn_cast<mlir::RankedTensorType>(operand.getType());
    if (!like)
      like = mlir::RankedTensorType::get({}, mlir::Float32Type::get(op->getContext()));
  }

  /// `count` for each token.
  void perToken(Amount &amount, double count) const;
  /// `count` for each sequence.
  void perRow(Amount &amount, double count) const;
  /// `perPair` for each token and each one that it sees, and `perKey` once for each that is seen.
  void perSeen(Amount &ofToken, double perPair, Amount &ofRow, double perKey) const;

  /// The bytes of tensors along time, of constant tensors, and of states: read and written. Null values do not count.
  void sequences(mlir::ValueRange values);
  void constants(mlir::ValueRange values);
  void states(mlir::ValueRange given);

  /// Bytes of an element, of block-quantised ones on average.
  static double bytesOf(mlir::Type element);

  Cost cost;

private:
  mlir::RankedTensorType like;
};

/// Counts an op that has forms (CostRecurrences.cpp).
void countRecurrence(CostCounter &counter, mlir::Operation *op);

} // namespace seqc

#endif // SEQ_LIB_ANALYSIS_COSTCOUNTER_H
