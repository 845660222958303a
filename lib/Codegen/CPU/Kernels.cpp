//===- Kernels.cpp - From an op to its kernel -----------------------------===//

#include "seq/Codegen/CPU/Kernel.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::seq;
using namespace seqc::cpu;

bool seqc::cpu::hasKernel(Operation *op) {
  return isa<PackOp, PackedLinearOp, PackedEmbeddingOp, RouteOp, PackedExpertLinearOp, AttentionOp, KvAppendOp,
             PositionsOp, RotaryOp, RmsNormOp, LayerNormOp, GroupNormOp, L2NormOp, StateMixOp, SelectiveScanOp, ScanOp,
             ConvOp, TokenShiftOp, StateInitOp, LastOp>(op);
}

LogicalResult seqc::cpu::emitKernel(Operation *op, func::FuncOp kernel, KernelBuilder &builder) {
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](PackOp pack) { return emitPack(pack, kernel, builder); })
      .Case([&](PackedLinearOp linear) { return emitPackedLinear(linear, kernel, builder); })
      .Case([&](PackedEmbeddingOp embedding) { return emitPackedEmbedding(embedding, kernel, builder); })
      .Case([&](RouteOp route) { return emitRoute(route, kernel, builder); })
      .Case([&](PackedExpertLinearOp experts) { return emitPackedExpertLinear(experts, kernel, builder); })
      .Case([&](AttentionOp attention) { return emitAttention(attention, kernel, builder); })
      .Case([&](KvAppendOp append) { return emitKvAppend(append, kernel, builder); })
      .Case([&](PositionsOp positions) { return emitPositions(positions, kernel, builder); })
      .Case([&](RotaryOp rotary) { return emitRotary(rotary, kernel, builder); })
      .Case<RmsNormOp, LayerNormOp, GroupNormOp, L2NormOp>(
          [&](Operation *norm) { return emitNorm(norm, kernel, builder); })
      .Case([&](StateMixOp mix) { return emitStateMix(mix, kernel, builder); })
      .Case([&](SelectiveScanOp scan) { return emitSelectiveScan(scan, kernel, builder); })
      .Case([&](ScanOp scan) { return emitScan(scan, kernel, builder); })
      .Case([&](ConvOp conv) { return emitConv(conv, kernel, builder); })
      .Case([&](TokenShiftOp shift) { return emitTokenShift(shift, kernel, builder); })
      .Case([&](StateInitOp init) { return emitStateInit(init, kernel, builder); })
      .Case([&](LastOp last) { return emitLast(last, kernel, builder); })
      .Default([](Operation *op) { return op->emitOpError("has no CPU kernel"); });
}
