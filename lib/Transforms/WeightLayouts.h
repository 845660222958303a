//===- WeightLayouts.h - How the bytes of weights are used ------*- C++ -*-===//
//
// A matrix reaches its linear layer through calls, so what a callee does with an argument
// is done to what its callers pass.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_TRANSFORMS_WEIGHTLAYOUTS_H
#define SEQ_LIB_TRANSFORMS_WEIGHTLAYOUTS_H

#include "dialects/Module/Module.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace seqc {

enum class WeightLayout {
  Plain,      ///< as the tensor that it is
  Matrix,     ///< weight [N,K] of a linear layer, [E,N,K] of experts, or table of an embedding: packed
  Transposed, ///< weight [K,N] of a linear layer: packed
};

/// Finds the values whose bytes are chosen when the module is written, and makes each of
/// them be used in one layout.
///
/// These are loaded parameters, and arguments of functions that get nothing else: every
/// use of the function is a call, and all callers pass such values. Whatever else a
/// matrix comes from (a caller outside the module, arithmetic) stays a plain tensor.
class WeightLayouts {
public:
  explicit WeightLayouts(mlir::ModuleOp module) : module(module) {}

  /// Rewrites the module until every such value has one layout: arguments and parameters
  /// with several are doubled, with a remark; arguments without a use are dropped.
  void separate();

  /// Whether the compiler chooses the bytes of a value.
  bool isChosen(mlir::Value value);
  /// The layout that a use of a chosen value asks for.
  WeightLayout wantedBy(mlir::OpOperand &use);
  /// The layout of a chosen value, after separate().
  WeightLayout of(mlir::Value value);

private:
  using Uses = llvm::SmallVector<mlir::OpOperand *>;

  bool computeIsChosen(mlir::Value value);
  void separateArguments(mlir::func::FuncOp function);
  void separateArgument(mlir::func::FuncOp function, mlir::BlockArgument argument);
  void separateLoad(mlir::seqm::LoadOp load);
  mlir::seqm::ParameterOp parameterFor(mlir::seqm::LoadOp load, WeightLayout layout);
  std::array<Uses, 3> usesByLayout(mlir::Value value);

  mlir::ModuleOp module;
  llvm::DenseMap<mlir::Value, bool> chosen;
  llvm::DenseSet<mlir::Operation *> separated; ///< functions
  /// Which layout the parameter of a name is stored in, and its copies in others.
  llvm::DenseMap<std::pair<mlir::StringAttr, WeightLayout>, mlir::seqm::ParameterOp> stored;
};

} // namespace seqc

#endif // SEQ_LIB_TRANSFORMS_WEIGHTLAYOUTS_H
