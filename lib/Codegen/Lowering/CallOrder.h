//===- CallOrder.h - Functions, callees first -------------------*- C++ -*-===//

#ifndef SEQ_LIB_CODEGEN_LOWERING_CALLORDER_H
#define SEQ_LIB_CODEGEN_LOWERING_CALLORDER_H

#include "mlir/Analysis/CallGraph.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SCCIterator.h"

namespace seqc {

/// The functions of a module that have a body, each behind those that it calls. An
/// error at the module where functions call each other in a circle.
inline mlir::FailureOr<llvm::SmallVector<mlir::func::FuncOp>> calleesFirst(mlir::ModuleOp module) {
  llvm::SmallVector<mlir::func::FuncOp> order;
  mlir::CallGraph graph(module);
  llvm::SmallPtrSet<mlir::Operation *, 16> seen;
  for (auto it = llvm::scc_begin(&std::as_const(graph)); !it.isAtEnd(); ++it) {
    if (it.hasCycle()) {
      module.emitError("functions that call each other in a circle can not be compiled");
      return mlir::failure();
    }
    for (const mlir::CallGraphNode *node : *it)
      if (!node->isExternal())
        if (auto function = mlir::dyn_cast<mlir::func::FuncOp>(node->getCallableRegion()->getParentOp()))
          if (seen.insert(function).second)
            order.push_back(function);
  }
  return order;
}

} // namespace seqc

#endif // SEQ_LIB_CODEGEN_LOWERING_CALLORDER_H
