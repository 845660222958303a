//===- Conv.cpp - Short causal convolutions of channels -------------------===//
//
// Channels stand in the lanes. A task is a block of tokens of some channels: given the W - 1 tokens
// before them, blocks do not depend on each other. With few taps these and the last W - 1 tokens stay
// in registers, so that a token is read once; else each tap reads its token from the cache.
//
//===----------------------------------------------------------------------===//

#include "Pieces.h"
#include "Rows.h"
#include "Segments.h"
#include "Transpose.h"
#include "seq/Conversion/Activations.h"

using namespace mlir;
using namespace seqc::cpu;

namespace {

/// Tokens and vectors of channels of a task: a row of it is some cache lines, its tokens are few
/// enough pages for the processor's table of addresses.
constexpr int64_t kTaskTokens = 64, kTaskVectors = 4;

class ConvEmitter {
public:
  ConvEmitter(mlir::seq::ConvOp op, func::FuncOp kernel, KernelBuilder &b)
      : op(op), b(b), lanes(b.target.lanes()), channels(constantDim(kernel.getArgument(0), 2)),
        taps(constantDim(kernel.getArgument(1), 1)) {
    auto arguments = kernel.getArguments();
    unsigned next = 0;
    x = arguments[next++];
    w = arguments[next++];
    if (op.getBias())
      bias = arguments[next++];
    if (!op.getStates().empty()) {
      auto type =
          MemRefType::get({ShapedType::kDynamic, taps - 1, channels}, cast<MemRefType>(x.getType()).getElementType());
      state = mlir::seq::StateComponentOp::create(b, type, arguments[next++], b.getI64IntegerAttr(0));
    }
    if (op.getReset())
      segments.reset = arguments[next++];
    if (op.getLengths())
      segments.lengths = arguments[next++];
    y = arguments[next];
  }

  void emit() {
    batch = b.dim(x, 0);
    time = b.dim(x, 1);
    weights = b.scratch({b.workers(), b.getIndexAttr(taps), b.getIndexAttr(kTaskVectors * lanes)});
    int64_t width = kTaskVectors * lanes, blocks = llvm::divideCeil(channels, width);
    Value timeBlocks = b.ceilDiv(time, kTaskTokens);
    Value cycles = b.mul(b.addIndex(b.min(time, b.index(kTaskTokens)), 4), b.index(kTaskVectors * (20 + 2 * taps)));
    parallelWork(b, b.mul(b.mul(batch, timeBlocks), b.index(blocks)), cycles, [&](Value task, Value ofWorker) {
      worker = ofWorker;
      Value outer = b.floorDiv(task, blocks);
      row = arith::DivUIOp::create(b, outer, timeBlocks);
      first = b.mul(b.rem(task, blocks), b.index(width));
      count = b.min(b.index(width), b.sub(b.index(channels), first));
      Value from = b.mul(arith::RemUIOp::create(b, outer, timeBlocks), b.index(kTaskTokens));
      emitTask(from, b.min(b.addIndex(from, kTaskTokens), time));
    });
    if (state)
      parallelWork(b, batch, b.index(channels * taps), [&](Value task, Value) { updateState(task); });
  }

private:
  Value load(Value memref, ArrayRef<Value> at, Value j, Value rest) {
    auto indices = join(at, b.add(first, j));
    return rest ? b.loadMasked(memref, indices, rest) : b.loadVector(memref, indices);
  }
  void store(Value value, Value token, Value j, Value rest) {
    SmallVector<Value> indices{row, token, b.add(first, j)};
    if (rest)
      b.storeMasked(value, y, indices, rest);
    else
      b.storeVector(value, y, indices);
  }

  void emitTask(Value from, Value to) {
    Value end = b.min(segments.length(b, row, time), to);
    b.vectorLoop(count, [&](Value j, Value rest) {
      readWeights(j);
      bool inRegisters = taps <= b.target.registers() / 4;
      if (inRegisters)
        slide(from, end, j, rest);
      else
        gather(from, end, j, rest);
      if (segments.lengths)
        b.loop(b.max(from, end), to, 1, [&](Value token) { store(b.splat(0), token, j, rest); });
    });
  }

  /// The taps of the vector of channels at j, a vector each.
  void readWeights(Value j) {
    Value last = b.sub(count, b.index(1));
    auto read = [&](int64_t lane, int64_t k, int64_t width) {
      SmallVector<Value> at{b.add(first, b.min(b.addIndex(j, lane), last)), b.index(k)};
      return width < lanes ? b.loadMasked(w, at, b.index(width)) : b.loadVector(w, at);
    };
    emitColumns(b, taps, read,
                [&](int64_t k, Value column) { b.storeVector(column, weights, {worker, b.index(k), j}); });
  }

  Value start(Value j, Value rest) { return bias ? load(bias, {}, j, rest) : b.splat(0); }
  Value finish(Value sum) { return seqc::emitActivation(b, b.getLoc(), op.getActivation(), sum); }

  //--- Few taps: tokens in registers

  /// `window`, but zeros before a token where the state is fresh.
  SmallVector<Value> resetAt(Value token, ValueRange window) {
    SmallVector<Value> result = llvm::to_vector(window);
    if (Value isFresh = segments.isReset(b, row, token))
      for (Value &value : result)
        value = arith::SelectOp::create(b, isFresh, b.splat(0), value);
    return result;
  }

  /// The last W - 1 tokens before `from`, the oldest first.
  SmallVector<Value> windowBefore(Value from, Value j, Value rest) {
    if (taps == 1)
      return {};
    // Where all of them are in x, what stands before them does not matter.
    Value start = b.sub(b.max(from, b.index(taps - 1)), b.index(taps - 1));
    SmallVector<Value> window;
    for (int64_t k = 0; k + 1 < taps; ++k)
      window.push_back(state ? load(state, {row, b.index(k)}, j, rest) : b.splat(0));
    return b.loop(start, from, 1, window, [&](Value token, ValueRange carried) {
      return pushed(resetAt(token, carried), load(x, {row, token}, j, rest));
    });
  }

  static SmallVector<Value> pushed(ArrayRef<Value> window, Value value) {
    SmallVector<Value> next(window.drop_front());
    next.push_back(value);
    return next;
  }

  void slide(Value from, Value end, Value j, Value rest) {
    Value initial = start(j, rest);
    SmallVector<Value> taken;
    for (int64_t k = 0; k < taps; ++k)
      taken.push_back(b.loadVector(weights, {worker, b.index(k), j}));
    b.loop(from, end, 1, windowBefore(from, j, rest), [&](Value token, ValueRange carried) {
      SmallVector<Value> window = resetAt(token, carried);
      window.push_back(load(x, {row, token}, j, rest));
      Value sum = initial;
      for (int64_t k = 0; k < taps; ++k)
        sum = b.fma(taken[k], window[k], sum);
      store(finish(sum), token, j, rest);
      return SmallVector<Value>(ArrayRef(window).drop_front());
    });
  }

  //--- Many taps

  /// How many tokens there are from the last reset to before `from`; W where there is none among
  /// the last W - 1 tokens.
  Value tokensSinceReset(Value from) {
    Value all = b.index(taps);
    if (!segments.reset)
      return all;
    Value start = b.sub(b.max(from, b.index(taps - 1)), b.index(taps - 1));
    return b.loop(start, from, 1, all,
                  [&](Value token, ValueRange since) -> SmallVector<Value> { return {nextSince(token, since[0])}; })[0];
  }
  Value nextSince(Value token, Value since) {
    Value next = b.min(b.addIndex(since, 1), b.index(taps)), isFresh = segments.isReset(b, row, token);
    return isFresh ? Value(arith::SelectOp::create(b, isFresh, b.index(1), next)) : next;
  }

  void gather(Value from, Value end, Value j, Value rest) {
    Value initial = start(j, rest), all = b.index(taps);
    b.loop(from, end, 1, tokensSinceReset(from), [&](Value token, ValueRange carried) -> SmallVector<Value> {
      Value since = nextSince(token, carried[0]);
      // Taps from `lowest` on count; those from `own` on are of tokens in x.
      Value lowest = b.sub(all, since), own = b.max(lowest, b.sub(all, b.min(all, b.addIndex(token, 1))));
      auto weight = [&](Value tap) { return b.loadVector(weights, {worker, tap, j}); };
      SmallVector<Value> sum{initial};
      if (state)
        sum = b.loop(lowest, own, 1, sum, [&](Value tap, ValueRange sums) -> SmallVector<Value> {
          return {b.fma(weight(tap), load(state, {row, b.add(token, tap)}, j, rest), sums[0])};
        });
      sum = b.loop(own, all, 1, sum, [&](Value tap, ValueRange sums) -> SmallVector<Value> {
        Value at = b.sub(b.add(token, tap), b.index(taps - 1));
        return {b.fma(weight(tap), load(x, {row, at}, j, rest), sums[0])};
      });
      store(finish(sum[0]), token, j, rest);
      return {since};
    });
  }

  //--- The state after the last token

  void updateState(Value ofRow) {
    row = ofRow;
    Value length = segments.length(b, row, time), since = tokensSinceReset(length), all = b.index(channels);
    b.loop(b.index(0), b.index(taps - 1), 1, [&](Value k) {
      // Row k is that of token length - (W - 1) + k, which may be one of the old rows; those stand
      // behind, so that going up overwrites none that is still needed.
      Value age = b.sub(b.index(taps - 1), k);
      Value counts = arith::CmpIOp::create(b, arith::CmpIPredicate::ule, age, since);
      auto branch = scf::IfOp::create(b, counts, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.elseBlock());
      clearElements(b, state, {row, k}, all);
      b.setInsertionPointToStart(branch.thenBlock());
      auto source = scf::IfOp::create(b, b.less(length, age), /*withElseRegion=*/true);
      b.setInsertionPointToStart(source.thenBlock());
      copyElements(b, state, {row, b.add(length, k)}, state, {row, k}, all);
      b.setInsertionPointToStart(source.elseBlock());
      copyElements(b, x, {row, b.sub(length, age)}, state, {row, k}, all);
    });
  }

  mlir::seq::ConvOp op;
  KernelBuilder &b;
  int64_t lanes, channels, taps;
  Value x, w, bias, state, y;
  Segments segments;
  Value batch, time, weights; ///< scratch [worker, tap, task's channels]
  // Of the task that is being emitted.
  Value worker, row, first, count;
};

} // namespace

LogicalResult seqc::cpu::emitConv(mlir::seq::ConvOp op, func::FuncOp kernel, KernelBuilder &b) {
  ConvEmitter(op, kernel, b).emit();
  return success();
}
