//===- StateMixHeads.h - State mixes of one number a head -------*- C++ -*-===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_STATEMIXHEADS_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_STATEMIXHEADS_H

#include "Segments.h"

namespace seqc::cpu {

/// The value of m, the running maximum of input gates, of a fresh state.
inline constexpr double kNoMaximum = -1e38;

/// The buffers of a state_mix; those of absent operands and states are null.
struct StateMixBuffers {
  mlir::Value q, k, v, g, rate, a, b, beta, u, i;
  mlir::Value state;      ///< [B,H,K,V]
  mlir::Value normaliser; ///< [B,H,K]
  mlir::Value maximum;    ///< [B,H]
  Segments segments;
  mlir::Value o;
};

/// Where K and V are 1 (RWKV 4), heads stand in the lanes. Says whether this is such a
/// case; otherwise nothing has been emitted.
bool emitStateMixOverHeads(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_STATEMIXHEADS_H
