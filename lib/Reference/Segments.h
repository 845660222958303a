//===- Segments.h - Resets and lengths ---------------------------*- C++ -*-===//

#ifndef SEQ_LIB_REFERENCE_SEGMENTS_H
#define SEQ_LIB_REFERENCE_SEGMENTS_H

#include "Frame.h"

namespace seqc::reference {

/// The optional operands `reset` [B,T] and `lengths` [B] of an op that carries states.
struct Segments {
  const Tensor *reset, *lengths;

  template <class OpTy>
  Segments(OpTy op, Frame &frame) : reset(frame.optional(op.getReset())), lengths(frame.optional(op.getLengths())) {}

  /// Fails with an error at `op` if the operands do not have these extents, or a length is not
  /// one of a sequence of `time` tokens.
  mlir::LogicalResult check(mlir::Operation *op, int64_t batch, int64_t time) const;

  /// Whether the state is a fresh one before token t.
  bool startsAt(int64_t b, int64_t t) const { return reset && reset->integer(b, t) != 0; }
  /// Whether token t counts; one that does not leaves the state alone and gives 0.
  bool counts(int64_t b, int64_t t) const { return !lengths || t < lengths->integer(b); }
};

} // namespace seqc::reference

#endif // SEQ_LIB_REFERENCE_SEGMENTS_H
