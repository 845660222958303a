//===- StateMix.cpp - The recurrence of a matrix state --------------------===//

#include "ChannelScan.h"
#include "Rows.h"
#include "StateMixBlocks.h"

using namespace mlir;
using namespace seqc;
using namespace seqc::cpu;

/// The buffers of a kernel's arguments.
static StateMixBuffers findBuffers(mlir::seq::StateMixOp op, func::FuncOp kernel, KernelBuilder &b) {
  StateMixBuffers buffers;
  auto arguments = kernel.getArguments();
  unsigned next = 0;
  for (auto [operand, buffer] :
       {std::pair(op.getQ(), &buffers.q), std::pair(op.getK(), &buffers.k), std::pair(op.getV(), &buffers.v),
        std::pair(op.getG(), &buffers.g), std::pair(op.getRate(), &buffers.rate), std::pair(op.getA(), &buffers.a),
        std::pair(op.getB(), &buffers.b), std::pair(op.getBeta(), &buffers.beta), std::pair(op.getU(), &buffers.u),
        std::pair(op.getI(), &buffers.i)})
    if (operand)
      *buffer = arguments[next++];
  SmallVector<Value *> states{&buffers.state};
  if (op.getNormaliser() != mlir::seq::Normaliser::None)
    states.push_back(&buffers.normaliser);
  if (op.getI())
    states.push_back(&buffers.maximum);
  for (auto [given, buffer] : llvm::zip(op.getStates(), states)) {
    auto type = cast<mlir::seq::StateType>(given.getType());
    SmallVector<int64_t> shape{ShapedType::kDynamic};
    llvm::append_range(shape, type.getShape());
    *buffer = mlir::seq::StateComponentOp::create(b, MemRefType::get(shape, type.getElementType()), arguments[next++],
                                                  b.getI64IntegerAttr(0));
  }
  if (op.getReset())
    buffers.segments.reset = arguments[next++];
  if (op.getLengths())
    buffers.segments.lengths = arguments[next++];
  buffers.o = arguments[next];
  return buffers;
}

/// A decay that is the product of a token's and a channel's part, for states of one column: the scan of
/// Mamba's channels. seq-to-linalg makes other factored decays channel ones.
static LogicalResult emitFactored(mlir::seq::StateMixOp op, StateMixBuffers &buffers, KernelBuilder &b) {
  auto dropColumn = [&](Value memref) -> Value {
    if (!memref)
      return memref;
    SmallVector<ReassociationIndices> groups{{0}, {1}, {2, 3}};
    auto type = cast<MemRefType>(memref.getType());
    if (!memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups) ||
        !memref::CollapseShapeOp::computeCollapsedType(type, groups).isLastDimUnitStride())
      return Value();
    return memref::CollapseShapeOp::create(b, memref, groups);
  };
  ChannelScan scan;
  scan.x = dropColumn(buffers.v);
  scan.dt = buffers.g;
  scan.a = buffers.rate;
  scan.b = buffers.k;
  scan.c = buffers.q;
  scan.y = dropColumn(buffers.o);
  if (buffers.state) {
    Value state = buffers.state; // [B,H,K,1]
    scan.state = memref::CollapseShapeOp::create(b, state, ArrayRef<ReassociationIndices>{{0}, {1}, {2, 3}});
  }
  scan.segments = buffers.segments;
  scan.inputTimesDt = false;
  scan.factor = op.getScale().convertToDouble();
  scan.tileTokens = scanTile(op);
  if (!scan.x || !scan.y)
    return op.emitOpError("reads the values of its heads apart in memory; copy v into a tensor of its own first");
  emitChannelScan(b, scan);
  return success();
}

LogicalResult seqc::cpu::emitStateMix(mlir::seq::StateMixOp op, func::FuncOp kernel, KernelBuilder &b) {
  if (failed(verifyForm(op)))
    return failure();
  StateMixBuffers buffers = findBuffers(op, kernel, b);
  if (op.getDecay() == mlir::seq::Decay::Factored)
    return emitFactored(op, buffers, b);
  bool isRecurrent = op.getForm() == mlir::seq::Form::Recurrent;
  if (isRecurrent && emitStateMixOverHeads(op, buffers, b))
    return success();
  emitStateMixBlocks(op, buffers, b);
  return success();
}
