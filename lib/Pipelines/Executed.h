//===- Executed.h - The ops that a call executes ----------------*- C++ -*-===//

#ifndef SEQ_LIB_PIPELINES_EXECUTED_H
#define SEQ_LIB_PIPELINES_EXECUTED_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace seqc {

/// Visits the ops of a function and of all that it calls, once for each time that they are executed, in
/// order, with the function that they stand in.
inline void forEachExecuted(mlir::ModuleOp module, mlir::func::FuncOp function,
                            llvm::function_ref<void(mlir::func::FuncOp, mlir::Operation *)> visit) {
  function.walk([&](mlir::Operation *op) {
    if (auto call = mlir::dyn_cast<mlir::func::CallOp>(op))
      forEachExecuted(module, module.lookupSymbol<mlir::func::FuncOp>(call.getCallee()), visit);
    else
      visit(function, op);
  });
}

} // namespace seqc

#endif // SEQ_LIB_PIPELINES_EXECUTED_H
