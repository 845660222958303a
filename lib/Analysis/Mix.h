//===- Mix.h - What the ops of matrix states have in common -----*- C++ -*-===//

#ifndef SEQ_LIB_ANALYSIS_MIX_H
#define SEQ_LIB_ANALYSIS_MIX_H

#include "dialects/Seq/Seq.h"

namespace seqc {

/// A state_mix, or an op that is compiled as one: retention, and selective scans of heads.
struct Mix {
  enum Decays { None, Head, Channel };

  mlir::RankedTensorType like; ///< of a tensor [B,T,...] of the op
  int64_t heads, keyHeads, keyDim, valueDim;
  Decays decays = None;
  bool isStatic = false; ///< decays are the same for all tokens
  mlir::seq::Update update = mlir::seq::Update::Outer;
  bool readsBefore = false, hasBonus = false, hasNormaliser = false, hasGate = false;
  std::optional<double> gMin = {};
  /// Decays of one column that are a product of a token's and a channel's part: a scan of channels.
  bool isChannelScan = false;

  /// Whether blocks of time compose: the state becomes D S + U with a diagonal D.
  bool composesInTime() const { return isOuter() && !hasNormaliser && !hasGate; }

  bool isOuter() const { return update == mlir::seq::Update::Outer; }
  bool isDelta() const { return update == mlir::seq::Update::Delta; }
  bool isDplr() const { return update == mlir::seq::Update::Dplr; }

  /// Nothing for other ops.
  static std::optional<Mix> of(mlir::Operation *op);
};

} // namespace seqc

#endif // SEQ_LIB_ANALYSIS_MIX_H
