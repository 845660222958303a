//===- Pieces.h - How parallel loops are cut ---------------------*- C++ -*-===//
//
// A fork costs a few microseconds, so a piece of a parallel loop has to be worth that:
// small calls run as one piece, on the calling thread.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_PIECES_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_PIECES_H

#include "seq/Codegen/CPU/Kernel.h"

namespace seqc::cpu {

/// Cycles of one core that are worth a piece: about 10 microseconds.
inline constexpr int64_t kPieceCycles = 40000;

/// How many iterations of about `cycles` each make a piece.
inline int64_t grainOf(int64_t cycles) { return std::max<int64_t>(1, kPieceCycles / std::max<int64_t>(1, cycles)); }

/// seq.parallel over [0, count) where an iteration takes about `cycles` (an index).
inline void parallelWork(KernelBuilder &b, mlir::Value count, mlir::Value cycles,
                         llvm::function_ref<void(mlir::Value, mlir::Value)> body) {
  using namespace mlir;
  Value grain = arith::DivUIOp::create(b, b.index(kPieceCycles), b.addIndex(cycles, 1));
  auto loop = seq::ParallelOp::create(b, count, b.max(grain, b.index(1)));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&loop.getBody().front());
  b.loop(loop.getBegin(), loop.getEnd(), 1, [&](Value i) { body(i, loop.getWorker()); });
}

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_PIECES_H
