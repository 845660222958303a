//===- DeltaBlocks.h - Mixers with the gated delta rule ---------*- C++ -*-===//
//
// What Gated DeltaNet (Yang, Kautz et al. 2024) and Kimi delta attention (Kimi Team 2025)
// share: q, k and v behind short convolutions, a decay of a head or of each of its
// channels, and the delta rule on keys of length 1.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_DELTABLOCKS_H
#define SEQ_IMPORT_DELTABLOCKS_H

#include "MambaBlocks.h"

namespace seqc::importer {

struct DeltaOptions {
  int64_t hidden = 0;
  int64_t keyHeads = 0; ///< of q and k; divides valueHeads
  int64_t valueHeads = 0;
  int64_t keyDim = 0, valueDim = 0; ///< of a head
  int64_t convWidth = 0;
  mlir::seq::Activation activation = mlir::seq::Activation::Silu; ///< behind the convolutions

  int64_t keys() const { return keyHeads * keyDim; }
  int64_t values() const { return valueHeads * valueDim; }
};

/// Sequences [B,T,H,*], the heads of q and k shared as in seq.state_mix.
struct DeltaSequences {
  mlir::Value q, k, v;
};

/// q, k and v from the weights q_proj, q_conv1d and so on below `path`.
DeltaSequences getDeltaSequences(ModelBuilder &model, Graph &graph, mlir::Value x, const std::string &path,
                                 const DeltaOptions &options);

/// The logarithm of a decay, -exp(A_log) softplus(x), of x [B,T,...] and A_log of a token's shape.
mlir::Value logDecay(Graph &graph, mlir::Value x, mlir::Value aLog);

/// o [B,T,H,V] of the delta rule on q and k of length 1, with queries times keyDim^-0.5. g is the logarithm of the
/// decay, [B,T,H] or [B,T,H,K]; beta [B,T,H].
mlir::Value gatedDelta(Graph &graph, const DeltaSequences &sequences, mlir::Value g, mlir::Value beta);

} // namespace seqc::importer

#endif // SEQ_IMPORT_DELTABLOCKS_H
