//===- KernelFunctions.h - The function that computes an op -----*- C++ -*-===//

#ifndef SEQ_LIB_CODEGEN_LOWERING_KERNELFUNCTIONS_H
#define SEQ_LIB_CODEGEN_LOWERING_KERNELFUNCTIONS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace seqc {

/// The kernel of an op with arguments of these types, which is written where the module has none yet.
mlir::FailureOr<mlir::func::FuncOp> getKernel(mlir::Operation *op, mlir::TypeRange types);

/// Whether a function is a kernel.
inline bool isKernel(llvm::StringRef name) { return name.starts_with("kernel."); }

} // namespace seqc

#endif // SEQ_LIB_CODEGEN_LOWERING_KERNELFUNCTIONS_H
