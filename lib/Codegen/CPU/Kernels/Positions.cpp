//===- Positions.cpp - The position of every token ------------------------===//

#include "seq/Codegen/CPU/Kernel.h"

using namespace mlir;
using namespace seqc::cpu;

LogicalResult seqc::cpu::emitPositions(mlir::seq::PositionsOp op, func::FuncOp kernel, KernelBuilder &b) {
  Value positions = kernel.getArguments().back();
  Value batch = b.dim(positions, 0), time = b.dim(positions, 1);
  Value seen; // tokens before this call, [B]
  if (!op.getStates().empty()) {
    auto type = MemRefType::get({ShapedType::kDynamic}, b.getI64Type());
    seen = mlir::seq::StateComponentOp::create(b, type, kernel.getArgument(1), b.getI64IntegerAttr(0));
  }
  Type i32 = b.getI32Type();
  b.loop(b.index(0), batch, 1, [&](Value row) {
    Value first = b.i32(0);
    if (seen) {
      Value before = b.load(seen, row);
      first = arith::TruncIOp::create(b, i32, before);
      Value added = arith::IndexCastOp::create(b, b.getI64Type(), time);
      b.store(b.add(before, added), seen, row);
    }
    b.loop(b.index(0), time, 1,
           [&](Value t) { b.store(b.add(first, arith::IndexCastOp::create(b, i32, t)), positions, {row, t}); });
  });
  return success();
}
