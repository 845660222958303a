//===- Calls.h - Who calls a function ---------------------------*- C++ -*-===//

#ifndef SEQ_LIB_TRANSFORMS_CALLS_H
#define SEQ_LIB_TRANSFORMS_CALLS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace seqc {

/// The calls of a function in the order of the module, or nothing if it is known by
/// other users too (an export), so that its signature is not the callers' affair alone.
std::optional<llvm::SmallVector<mlir::func::CallOp>> findCalls(mlir::func::FuncOp function, mlir::ModuleOp module);

} // namespace seqc

#endif // SEQ_LIB_TRANSFORMS_CALLS_H
