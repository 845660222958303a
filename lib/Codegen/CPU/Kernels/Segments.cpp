//===- Segments.cpp - Where sequences of a batch start and end ------------===//

#include "Segments.h"

using namespace mlir;
using namespace seqc::cpu;

Value Segments::length(KernelBuilder &b, Value row, Value time) const {
  if (!lengths)
    return time;
  Value given = arith::IndexCastOp::create(b, b.getIndexType(), b.load(lengths, row));
  given = arith::MaxSIOp::create(b, given, b.index(0));
  return b.min(given, time);
}

Value Segments::isReset(KernelBuilder &b, Value row, Value token) const {
  return reset ? b.load(reset, {row, token}) : Value();
}

void Segments::forEach(KernelBuilder &b, Value row, Value time,
                       llvm::function_ref<void(Value, Value, Value)> body) const {
  forEachIn(b, row, b.index(0), length(b, row, time), body);
}

void Segments::forEachIn(KernelBuilder &b, Value row, Value first, Value end,
                         llvm::function_ref<void(Value, Value, Value)> body) const {
  if (!reset)
    return b.ifThen(b.less(first, end), [&] { body(first, end, {}); });
  b.loop(first, end, 1, first, [&](Value t, ValueRange carried) -> SmallVector<Value> {
    Value start = carried[0], next = b.addIndex(t, 1);
    Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, next, end);
    Value nextToken = arith::SelectOp::create(b, isLast, t, next);
    Value isEnd = arith::OrIOp::create(b, isLast, isReset(b, row, nextToken));
    b.ifThen(isEnd, [&] { body(start, next, isReset(b, row, start)); });
    return {arith::SelectOp::create(b, isEnd, next, start)};
  });
}

void Segments::forTail(KernelBuilder &b, Value row, Value time, llvm::function_ref<void(Value)> body) const {
  if (lengths)
    b.loop(length(b, row, time), time, 1, body);
}
