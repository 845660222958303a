//===- ConcatParameters.h - Parameters behind one another -------*- C++ -*-===//

#ifndef SEQ_LIB_TRANSFORMS_CONCATPARAMETERS_H
#define SEQ_LIB_TRANSFORMS_CONCATPARAMETERS_H

#include "dialects/Module/Module.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SetVector.h"

namespace seqc {

/// Replaces several parameters by one that holds them one behind the other along their
/// first dimension, wherever functions get them from: loads, or arguments for which each
/// caller then passes a concatenation of its own.
class ParameterConcatenator {
public:
  explicit ParameterConcatenator(mlir::ModuleOp module) : module(module) {}

  /// Why `parts` can not become one value; empty if they can. Each must have its only
  /// use where the concatenation replaces it.
  std::string whyNot(mlir::ArrayRef<mlir::Value> parts);

  /// The concatenation of `parts`, whose whyNot is empty, at the builder's place. Their
  /// uses are the caller's to replace.
  mlir::Value concat(mlir::ArrayRef<mlir::Value> parts, mlir::OpBuilder &builder);

  /// Erases the arguments and loads that concatenations have replaced; their parameters
  /// stay as parts. The class is not to be used after it.
  void eraseUnused();

private:
  mlir::Value concatLoads(mlir::ArrayRef<mlir::Value> parts, mlir::OpBuilder &builder);
  mlir::Value concatArguments(mlir::ArrayRef<mlir::Value> parts);
  void eraseArguments(mlir::func::FuncOp function);

  mlir::ModuleOp module;
  llvm::SetVector<mlir::BlockArgument> replacedArguments;
  llvm::SetVector<mlir::seqm::LoadOp> replacedLoads;
};

} // namespace seqc

#endif // SEQ_LIB_TRANSFORMS_CONCATPARAMETERS_H
