//===- StateMixFactors.h - What scales the tokens of a state mix -*- C++ -*-===//
//
// The numbers of a head's tokens that all columns of its state share: decays of the head,
// input gates, the weight of a token's own value in a read before the update, normalisers.
//
// With an input gate the true state is exp(m) times what is stored, and m moves so that no
// factor is above 1 (docs/Spec.md): m' = max(m + max_k g_k, i). An update then scales the
// state by exp(g + m - m') and the keys by exp(i - m'): a recurrence without a gate.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_STATEMIXFACTORS_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_STATEMIXFACTORS_H

#include "seq/Codegen/CPU/Kernel.h"

namespace seqc::cpu {

struct MixKernel;

/// The factors of reads (a vector) whose n . q, relative to `maximum` as they are, is `sum`; a null
/// maximum is 0. Needs a normaliser.
mlir::Value normaliserOf(KernelBuilder &b, mlir::seq::StateMixOp op, mlir::Value sum, mlir::Value maximum);

/// Of the tokens of one block at a time. Tokens are given by their offset in the block.
class MixFactors {
public:
  using Value = mlir::Value;

  /// Allocates scratch and copies what tasks start from, so at the top level of the kernel.
  /// `heads`: how many a task has at most.
  MixFactors(MixKernel &mix, int64_t heads);

  bool isGated() const { return gated; }
  bool isNormalised() const { return normalised; }
  /// Whether a read is multiplied by output(), and not by the op's scale alone.
  bool scalesReads() const { return gated || normalised; }

  //--- The normaliser n and the maximum m of the head `mix.head`, which a task has for itself
  void load();
  void clear();
  /// Writes them to the op's states.
  void store();

  /// Computes the factors of the `count` tokens from `start` on, and moves m.
  void prepare(Value start, Value count);

  // Scalars.
  Value decay(Value token) const { return get(Decay, token); }     ///< exp(g + m - m') of a head's decay
  Value rescale(Value token) const { return get(Rescale, token); } ///< m - m', for decays of channels
  Value input(Value token) const { return get(Input, token); }     ///< exp(i - m')
  Value held(Value token) const { return get(Held, token); }       ///< of the state, in a read before the update
  Value own(Value token) const { return get(Own, token); }         ///< of v, in a read before the update
  Value output(Value token) const { return get(Output, token); }   ///< of the read, scale included
  /// Decays of the tokens from a constant on, which is a multiple of the lanes.
  Value decays(int64_t token) const { return getVector(Decay, token); }

  //--- Normalisers
  /// Updates n by the `count` tokens from `start` on and computes output(). `decayOf` gives exp(g + m - m') of
  /// a vector of channels, with decays of channels.
  void walk(Value start, Value count, llvm::function_ref<Value(Value token, Value channel)> decayOf);
  /// A vector of n; channels past K are 0.
  Value loadNormaliser(Value channel) const;
  void storeNormaliser(Value vector, Value channel) const;
  /// Sets n . q of a token.
  void setRead(Value token, Value scalar) const { put(Read, token, scalar); }
  /// Computes output() of a whole block from what setRead was given.
  void finishReads();

private:
  enum Kind { Decay, Rescale, Input, Held, Own, Maximum, Read, Output, Kinds };

  Value get(Kind kind, Value token) const;
  void put(Kind kind, Value token, Value scalar) const;
  Value getVector(Kind kind, int64_t token) const;
  void putVector(Kind kind, int64_t token, Value vector) const;

  void prepareGates(Value start, Value count);
  Value slowestDecay(Value token);
  void prepareDecays(Value start, Value count);
  void prepareOwn(Value start, Value count);
  llvm::SmallVector<Value> ofHead() const;

  MixKernel &mix;
  KernelBuilder &b;
  bool gated, normalised;
  Value numbers;                             ///< scratch [workers, kinds * block]
  Value normalisers, maxima;                 ///< scratch [workers, heads, K] and [workers, heads]
  Value incomingNormalisers, incomingMaxima; ///< [B,H,K] and [B,H]; null without states
};

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_STATEMIXFACTORS_H
