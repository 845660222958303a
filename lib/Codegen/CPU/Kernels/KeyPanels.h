//===- KeyPanels.h - Keys in panels of tokens -------------------*- C++ -*-===//
//
// Keys stand in panels [K][32]: channel by channel, the keys of 32 consecutive tokens
// side by side, so that scores of one query against 32 keys are vectors without any
// sum over lanes.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_KEYPANELS_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_KEYPANELS_H

#include "seq/Codegen/CPU/Kernel.h"

namespace seqc::cpu {

/// Tokens of a panel.
inline constexpr int64_t kPanel = mlir::seq::KVType::kPanel;
/// Panels that are worth a piece of a parallel loop.
inline constexpr int64_t kPanelGrain = 8;

/// The memory of a KV state.
struct KvMemory {
  KvMemory(KernelBuilder &b, mlir::Value state, mlir::seq::KVType type);

  mlir::Value keys;   ///< [B,H,panels,K,32]
  mlir::Value values; ///< [B,H,C,V]
  mlir::Value tokens; ///< [B] of i64

  /// The tokens of a row, as an index.
  mlir::Value tokensOf(KernelBuilder &b, mlir::Value row) const;
};

/// Writes the keys at positions [from, to), which lie in the panel at `panel` (its first
/// three indices in `panels`) that starts at position `start`. The key at a position is
/// k[rowAndHead[0], token(position), rowAndHead[1], :].
void packKeys(KernelBuilder &b, mlir::Value k, std::pair<mlir::Value, mlir::Value> rowAndHead,
              llvm::function_ref<mlir::Value(mlir::Value)> token, mlir::Value from, mlir::Value to, mlir::Value panels,
              llvm::ArrayRef<mlir::Value> panel, mlir::Value start);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_KEYPANELS_H
