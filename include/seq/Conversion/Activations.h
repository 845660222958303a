//===- Activations.h - Activation functions as arithmetic -------*- C++ -*-===//

#ifndef SEQ_CONVERSION_ACTIVATIONS_H
#define SEQ_CONVERSION_ACTIVATIONS_H

#include "dialects/Seq/Seq.h"

namespace seqc {

/// Writes an activation function of `x`, a float or a vector of floats, with arith and math ops.
mlir::Value emitActivation(mlir::OpBuilder &builder, mlir::Location loc, mlir::seq::Activation kind, mlir::Value x);

} // namespace seqc

#endif // SEQ_CONVERSION_ACTIVATIONS_H
