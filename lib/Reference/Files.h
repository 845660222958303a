//===- Files.h - Tensors and states in .npy files ---------------*- C++ -*-===//

#ifndef SEQ_LIB_REFERENCE_FILES_H
#define SEQ_LIB_REFERENCE_FILES_H

#include "Frame.h"

namespace seqc::reference {

/// A tensor of the kind of `type` (reals or integers that fit) from a file; a failure is
/// emitted at `op`.
mlir::FailureOr<Tensor> readTensor(mlir::Operation *op, llvm::StringRef path, mlir::Type element);

/// Writes a tensor as f64 or i64.
mlir::LogicalResult writeTensor(mlir::Operation *op, llvm::StringRef path, const Tensor &tensor);

/// A state from the files that writeState wrote. A KV state has room for `capacity` tokens.
mlir::FailureOr<Datum> readState(mlir::Operation *op, llvm::StringRef prefix, mlir::Type type, int64_t capacity);

/// Writes a state to PREFIX.npy, a KV state to PREFIX.keys.npy and PREFIX.values.npy.
mlir::LogicalResult writeState(mlir::Operation *op, llvm::StringRef prefix, mlir::Type type, const Datum &datum);

} // namespace seqc::reference

#endif // SEQ_LIB_REFERENCE_FILES_H
