//===- Elementwise.h - Loops of scalar arithmetic ---------------*- C++ -*-===//

#ifndef SEQ_LIB_CONVERSION_SEQTOLINALG_ELEMENTWISE_H
#define SEQ_LIB_CONVERSION_SEQTOLINALG_ELEMENTWISE_H

#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

namespace seqc {

/// Arithmetic on floats, or vectors of them, of one type.
class Arithmetic {
public:
  using Value = mlir::Value;

  Arithmetic(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type type) : b(loc, builder), type(type) {}

  Value constant(double value);
  Value add(Value x, Value y);
  Value mul(Value x, Value y);
  Value div(Value x, Value y);
  Value neg(Value x);
  Value max(Value x, double bound); ///< one instruction, which keeps NaN
  Value min(Value x, double bound);
  Value exp(Value x);
  Value apply(mlir::seq::Activation kind, Value x);
  /// Within `elementwise`: x where the index in dimension `dim` is below `end` (an i64), else 0.
  Value before(Value end, unsigned dim, Value x);

private:
  Value tanh(Value x);
  Value erf(Value x);
  Value sigmoid(Value x);
  Value gelu(Value x);
  Value geluTanh(Value x);
  Value softplus(Value x);

  mlir::ImplicitLocOpBuilder b;
  mlir::Type type;
};

/// An elementwise loop over the shape of inputs[0]. `dims` says for each input which dimensions of that
/// it has (none given: all inputs have all). Narrow floats are computed in f32;
/// integers are given as they are.
mlir::Value elementwise(mlir::PatternRewriter &rewriter, mlir::Location loc, mlir::ValueRange inputs,
                        llvm::ArrayRef<llvm::SmallVector<unsigned>> dims,
                        llvm::function_ref<mlir::Value(Arithmetic &, mlir::ValueRange)> body);

} // namespace seqc

#endif // SEQ_LIB_CONVERSION_SEQTOLINALG_ELEMENTWISE_H
