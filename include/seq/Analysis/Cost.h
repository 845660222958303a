//===- Cost.h - What an op costs --------------------------------*- C++ -*-===//
//
// Counts of arithmetic and memory traffic, as sums of terms in the size of a call. One
// count serves the choice of forms, --explain and the costs in a module's header.
//
// What is counted: floating-point additions and multiplications (FLOPs; an FMA is two),
// evaluations of exp, log, tanh and their kin (exps), and bytes: of weights, of states as
// a call reads them at its start and writes them at its end, and of activations, the
// tensors along time that the op reads and makes. Ops of the recurrences are counted in
// the form that they have (auto counts as recurrent), as their kernels compute them.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_ANALYSIS_COST_H
#define SEQ_ANALYSIS_COST_H

#include "mlir/IR/Operation.h"

namespace seqc {

/// The size of a call. Dimensions that are constant in the types are in the counts already.
struct CallSize {
  double rows = 1;    ///< sequences of the batch
  double tokens = 1;  ///< of each of them
  double context = 0; ///< what attention sees: the tokens of the states and of the call
};

/// How much of something there is in a call: a sum of terms in its size.
struct Amount {
  double perCall = 0;  ///< whatever the size
  double perRow = 0;   ///< for each sequence
  double perToken = 0; ///< for each token of each sequence
  double perKey = 0;   ///< for each token in sight of each sequence
  double perPair = 0;  ///< for each token of each sequence and each one in its sight

  double at(const CallSize &size) const {
    return perCall + size.rows * (perRow + size.tokens * perToken + size.context * (perKey + size.tokens * perPair));
  }
  Amount &operator+=(const Amount &other);
};

struct Cost {
  Amount flops, exps;
  Amount weights, states, activations; ///< bytes

  Cost &operator+=(const Cost &other);
};

/// The cost of one execution of an op on tensors. Ops that only move or view elements, and
/// those that are no ops of sequence models, cost nothing.
Cost costOf(mlir::Operation *op);

/// What a machine does at most, on all threads together.
struct Machine {
  double flops; ///< f32 FLOP/s, an FMA being two
  double exps;  ///< f32 exp/s
  double bytes; ///< bytes/s from memory

  /// A common machine: docs/Forms.md says which.
  static Machine typical(int64_t lanes, int64_t threads);
};

/// The time that a call takes at least, and what it is spent on.
struct Bound {
  enum Limit { FMA, Exp, Bandwidth } limit;
  double seconds;
  double intensity; ///< FLOPs a byte; 0 where nothing is read
};
Bound boundOf(const Cost &cost, const CallSize &size, const Machine &machine);

/// "FMA", "exp" or "bandwidth".
const char *nameOf(Bound::Limit limit);

} // namespace seqc

#endif // SEQ_ANALYSIS_COST_H
