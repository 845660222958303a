//===- DenseParameters.h - Parameters that are plain tensors ----*- C++ -*-===//

#ifndef SEQ_LIB_TRANSFORMS_DENSEPARAMETERS_H
#define SEQ_LIB_TRANSFORMS_DENSEPARAMETERS_H

#include "dialects/Module/Module.h"

namespace seqc {

/// Makes parameters of the matrices that stand in the code as constants and are weights,
/// tables or operands of calls.
void constantsToParameters(mlir::ModuleOp module);

/// Makes f32 of plain values: loads, and arguments that get nothing else. Kernels work in
/// f32, so other floats are converted when the module is written (the file's type becomes
/// `stored`); ops that ask for the old type get a conversion back. The signatures of
/// functions are the caller's to update. An error where a parameter holds no floats.
mlir::LogicalResult makeDense(llvm::ArrayRef<mlir::Value> values, mlir::ModuleOp module);

} // namespace seqc

#endif // SEQ_LIB_TRANSFORMS_DENSEPARAMETERS_H
