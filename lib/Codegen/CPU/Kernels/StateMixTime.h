//===- StateMixTime.h - State mixes by blocks of time -----------*- C++ -*-===//
//
// In the form parallel, the update outer without gate and normaliser is cut in time where a
// call has fewer heads than workers: over a block of tokens the state becomes D S + U, with D
// the product of the block's decays and U the state that zeros become (mixers.md, section 3).
// In a first round the workers compute all blocks but the last, block 0 from the state that
// is given and the others from zeros, which leaves U. A short serial loop turns these into the
// states at the start of blocks, from which a second round computes all but block 0. Of two
// workers each goes over two thirds of all tokens. Inside a block tokens are walked one by one,
// as suits the narrow states that leave workers idle.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_STATEMIXTIME_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_STATEMIXTIME_H

#include "StateMixBlocks.h"

namespace seqc::cpu {

class MixTime {
public:
  using Value = mlir::Value;

  /// Whether the op can be cut in time.
  static bool suits(mlir::seq::StateMixOp op);

  /// Allocates scratch, so at the top level of the kernel.
  explicit MixTime(MixKernel &mix);

  /// Whether a call that could be shared out as `tasks` otherwise is worth it (an i1); decides on the blocks.
  Value cut(Value tasks, Value time);
  Value blocks() const { return count; } ///< at least 3
  Value start(Value block) const;        ///< its first token

  /// The states before blocks [blocks, rows and heads, K, V], which stand in for the op's.
  Value states() const { return memory; }
  /// The head of `mix` among those of all rows.
  Value rowHead() const;

  //--- Of the head of `mix`
  /// What the first round computes a block from: the given states (zeros where null), or zeros.
  void setState(Value block, Value given);
  /// Writes what a block has left to the op's states.
  void storeState(Value block, Value to);
  /// Computes a block's D.
  void multiply(Value block);

  /// Turns what blocks of a head have left, at the place of each, into the states before them.
  void combine(Value rowHead);

private:
  void copy(Value from, mlir::ValueRange fromRow, Value to, mlir::ValueRange toRow);
  Value sumLogs(Value from, Value to, Value channel, Value rest);
  Value isForgotten(Value from, Value to);

  MixKernel &mix;
  KernelBuilder &b;
  Value time, count, tokens; ///< of the call, and of a block
  Value memory;              ///< [blocks, rows and heads, K, V]
  Value products;            ///< [blocks, rows and heads, K]: D
};

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_STATEMIXTIME_H
