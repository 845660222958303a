//===- Last.cpp - The last token ------------------------------------------===//

#include "Rows.h"

using namespace mlir;
using namespace seqc::cpu;

/// Copies x[b, last, ...] to y[b, 0, ...], one loop a dimension from `d` on and vectors
/// over the innermost.
static void copyToken(KernelBuilder &b, Value x, Value y, SmallVector<Value> from, SmallVector<Value> to) {
  int64_t rank = cast<MemRefType>(x.getType()).getRank(), d = from.size();
  if (d == rank)
    return b.store(b.load(x, from), y, to);
  if (d == rank - 1)
    return copyElements(b, x, from, y, to, b.dim(x, d));
  b.loop(b.index(0), b.dim(x, d), 1, [&](Value i) { copyToken(b, x, y, join(from, i), join(to, i)); });
}

LogicalResult seqc::cpu::emitLast(mlir::seq::LastOp, func::FuncOp kernel, KernelBuilder &b) {
  Value x = kernel.getArgument(0), y = kernel.getArgument(1);
  Value zero = b.index(0), time = b.dim(x, 1);
  // Without tokens there is no last one.
  b.ifThen(b.less(zero, time), [&] {
    Value last = b.sub(time, b.index(1));
    b.loop(zero, b.dim(x, 0), 1, [&](Value row) { copyToken(b, x, y, {row, last}, {row, zero}); });
  });
  return success();
}
