//===- Calls.cpp - Who calls a function -----------------------------------===//

#include "Calls.h"

using namespace mlir;

std::optional<SmallVector<func::CallOp>> seqc::findCalls(func::FuncOp function, ModuleOp module) {
  SmallVector<func::CallOp> calls;
  auto uses = SymbolTable::getSymbolUses(function, module);
  if (!uses)
    return std::nullopt;
  for (SymbolTable::SymbolUse use : *uses) {
    auto call = dyn_cast<func::CallOp>(use.getUser());
    if (!call)
      return std::nullopt;
    calls.push_back(call);
  }
  return calls;
}
