//===- KvAppend.cpp - Append keys and values to a KV state ----------------===//

#include "KeyPanels.h"
#include "Rows.h"

using namespace mlir;
using namespace seqc::cpu;

LogicalResult seqc::cpu::emitKvAppend(mlir::seq::KvAppendOp op, func::FuncOp kernel, KernelBuilder &b) {
  Value state = kernel.getArgument(0), k = kernel.getArgument(1), v = kernel.getArgument(2);
  KvMemory kv(b, state, op.getState().getType());
  int64_t heads = op.getState().getType().getHeads();
  Value zero = b.index(0), batch = b.dim(k, 0), time = b.dim(k, 1);
  Value room = b.dim(kv.values, 2);

  // A piece is one panel of one head: the panels that new tokens can touch, from the
  // one that the next token falls into.
  Value panels = b.addIndex(b.ceilDiv(time, kPanel), 1);
  Value perRow = b.mul(panels, b.index(heads));
  b.parallel(b.mul(batch, perRow), kPanelGrain, [&](Value piece, Value) {
    Value row = arith::DivUIOp::create(b, piece, perRow), rest = arith::RemUIOp::create(b, piece, perRow);
    Value head = arith::DivUIOp::create(b, rest, panels);
    Value seen = kv.tokensOf(b, row);
    Value panel = b.add(b.floorDiv(seen, kPanel), arith::RemUIOp::create(b, rest, panels));
    Value start = b.mul(panel, b.index(kPanel));
    Value from = b.max(seen, start);
    // The runtime has refused calls that do not fit a context's states; other memory than the state's is not
    // written in any case.
    Value to = b.min(b.min(b.add(seen, time), b.addIndex(start, kPanel)), room);
    auto token = [&](Value position) { return b.sub(position, seen); };
    packKeys(b, k, {row, head}, token, from, to, kv.keys, {row, head, panel}, start);
    b.loop(from, to, 1, [&](Value position) {
      copyElements(b, v, {row, token(position), head}, kv.values, {row, head, position},
                   b.index(op.getState().getType().getValueDim()));
    });
  });
  auto i64 = [&](Value value) -> Value { return arith::IndexCastOp::create(b, b.getI64Type(), value); };
  b.loop(zero, batch, 1, [&](Value row) {
    Value total = b.add(kv.tokensOf(b, row), time);
    b.ifThen(b.less(room, total), [&] { mlir::seq::ReportFullOp::create(b, i64(total), i64(room)); });
    b.store(i64(b.min(total, room)), kv.tokens, row);
  });
  return success();
}
