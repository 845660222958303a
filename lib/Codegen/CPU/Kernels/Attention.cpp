//===- Attention.cpp - Softmax attention ----------------------------------===//
//
// Keys stand in panels of tokens (KeyPanels.h). The query heads that share a key
// head form one matrix: row r of it is query token r / G, head r % G of the group, so
// that G heads use each key and value that is loaded.
//
// A task is a block of rows (and, where a call has few rows, a share of the keys). It
// walks over blocks of keys with an online softmax: for each tile of rows the scores
// of a block go to scratch, the running maximum m and sum l of every row are brought
// up to date, and the values are added to the outputs, rescaled by 2^(m - m').
//
// What a row may see is one range of keys [low, high]: causality, the window and the
// end of the keys are all folded into it. Tiles skip keys that none of their rows
// sees, and compare lanes with the range only where some row does not see a whole
// register block.
//
//===----------------------------------------------------------------------===//

#include "AttentionTile.h"
#include "KeyPanels.h"
#include "Pieces.h"
#include "Rows.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace seqc::cpu;

namespace {

/// What a core reads from memory in a cycle, in bytes.
constexpr int64_t kBytesPerCycle = 3;
/// How far ahead queries are fetched, and the numbers in a cache line.
constexpr int64_t kRowsAhead = 16, kLineFloats = 16;

class AttentionEmitter {
public:
  AttentionEmitter(mlir::seq::AttentionOp op, func::FuncOp kernel, KernelBuilder &b)
      : op(op), b(b), heads(op.getKvHeads()), group(op.getQueryHeads() / op.getKvHeads()) {
    auto arguments = kernel.getArguments();
    unsigned next = 0;
    q = arguments[next++];
    memory = arguments.slice(next, op.getMemory().size());
    next += op.getMemory().size();
    if (op.getSink())
      sink = arguments[next++];
    if (op.getPositions())
      positions = arguments[next++];
    o = arguments[next++];
    if (op.getLse())
      logSumExp = arguments[next++];
    batch = b.dim(q, 0);
    time = b.dim(q, 1);
  }

  void emit() {
    findKeys();
    AttentionTile::Options options;
    options.keyDim = op.getKeyDim();
    options.valueDim = op.getValueDim();
    options.softcap = op.getSoftcap().convertToDouble();
    options.rows = AttentionTile::rowsOf(b.target);
    auto queryType = cast<MemRefType>(q.getType());
    bool step = queryType.getDimSize(1) == 1;
    int64_t blockRows = options.rows * 8;
    if (step) {
      // A step has the rows of one token: no row is wasted, and keys are shared out.
      options.rows = std::min(options.rows, group);
      blockRows = llvm::divideCeil(group, options.rows) * options.rows;
    }
    options.blockRows = blockRows;
    options.fetchAhead = step;
    rowCount = b.mul(time, b.index(group));
    blocks = b.ceilDiv(rowCount, blockRows);
    shares = step ? b.workers() : b.index(1);
    Value tasks = b.mul(b.mul(batch, b.index(heads)), b.mul(blocks, shares));
    // A share's sums stay until all are merged; otherwise each worker has its own scratch.
    Value slots = step ? tasks : b.workers();
    AttentionTile tile(b, options, slots);
    parallelWork(b, tasks, cyclesOf(tasks, step),
                 [&](Value task, Value worker) { emitTask(tile, task, step ? task : worker, step); });
    if (step)
      merge(tile);
  }

private:
  //--- Keys and values

  void findKeys() {
    if (Value kv = op.getKv()) {
      KvMemory state(b, memory[0], cast<mlir::seq::KVType>(kv.getType()));
      keys = state.keys;
      values = state.values;
      tokens = state.tokens;
      return;
    }
    values = memory[1];
    packPanels(memory[0]);
  }

  void packPanels(Value k) {
    Value count = b.dim(k, 1), panels = b.ceilDiv(count, kPanel);
    keys = b.scratch({batch, b.getIndexAttr(heads), panels, b.getIndexAttr(op.getKeyDim()), b.getIndexAttr(kPanel)});
    Value perRow = b.mul(panels, b.index(heads));
    b.parallel(b.mul(batch, perRow), kPanelGrain, [&](Value piece, Value) {
      Value row = arith::DivUIOp::create(b, piece, perRow), rest = arith::RemUIOp::create(b, piece, perRow);
      Value head = arith::DivUIOp::create(b, rest, panels), panel = arith::RemUIOp::create(b, rest, panels);
      Value start = b.mul(panel, b.index(kPanel));
      packKeys(
          b, k, {row, head}, [](Value position) { return position; }, start, b.min(b.addIndex(start, kPanel), count),
          keys, {row, head, panel}, start);
    });
  }

  Value keyCount(Value row) {
    if (!tokens)
      return b.dim(values, 1);
    return arith::IndexCastOp::create(b, b.getIndexType(), b.load(tokens, row));
  }

  //--- Tasks

  /// Cycles of a task, if its rows see all keys: register operations or, where few rows share
  /// what is read, the reading.
  Value cyclesOf(Value tasks, bool step) {
    Value keysOfRow = b.dim(values, 1);
    if (tokens) {
      // Rows of a batch are about as long as the first; there may be none.
      keysOfRow = b.dim(values, 2);
      Value some = b.less(b.index(0), batch);
      auto first = scf::IfOp::create(b, b.getIndexType(), some, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(first.thenBlock());
      scf::YieldOp::create(b, keyCount(b.index(0)));
      b.setInsertionPointToStart(first.elseBlock());
      scf::YieldOp::create(b, keysOfRow);
      keysOfRow = first.getResult(0);
    }
    int64_t numbers = op.getKeyDim() + op.getValueDim();
    int64_t perPair = std::max<int64_t>(1, numbers / b.target.lanes());
    Value perKey =
        step ? b.index(std::max(group * perPair, numbers * 4 / kBytesPerCycle)) : b.mul(rowCount, b.index(perPair));
    Value cycles = b.mul(b.mul(b.mul(batch, b.index(heads)), perKey), keysOfRow);
    return arith::DivUIOp::create(b, cycles, b.max(tasks, b.index(1)));
  }

  void emitTask(AttentionTile &tile, Value task, Value slot, bool step) {
    auto split = [&](Value &value, Value by) {
      Value low = arith::RemUIOp::create(b, value, by);
      value = arith::DivUIOp::create(b, value, by);
      return low;
    };
    Value rest = task;
    Value share = split(rest, shares), block = split(rest, blocks), head = split(rest, b.index(heads));
    tile.slot = slot;
    tile.keys = keys;
    tile.values = values;
    tile.keyPanel = {rest, head};
    tile.valueAt = [&, row = rest, head](Value key, Value channel) -> SmallVector<Value> {
      if (tokens)
        return {row, head, key, channel};
      return {row, key, head, channel};
    };
    Value count = keyCount(rest);
    tile.lastKey = b.sub(count, b.index(1));
    Value from = b.index(0), to = count;
    if (step)
      std::tie(from, to) = shareOf(share, count);
    Value firstRow = b.mul(block, b.index(tile.blockRows()));
    Value rowsHere = b.min(b.sub(rowCount, firstRow), b.index(tile.blockRows()));
    Value tiles = b.ceilDiv(rowsHere, tile.rows());
    prepareRows(tile, rest, head, firstRow, tiles, count, from, to, step ? share : Value());
    tile.emitBlocks(tiles);
    if (!step)
      finishRows(tile, rest, head, firstRow, rowsHere);
  }

  /// The keys of a share: whole panels.
  std::pair<Value, Value> shareOf(Value share, Value count) {
    Value each = arith::CeilDivUIOp::create(b, count, shares);
    each = b.mul(b.ceilDiv(each, kPanel), b.index(kPanel));
    Value from = b.min(b.mul(share, each), count);
    return {from, b.min(b.add(from, each), count)};
  }

  struct RowPlace {
    Value token, head; ///< in q
  };
  RowPlace placeOf(Value row, Value kvHead) {
    Value token = b.floorDiv(row, group), inGroup = b.rem(row, group);
    return {token, b.add(b.mul(kvHead, b.index(group)), inGroup)};
  }

  /// Queries, visible ranges, and the sums of no keys at all for all rows of the tiles.
  void prepareRows(AttentionTile &tile, Value batchRow, Value kvHead, Value firstRow, Value tiles, Value count,
                   Value from, Value to, Value share) {
    Value last = b.sub(rowCount, b.index(1));
    b.loop(b.index(0), tiles, 1, [&](Value t) {
      tile.startTile(t);
      b.loop(b.index(0), b.index(tile.rows()), 1, [&](Value i) {
        Value inBlock = b.add(b.mul(t, b.index(tile.rows())), i);
        // Rows that only fill up a tile repeat the last one.
        Value row = b.add(firstRow, inBlock);
        prefetchQuery(batchRow, placeOf(b.min(b.addIndex(row, kRowsAhead), last), kvHead));
        RowPlace place = placeOf(b.min(row, last), kvHead);
        double scale = op.getEffectiveScale();
        tile.setQuery(inBlock, q, {batchRow, place.token, place.head}, scale);
        auto [low, high] = visibleKeys(batchRow, place.token, count, from, to);
        tile.setRange(t, inBlock, low, high);
        tile.startRow(inBlock, sinkOf(place.head, share));
      });
    });
  }

  /// Queries of a block lie apart from each other, where the processor does not foresee them.
  void prefetchQuery(Value batchRow, RowPlace place) {
    for (int64_t channel = 0; channel < op.getKeyDim(); channel += kLineFloats)
      memref::PrefetchOp::create(b, q, ValueRange{batchRow, place.token, place.head, b.index(channel)},
                                 /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
  }

  /// The first and the last key that a query token sees, as i32, cut to [from, to).
  std::pair<Value, Value> visibleKeys(Value batchRow, Value token, Value count, Value from, Value to) {
    auto toI32 = [&](Value index) -> Value { return arith::IndexCastOp::create(b, b.getI32Type(), index); };
    Value low = toI32(from), high = b.sub(toI32(to), b.i32(1));
    if (!op.getCausal())
      return {low, high};
    Value position = b.sub(b.add(toI32(token), toI32(count)), toI32(time));
    if (positions) {
      position = b.load(positions, {batchRow, token});
      if (!position.getType().isInteger(32))
        position = arith::TruncIOp::create(b, b.getI32Type(), position);
    }
    high = arith::MinSIOp::create(b, high, position);
    if (int64_t window = static_cast<int64_t>(op.getWindow())) {
      Value first = b.sub(position, b.i32(window - 1));
      low = arith::MaxSIOp::create(b, low, first);
    }
    return {low, high};
  }

  /// The sink's logit, which joins the sums of one share; null without.
  Value sinkOf(Value head, Value share) {
    if (!sink)
      return {};
    Value logit = b.load(sink, head);
    if (!share)
      return logit;
    Value first = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, share, b.index(0));
    return arith::SelectOp::create(b, first, logit, b.f32(AttentionTile::kNothing));
  }

  //--- Results

  void finishRows(AttentionTile &tile, Value batchRow, Value kvHead, Value firstRow, Value rowsHere) {
    b.loop(b.index(0), rowsHere, 1, [&](Value i) {
      RowPlace place = placeOf(b.add(firstRow, i), kvHead);
      auto sums = tile.sumsOf(tile.slot, i);
      Value factor = b.broadcast(inverse(sums.total));
      tile.forOutputs([&](Value channel, Value rest) {
        write(b.mul(tile.output(tile.slot, i, channel), factor), {batchRow, place.token, place.head}, channel, rest);
      });
      writeLogSumExp(sums, {batchRow, place.token, place.head});
    });
  }

  Value exp2(Value x) { return math::Exp2Op::create(b, x); }

  /// 1/total, or 0 for a row without visible keys.
  Value inverse(Value total) {
    Value empty = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, total, b.f32(0));
    return arith::SelectOp::create(b, empty, b.f32(0), b.div(b.f32(1), total));
  }

  void write(Value value, ArrayRef<Value> at, Value channel, Value rest) {
    if (rest)
      b.storeMasked(value, o, join(at, channel), rest);
    else
      b.storeVector(value, o, join(at, channel));
  }

  void writeLogSumExp(AttentionTile::Sums sums, SmallVector<Value> at) {
    if (!logSumExp)
      return;
    Value empty = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, sums.total, b.f32(0));
    Value safe = arith::SelectOp::create(b, empty, b.f32(1), sums.total);
    Value log2 = b.add(sums.maximum, math::Log2Op::create(b, safe));
    Value result = b.mul(log2, b.f32(0.69314718055994530942));
    Value nothing = b.f32(-std::numeric_limits<double>::infinity());
    b.store(arith::SelectOp::create(b, empty, nothing, result), logSumExp, at);
  }

  /// Merges the shares of each row: (m, l, O) are a monoid.
  void merge(AttentionTile &tile) {
    Value zero = b.index(0);
    Value perRow = b.mul(blocks, shares);
    b.loop(zero, b.mul(batch, b.index(heads)), 1, [&](Value batchAndHead) {
      Value batchRow = b.floorDiv(batchAndHead, heads), kvHead = b.rem(batchAndHead, heads);
      Value firstSlot = b.mul(batchAndHead, perRow);
      b.loop(zero, rowCount, 1, [&](Value i) {
        auto sums = mergeSums(tile, firstSlot, i);
        RowPlace place = placeOf(i, kvHead);
        SmallVector<Value> at{batchRow, place.token, place.head};
        Value factor = inverse(sums.total);
        tile.forOutputs([&](Value channel, Value rest) {
          auto total = b.loop(zero, shares, 1, ValueRange{b.splat(0)}, [&](Value share, ValueRange carried) {
            Value slot = b.add(firstSlot, share);
            Value weight = exp2(b.sub(tile.sumsOf(slot, i).maximum, sums.maximum));
            Value term = tile.output(slot, i, channel);
            return SmallVector<Value>{b.fma(term, b.broadcast(b.mul(weight, factor)), carried[0])};
          });
          write(total[0], at, channel, rest);
        });
        writeLogSumExp(sums, at);
      });
    });
  }

  AttentionTile::Sums mergeSums(AttentionTile &tile, Value firstSlot, Value row) {
    Value start = b.f32(AttentionTile::kNothing);
    auto merged = b.loop(b.index(0), shares, 1, ValueRange{start, b.f32(0)}, [&](Value share, ValueRange carried) {
      auto part = tile.sumsOf(b.add(firstSlot, share), row);
      Value maximum = b.max(carried[0], part.maximum);
      Value before = b.mul(carried[1], exp2(b.sub(carried[0], maximum)));
      Value total = b.fma(part.total, exp2(b.sub(part.maximum, maximum)), before);
      return SmallVector<Value>{maximum, total};
    });
    return {merged[0], merged[1]};
  }

  mlir::seq::AttentionOp op;
  KernelBuilder &b;
  int64_t heads, group; ///< key heads, and query heads of each
  ValueRange memory;
  Value q, sink, positions, o, logSumExp;
  Value keys;   ///< panels [B,H,panels,K,32]
  Value values; ///< [B,H,C,V] of a state, [B,T,H,V] of the call
  Value tokens; ///< of the state
  Value batch, time, rowCount, blocks, shares;
};

} // namespace

LogicalResult seqc::cpu::emitAttention(mlir::seq::AttentionOp op, func::FuncOp kernel, KernelBuilder &b) {
  AttentionEmitter(op, kernel, b).emit();
  return success();
}
