//===- TokenShift.cpp - The token before ----------------------------------===//

#include "Pieces.h"
#include "Rows.h"

using namespace mlir;
using namespace seqc::cpu;

LogicalResult seqc::cpu::emitTokenShift(mlir::seq::TokenShiftOp op, func::FuncOp kernel, KernelBuilder &b) {
  if (op.getReset() || op.getLengths())
    return op->emitOpError("with reset or lengths has no CPU kernel");
  Value x = kernel.getArgument(0), y = kernel.getArguments().back();
  auto type = cast<MemRefType>(x.getType());
  int64_t width = type.getDimSize(2);
  Value state; // [B,D]
  if (!op.getStates().empty()) {
    auto stateType = MemRefType::get({ShapedType::kDynamic, width}, type.getElementType());
    state = mlir::seq::StateComponentOp::create(b, stateType, kernel.getArgument(1), b.getI64IntegerAttr(0));
  }
  Value batch = b.dim(x, 0), time = b.dim(x, 1), channels = b.index(width), zero = b.index(0);

  b.parallel(b.mul(batch, time), grainOf(width / 4), [&](Value token, Value) {
    Value row = arith::DivUIOp::create(b, token, time), t = arith::RemUIOp::create(b, token, time);
    b.ifThen(b.less(zero, t), [&] { copyElements(b, x, {row, b.sub(t, b.index(1))}, y, {row, t}, channels); });
    Value first = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, t, zero);
    b.ifThen(first, [&] {
      if (state)
        copyElements(b, state, row, y, {row, t}, channels);
      else
        clearElements(b, y, {row, t}, channels);
    });
  });
  if (!state)
    return success();
  b.ifThen(b.less(zero, time), [&] {
    b.loop(zero, batch, 1,
           [&](Value row) { copyElements(b, x, {row, b.sub(time, b.index(1))}, state, row, channels); });
  });
  return success();
}
