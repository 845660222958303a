//===- MoeBlocks.h - Mixtures of experts ------------------------*- C++ -*-===//
//
// What importers of models with experts share. A layer's MLP becomes
//
//   sum over the chosen experts e: weight_e down_e(kind(gate_e(x)) * up_e(x))
//   + shared(x), times sigmoid(sharedGate(x)) where there is one
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_MOEBLOCKS_H
#define SEQ_IMPORT_MOEBLOCKS_H

#include "Blocks.h"

namespace seqc::importer {

/// How experts are chosen and weighed: seq.route in docs/Spec.md.
struct RouterOptions {
  int64_t top = 0; ///< experts of a token
  mlir::seq::Scores scores = mlir::seq::Scores::Softmax;
  bool renormalise = false; ///< weights of a token add up to 1 (before `scale`)
  double eps = 0;           ///< in that sum
  double scale = 1;
  int64_t groups = 1; ///< of experts, of which keptGroups take part ...
  int64_t keptGroups = 1;
  int64_t groupTop = 1; ///< ... by the sum of so many of their best keys
};

/// The matrices of all experts: stacks [E,N,K] (see stackExperts and ModelBuilder::stacked).
/// Biases are [E,N] and may be empty.
struct Experts {
  Weight gate; ///< empty: down(kind(up(x)))
  Weight up, down;
  Weight gateBias, upBias, downBias;
};

/// An MLP that every token goes through. Empty weights mean that there is none.
struct SharedExpert {
  Linear gate; ///< empty: down(kind(up(x)))
  Linear up;
  Weight down;         ///< [N,K]; with outputGate a stack [1,N,K]
  Weight outputGate{}; ///< [1,K]: the output is times sigmoid of it; may be empty
};

struct Mixture {
  RouterOptions router;
  Linear routerLayer;     ///< E outputs
  Weight selectionBias{}; ///< [E], of seq.route; may be empty
  Linear narrow{};        ///< what experts see of x is this of it; may be empty ...
  Linear widen{};         ///< ... and so may what widens their sum again
  mlir::seq::Activation activation = mlir::seq::Activation::Silu;
  Experts experts;
  SharedExpert shared{};
};

/// Checks the options of `router` for `experts` experts; what is wrong, or "".
std::string checkRouter(const RouterOptions &router, int64_t experts);

/// How the matrices of an expert are named.
struct ExpertNames {
  llvm::StringRef gate; ///< "": there is none
  llvm::StringRef up, down;
};

/// The matrices PATH.I.NAME.weight of all experts I, stacked. They take `hidden` channels to `inner`
/// ones and back.
Experts stackExperts(ModelBuilder &model, llvm::StringRef path, const ExpertNames &names, int64_t experts,
                     int64_t hidden, int64_t inner);

/// The rows [first, first + count) of every matrix of a stored stack [experts, rows, inputs].
Weight rowsOfStack(ModelBuilder &model, llvm::StringRef name, llvm::StringRef suffix, llvm::ArrayRef<int64_t> stored,
                   int64_t first, int64_t count);

/// The whole MLP of a layer.
mlir::Value mixtureOfExperts(Graph &graph, mlir::Value x, const Mixture &mixture);

} // namespace seqc::importer

#endif // SEQ_IMPORT_MOEBLOCKS_H
