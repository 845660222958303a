//===- Segments.h - Where sequences of a batch start and end ----*- C++ -*-===//
//
// Recurrences may be given `reset` [B,T] (i1: the state is fresh before that token) and
// `lengths` [B] (i64: later tokens leave the state alone and give zeros). Kernels see a row
// as a list of segments [from, to) of tokens between resets, of which the last one ends at
// the row's length.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_SEGMENTS_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_SEGMENTS_H

#include "seq/Codegen/CPU/Kernel.h"

namespace seqc::cpu {

struct Segments {
  mlir::Value reset;   ///< [B,T] of i1, or null: no resets
  mlir::Value lengths; ///< [B] of i64, or null: all tokens count

  /// How many of the `time` tokens of a row count.
  mlir::Value length(KernelBuilder &b, mlir::Value row, mlir::Value time) const;

  /// Whether the state is fresh before a token (i1); null without resets.
  mlir::Value isReset(KernelBuilder &b, mlir::Value row, mlir::Value token) const;

  /// Emits `body(from, to, fresh)` once, in a loop over a row's segments. `fresh` (i1) says
  /// whether the state starts anew; it is null without resets, and then there is at most one
  /// segment. Segments have at least one token.
  void forEach(KernelBuilder &b, mlir::Value row, mlir::Value time,
               llvm::function_ref<void(mlir::Value, mlir::Value, mlir::Value)> body) const;

  /// The same for the segments of tokens [start, end) of a row, of which the first may have begun before.
  void forEachIn(KernelBuilder &b, mlir::Value row, mlir::Value start, mlir::Value end,
                 llvm::function_ref<void(mlir::Value, mlir::Value, mlir::Value)> body) const;

  /// Emits `body(token)` in a loop over the tokens that do not count.
  void forTail(KernelBuilder &b, mlir::Value row, mlir::Value time, llvm::function_ref<void(mlir::Value)> body) const;
};

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_SEGMENTS_H
