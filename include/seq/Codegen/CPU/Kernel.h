//===- Kernel.h - Writing CPU kernels ---------------------------*- C++ -*-===//
//
// A seq op becomes a call of a kernel: a function over buffers whose body an
// emitter writes with scf loops and vectors. Ops of the same kind, attributes and
// types share one kernel, so a layer that is called 30 times, or three exports
// of one model, compile it once.
//
// A kernel's arguments are the op's operands in order, then its results:
//   tensor of floats or integers → memref of the same shape, strided as the caller
//     has it (its innermost stride is 1; use memref.load/vector.load through the type),
//   state → the state itself (seq.state_component and seq.state_tokens reach into it),
//     no result: a new state is the old one, updated in place. That of seq.state_init is
//     its only argument.
// Results never alias operands. Batch and time are dynamic: take them from memref.dim.
//
// Scratch memory: memref.alloc at the top level of the kernel function, of a size that
// is computed from constants, memref.dim of arguments and seq.workers by index
// arithmetic (arith ops) alone; the memory planner puts it into the arena, and no
// dealloc is written. Bodies that run in parallel slice it by their worker number.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_CODEGEN_CPU_KERNEL_H
#define SEQ_CODEGEN_CPU_KERNEL_H

#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "seq/Codegen/CPU/Target.h"

namespace seqc::cpu {

/// A builder with short names for what kernels are made of. All float arithmetic is
/// f32, on scalars or vectors alike.
class KernelBuilder : public mlir::ImplicitLocOpBuilder {
public:
  KernelBuilder(mlir::Location loc, mlir::OpBuilder &builder, const Target &target)
      : ImplicitLocOpBuilder(loc, builder), target(target) {}

  const Target &target;

  using Value = mlir::Value;

  //--- constants and types
  mlir::VectorType vec(int64_t lanes = 0); ///< vector of f32; 0: the target's lanes
  Value index(int64_t value);
  Value f32(double value);
  Value i32(int64_t value);
  Value i64(int64_t value);
  Value splat(double value, int64_t lanes = 0);
  Value broadcast(Value scalar, int64_t lanes = 0); ///< any scalar to a vector
  Value zero(mlir::Type type);

  //--- index arithmetic
  Value add(Value a, Value b); ///< index or float, by type
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value div(Value a, Value b);        ///< floats
  Value floorDiv(Value a, int64_t b); ///< non-negative index
  Value ceilDiv(Value a, int64_t b);  ///< non-negative index
  Value rem(Value a, int64_t b);
  Value min(Value a, Value b); ///< index (unsigned), or float: b where one is NaN
  Value max(Value a, Value b);
  Value addIndex(Value a, int64_t b);

  //--- floats
  Value fma(Value a, Value b, Value c); ///< a * b + c, scalars or vectors
  Value neg(Value a);
  Value reduceAdd(Value vector); ///< lanes in any order
  Value reduceMax(Value vector);
  Value exp(Value a); ///< math.exp, expanded later; likewise log, tanh, …

  //--- memory
  Value dim(Value memref, int64_t d);
  Value load(Value memref, mlir::ValueRange indices);
  void store(Value value, Value memref, mlir::ValueRange indices);
  /// `lanes` contiguous f32 (or the memref's element type) at the indices.
  Value loadVector(Value memref, mlir::ValueRange indices, int64_t lanes = 0);
  void storeVector(Value vector, Value memref, mlir::ValueRange indices);
  /// Only the first `count` (an index, at most lanes) elements; others read as 0.
  Value loadMasked(Value memref, mlir::ValueRange indices, Value count, int64_t lanes = 0);
  void storeMasked(Value vector, Value memref, mlir::ValueRange indices, Value count);
  /// Scratch memory; see the head of this file. `shape` mixes constants and values.
  Value scratch(llvm::ArrayRef<mlir::OpFoldResult> shape, mlir::Type element = {});

  //--- control
  /// scf.for without carried values.
  void loop(Value from, Value to, int64_t step, llvm::function_ref<void(Value)> body);
  /// scf.for that carries values.
  llvm::SmallVector<Value> loop(Value from, Value to, int64_t step, mlir::ValueRange init,
                                llvm::function_ref<llvm::SmallVector<Value>(Value, mlir::ValueRange)> body);
  /// The vectors of [0, n): `body(i, count)` for full vectors with count null, then
  /// once with the number of elements that remain, if n is not a multiple of lanes.
  void vectorLoop(Value n, llvm::function_ref<void(Value, Value)> body, int64_t lanes = 0);
  void ifThen(Value condition, llvm::function_ref<void()> body);
  /// seq.parallel over [0, count): body(i, worker) for every i.
  void parallel(Value count, int64_t grain, llvm::function_ref<void(Value, Value)> body);
  Value workers();
  Value less(Value a, Value b); ///< index, unsigned
};

/// Writes the body of `kernel` (whose entry block has the arguments described above and
/// no terminator yet; the caller adds func.return) for `op`. Emits an error on the op
/// where it can't.
using KernelEmitter =
    llvm::function_ref<mlir::LogicalResult(mlir::Operation *op, mlir::func::FuncOp kernel, KernelBuilder &builder)>;

/// Emits the kernel of any seq op that has one: dispatches to the emitters below.
mlir::LogicalResult emitKernel(mlir::Operation *op, mlir::func::FuncOp kernel, KernelBuilder &builder);

/// Whether ops of this kind become kernels (others are rewritten to upstream dialects
/// before buffers are assigned).
bool hasKernel(mlir::Operation *op);

// One file in Kernels/ an op family.
mlir::LogicalResult emitPack(mlir::seq::PackOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitPackedLinear(mlir::seq::PackedLinearOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitPackedEmbedding(mlir::seq::PackedEmbeddingOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitRoute(mlir::seq::RouteOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitPackedExpertLinear(mlir::seq::PackedExpertLinearOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitAttention(mlir::seq::AttentionOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitKvAppend(mlir::seq::KvAppendOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitPositions(mlir::seq::PositionsOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitRotary(mlir::seq::RotaryOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitNorm(mlir::Operation *norm, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitStateMix(mlir::seq::StateMixOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitSelectiveScan(mlir::seq::SelectiveScanOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitScan(mlir::seq::ScanOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitConv(mlir::seq::ConvOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitTokenShift(mlir::seq::TokenShiftOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitStateInit(mlir::seq::StateInitOp, mlir::func::FuncOp, KernelBuilder &);
mlir::LogicalResult emitLast(mlir::seq::LastOp, mlir::func::FuncOp, KernelBuilder &);

} // namespace seqc::cpu

#endif // SEQ_CODEGEN_CPU_KERNEL_H
