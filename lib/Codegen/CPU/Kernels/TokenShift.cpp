//===- TokenShift.cpp - The token before ----------------------------------===//

#include "Pieces.h"
#include "Rows.h"
#include "Segments.h"

using namespace mlir;
using namespace seqc::cpu;

LogicalResult seqc::cpu::emitTokenShift(mlir::seq::TokenShiftOp op, func::FuncOp kernel, KernelBuilder &b) {
  auto arguments = kernel.getArguments();
  Value x = arguments.front(), y = arguments.back();
  auto type = cast<MemRefType>(x.getType());
  int64_t width = type.getDimSize(2);
  unsigned next = 1;
  Value state; // [B,D]
  if (!op.getStates().empty()) {
    auto stateType = MemRefType::get({ShapedType::kDynamic, width}, type.getElementType());
    state = mlir::seq::StateComponentOp::create(b, stateType, arguments[next++], b.getI64IntegerAttr(0));
  }
  Segments segments;
  if (op.getReset())
    segments.reset = arguments[next++];
  if (op.getLengths())
    segments.lengths = arguments[next++];
  Value batch = b.dim(x, 0), time = b.dim(x, 1), channels = b.index(width), zero = b.index(0);
  auto is = [&](Value a, arith::CmpIPredicate predicate, Value c) -> Value {
    return arith::CmpIOp::create(b, predicate, a, c);
  };

  b.parallel(b.mul(batch, time), grainOf(width / 4), [&](Value token, Value) {
    Value row = arith::DivUIOp::create(b, token, time), t = arith::RemUIOp::create(b, token, time);
    Value isFirst = is(t, arith::CmpIPredicate::eq, zero);
    // Tokens without one before them, and those that do not count, are zeros.
    Value isZero = state ? Value() : isFirst;
    auto orZero = [&](Value other) { isZero = isZero ? Value(arith::OrIOp::create(b, isZero, other)) : other; };
    if (segments.reset)
      orZero(segments.isReset(b, row, t));
    if (segments.lengths)
      orZero(is(t, arith::CmpIPredicate::uge, segments.length(b, row, time)));
    auto copy = [&] {
      b.ifThen(b.less(zero, t), [&] { copyElements(b, x, {row, b.sub(t, b.index(1))}, y, {row, t}, channels); });
      if (state)
        b.ifThen(isFirst, [&] { copyElements(b, state, row, y, {row, t}, channels); });
    };
    if (!isZero)
      return copy();
    auto branch = scf::IfOp::create(b, isZero, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    clearElements(b, y, {row, t}, channels);
    b.setInsertionPointToStart(branch.elseBlock());
    copy();
  });
  if (!state)
    return success();
  b.loop(zero, batch, 1, [&](Value row) {
    Value length = segments.length(b, row, time);
    b.ifThen(b.less(zero, length), [&] { copyElements(b, x, {row, b.sub(length, b.index(1))}, state, row, channels); });
  });
  return success();
}
