//===- StateMixBlocks.cpp - State mixes by blocks of tokens ---------------===//

#include "StateMixBlocks.h"
#include "Pieces.h"
#include "Rows.h"
#include "Segments.h"
#include "StateMixTime.h"

using namespace mlir;
using namespace seqc;
using namespace seqc::cpu;

/// Heads of a task at most.
static constexpr int64_t kMostHeads = 4;
/// Between the rows of a copied state.
static constexpr int64_t kPadding = 16;

//===----------------------------------------------------------------------===//
// MixKernel
//===----------------------------------------------------------------------===//

MixKernel::MixKernel(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b)
    : b(b), op(op), in(buffers), heads(constantDim(buffers.v, 2)), keyDim(constantDim(buffers.q, 3)),
      valueDim(constantDim(buffers.v, 3)), lanes(b.target.lanes()), pitch(llvm::divideCeil(keyDim, lanes) * lanes),
      outer(op.getUpdate() == mlir::seq::Update::Outer), delta(op.getUpdate() == mlir::seq::Update::Delta),
      dplr(op.getUpdate() == mlir::seq::Update::Dplr), pre(op.getRead() == mlir::seq::Read::Pre) {
  using mlir::seq::Decay;
  bool perChannel = op.getDecay() == Decay::Static && cast<MemRefType>(in.g.getType()).getRank() == 2;
  channelDecay = perChannel || op.getDecay() == Decay::Channel;
  headDecay = !channelDecay && (op.getDecay() != Decay::None || op.getI());
  // Four vectors and the sums over them fit AVX-512's registers, two fit AVX2's; few heads
  // rather have more tiles, to share them out.
  bool wide = b.target.avx512 && (heads >= 4 || valueDim >= 16 * lanes);
  widest = (wide ? 4 : 2) * lanes;
}

SmallVector<Value> MixKernel::decayRow(Value token) const {
  return op.getDecay() == mlir::seq::Decay::Static ? SmallVector<Value>{head} : headRow(token);
}

Value MixKernel::load(Value memref, ValueRange at, Value i, Value rest) const {
  return rest ? b.loadMasked(memref, join(at, i), rest) : b.loadVector(memref, join(at, i));
}
Value MixKernel::spread(Value memref, ValueRange at) const { return b.broadcast(b.load(memref, at)); }

Value MixKernel::channelLogs(Value token, Value slot, Value i, Value rest) const {
  Value g = load(in.g, decayRow(token), i, rest);
  // The sum is above 0 in channels past K only.
  return factors->isGated() ? b.min(b.splat(0), b.add(g, b.broadcast(factors->rescale(slot)))) : g;
}

Value MixKernel::bonus(Value i, Value rest) const {
  Value u = load(in.u, head, i, rest);
  return op.getUExp() ? b.exp(u) : u;
}

Value MixKernel::ownWeight(Value token) const {
  Value sum = b.splat(0);
  for (int64_t i = 0; i < keyDim; i += lanes) {
    Value at = b.index(i), rest = i + lanes <= keyDim ? Value() : b.index(keyDim - i);
    Value q = load(in.q, keyRow(token), at, rest), k = load(in.k, keyRow(token), at, rest);
    sum = b.fma(b.mul(q, bonus(at, rest)), k, sum);
  }
  return b.reduceAdd(sum);
}

void MixKernel::setHead(Value newHead) {
  head = newHead;
  keyHead = keyHeadOf(head);
  if (timeBlock)
    stateRow = {timeBlock, b.add(b.mul(row, b.index(heads)), head)};
  else
    stateRow = inPlace ? SmallVector<Value>{row, head} : SmallVector<Value>{worker, b.sub(head, firstHead)};
}

Value MixKernel::keyHeadOf(Value head) const { return b.floorDiv(head, heads / constantDim(in.q, 2)); }

void MixKernel::prefetch(Value offset, Value d, unsigned locality) const {
  Value token = b.min(b.add(nextStart, offset), lastToken);
  SmallVector<Value> keyRow{row, token, keyHeadOf(nextHead)}, headRow{row, token, nextHead};
  auto fetch = [&](Value memref, ValueRange at, Value i, bool write) {
    memref::PrefetchOp::create(b, memref, join(at, i), write, locality, /*isDataCache=*/true);
  };
  for (Value memref : {in.q, in.k})
    fetch(memref, keyRow, d, false);
  for (Value memref : {in.a, in.b, op.getDecay() == mlir::seq::Decay::Channel ? in.g : Value()})
    if (memref)
      fetch(memref, headRow, d, false);
  auto columnAt = [&](Value channel) {
    return b.add(fromColumn, b.floorDiv(b.mul(channel, b.sub(toColumn, fromColumn)), keyDim));
  };
  Value end = b.min(b.addIndex(d, kPrefetchChannels), b.index(keyDim));
  b.loop(columnAt(d), columnAt(end), kPrefetchChannels, [&](Value column) {
    fetch(in.v, headRow, column, false);
    fetch(in.o, headRow, column, true);
  });
}

Value MixKernel::restOf(const Tile &tile, int64_t j) const {
  int64_t left = tile.width - j * lanes;
  return left < lanes ? b.index(left) : Value();
}
Value MixKernel::loadAt(Value memref, ValueRange at, const Tile &tile, int64_t j) const {
  return load(memref, at, b.addIndex(tile.column, j * lanes), restOf(tile, j));
}
void MixKernel::storeAt(Value value, Value memref, ValueRange at, const Tile &tile, int64_t j) const {
  Value column = b.addIndex(tile.column, j * lanes);
  if (Value rest = restOf(tile, j))
    b.storeMasked(value, memref, join(at, column), rest);
  else
    b.storeVector(value, memref, join(at, column));
}

void MixKernel::forTiles(int64_t width, llvm::function_ref<void(const Tile &)> body) const {
  int64_t whole = valueDim / width * width;
  b.loop(fromColumn, b.min(toColumn, b.index(whole)), width, [&](Value column) { body({column, width}); });
  if (whole < valueDim)
    b.ifThen(b.less(b.index(whole), toColumn), [&] { body({b.index(whole), valueDim - whole}); });
}

//===----------------------------------------------------------------------===//
// Tasks and blocks
//===----------------------------------------------------------------------===//

namespace {

class BlocksEmitter {
public:
  BlocksEmitter(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b)
      : mix(op, buffers, b), b(b), segments(buffers.segments),
        inBlocks(op.getForm() != mlir::seq::Form::Recurrent && !MixTime::suits(op)),
        stretch(op.getChunk() ? static_cast<int64_t>(op.getChunk()) : kMixChunk) {
    placeState();
    factors.emplace(mix, std::min(kMostHeads, mix.heads));
    mix.factors = &*factors;
    tokens.emplace(mix);
    if (MixTime::suits(op))
      timeBlocks.emplace(mix);
    if (inBlocks)
      chunk.emplace(mix);
  }

  void emit() {
    Value batch = b.dim(mix.in.v, 0), time = b.dim(mix.in.v, 1);
    if (!timeBlocks)
      return emitTasks(batch, time);
    Value rowHeads = b.mul(batch, b.index(mix.heads));
    auto branch =
        scf::IfOp::create(b, timeBlocks->cut(b.mul(rowHeads, b.index(widestTiles())), time), /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    emitRounds(rowHeads, time);
    b.setInsertionPointToStart(branch.elseBlock());
    emitTasks(batch, time);
  }

private:
  /// Heads and ranges of their columns in parallel.
  void emitTasks(Value batch, Value time) {
    Value parts = partsOf(b.mul(batch, b.index(mix.heads))), groups = groupsOf(batch);
    int64_t vectors = llvm::divideCeil(mix.valueDim, mix.lanes);
    Value cycles = b.mul(time, b.index(6 * mix.heads * mix.keyDim * vectors));
    cycles = arith::DivUIOp::create(b, cycles, b.mul(parts, groups));
    parallelWork(b, b.mul(b.mul(batch, groups), parts), cycles, [&](Value task, Value worker) {
      setTask(task, groups, parts, worker);
      forHeads([&] { loadState(); });
      emitTokens(b.index(0), time, time);
      emitTail(time);
      if (mix.in.state)
        forHeads([&] { storeState(); });
    });
  }

  /// Heads and blocks of time in parallel, in two rounds.
  void emitRounds(Value rowHeads, Value time) {
    Value given = mix.in.state, pairs = b.sub(timeBlocks->blocks(), b.index(1));
    Value last = pairs, ownState = mix.state;
    mix.state = timeBlocks->states();
    int64_t vectors = llvm::divideCeil(mix.valueDim, mix.lanes);
    Value cycles = b.mul(timeBlocks->start(b.index(1)), b.index(6 * mix.keyDim * vectors));
    b.loop(b.index(0), b.index(2), 1, [&](Value round) {
      Value isSecond = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, round, b.index(1));
      b.ifThen(isSecond, [&] { b.loop(b.index(0), rowHeads, 1, [&](Value i) { timeBlocks->combine(i); }); });
      parallelWork(b, b.mul(rowHeads, pairs), cycles, [&](Value task, Value worker) {
        Value rowHead = arith::DivUIOp::create(b, task, pairs);
        Value block = b.add(arith::RemUIOp::create(b, task, pairs), round);
        setBlock(rowHead, block, worker);
        Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, round, b.index(0));
        b.ifThen(isFirst, [&] { timeBlocks->setState(block, given); });
        emitTokens(timeBlocks->start(block), timeBlocks->start(b.addIndex(block, 1)), time);
        mix.setHead(mix.firstHead); // loops over heads have left it theirs
        b.ifThen(isFirst, [&] { timeBlocks->multiply(block); });
        Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, block, last);
        b.ifThen(isLast, [&] {
          if (given)
            timeBlocks->storeState(block, given);
          emitTail(time);
        });
      });
    });
    mix.state = ownState;
    mix.timeBlock = {};
  }

  /// A task of one head and one block of time.
  void setBlock(Value rowHead, Value block, Value worker) {
    mix.row = b.floorDiv(rowHead, mix.heads);
    mix.firstHead = b.rem(rowHead, mix.heads);
    endHead = b.addIndex(mix.firstHead, 1);
    mix.worker = worker;
    mix.fromColumn = b.index(0);
    mix.toColumn = b.index(mix.valueDim);
    mix.timeBlock = block;
    mix.setHead(mix.firstHead);
  }

  /// Calls of many tokens copy states: rows that are a power of two of bytes apart would share a few sets
  /// of the cache, and loads of one would wait for stores of another with the same low address bits.
  void placeState() {
    int64_t time = constantDim(mix.in.v, 1);
    mix.inPlace = mix.in.state && !ShapedType::isDynamic(time) && time < kMixBlock;
    mix.state = mix.in.state;
    if (mix.inPlace)
      return;
    int64_t pitch = llvm::alignTo(mix.valueDim, mix.lanes) + kPadding;
    mix.state = b.scratch({b.workers(), b.getIndexAttr(std::min(kMostHeads, mix.heads)), b.getIndexAttr(mix.keyDim),
                           b.getIndexAttr(pitch)});
  }

  int64_t widestTiles() { return llvm::divideCeil(mix.valueDim, mix.widest); }

  /// Into how many ranges of columns a head is cut, so that few heads use all workers.
  Value partsOf(Value rowHeads) {
    Value wanted = arith::CeilDivUIOp::create(b, b.mul(b.workers(), b.index(2)), rowHeads);
    Value alone = b.less(b.workers(), b.index(2));
    return arith::SelectOp::create(b, alone, b.index(1), b.min(wanted, b.index(widestTiles())));
  }

  /// Into how many groups the heads of a row are cut: large ones, as the rows of heads that
  /// are neighbours are so in memory, but as many as can be shared out evenly.
  Value groupsOf(Value batch) {
    Value groups = b.index(mix.heads);
    for (int64_t size = 2; size <= kMostHeads; size *= 2) {
      if (mix.heads % size != 0)
        break;
      Value larger = b.index(mix.heads / size);
      Value over = arith::RemUIOp::create(b, b.mul(batch, larger), b.workers());
      Value even = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, over, b.index(0));
      groups = arith::SelectOp::create(b, even, larger, groups);
    }
    return groups;
  }

  void setTask(Value task, Value groups, Value parts, Value worker) {
    Value part = arith::RemUIOp::create(b, task, parts), rowGroup = arith::DivUIOp::create(b, task, parts);
    Value size = arith::DivUIOp::create(b, b.index(mix.heads), groups);
    mix.row = arith::DivUIOp::create(b, rowGroup, groups);
    mix.firstHead = b.mul(arith::RemUIOp::create(b, rowGroup, groups), size);
    endHead = b.add(mix.firstHead, size);
    mix.worker = worker;
    auto bound = [&](Value index) {
      Value tile = arith::DivUIOp::create(b, b.mul(index, b.index(widestTiles())), parts);
      return b.min(b.mul(tile, b.index(mix.widest)), b.index(mix.valueDim));
    };
    mix.fromColumn = bound(part);
    mix.toColumn = bound(b.addIndex(part, 1));
  }

  void forHeads(llvm::function_ref<void()> body) {
    b.loop(mix.firstHead, endHead, 1, [&](Value head) {
      mix.setHead(head);
      body();
    });
  }

  /// Calls body(d, tile) for the vectors of the task's columns in all rows of the state.
  void forState(llvm::function_ref<void(Value, const MixKernel::Tile &)> body) {
    b.loop(b.index(0), b.index(mix.keyDim), 1,
           [&](Value d) { mix.forTiles(mix.lanes, [&](const MixKernel::Tile &tile) { body(d, tile); }); });
  }

  void clearState() {
    forState([&](Value d, const MixKernel::Tile &tile) {
      mix.storeAt(b.splat(0), mix.state, join(mix.stateRow, d), tile, 0);
    });
    factors->clear();
  }

  /// What a head of the task starts from.
  void loadState() {
    if (!mix.in.state)
      return clearState();
    factors->load();
    if (mix.inPlace)
      return;
    forState([&](Value d, const MixKernel::Tile &tile) {
      Value old = mix.loadAt(mix.in.state, {mix.row, mix.head, d}, tile, 0);
      mix.storeAt(old, mix.state, join(mix.stateRow, d), tile, 0);
    });
  }

  void storeState() {
    // Of the tasks of a head's columns one writes what they share.
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, mix.fromColumn, b.index(0));
    b.ifThen(isFirst, [&] { factors->store(); });
    if (mix.inPlace)
      return;
    forState([&](Value d, const MixKernel::Tile &tile) {
      Value last = mix.loadAt(mix.state, join(mix.stateRow, d), tile, 0);
      mix.storeAt(last, mix.in.state, {mix.row, mix.head, d}, tile, 0);
    });
  }

  /// The tokens [start, end) of the `time` of a call, as many as count.
  void emitTokens(Value start, Value end, Value time) {
    segments.forEachIn(b, mix.row, start, b.min(end, segments.length(b, mix.row, time)),
                       [&](Value from, Value to, Value restart) {
                         if (restart)
                           b.ifThen(restart, [&] { forHeads([&] { clearState(); }); });
                         mix.lastToken = b.sub(to, b.index(1));
                         b.loop(from, to, stretch, [&](Value start) {
                           Value end = b.min(b.addIndex(start, stretch), to);
                           forHeads([&] { emitStretch(start, end); });
                         });
                       });
  }

  /// Zeros for the tokens that do not count.
  void emitTail(Value time) {
    segments.forTail(b, mix.row, time, [&](Value token) {
      forHeads([&] {
        mix.forTiles(mix.lanes, [&](const MixKernel::Tile &tile) {
          mix.storeAt(b.splat(0), mix.in.o, mix.headRow(token), tile, 0);
        });
      });
    });
  }

  /// Some tokens of a head, before those of the next head.
  void emitStretch(Value from, Value to) {
    Value nextHead = b.addIndex(mix.head, 1),
          isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, nextHead, endHead);
    nextHead = arith::SelectOp::create(b, isLast, mix.firstHead, nextHead);
    Value nextStretch = arith::SelectOp::create(b, isLast, to, from);
    b.loop(from, to, kMixBlock, [&](Value start) {
      Value end = b.addIndex(start, kMixBlock), more = b.less(end, to);
      mix.nextHead = arith::SelectOp::create(b, more, mix.head, nextHead);
      mix.nextStart = arith::SelectOp::create(b, more, end, nextStretch);
      emitBlock(start, b.sub(b.min(end, to), start));
    });
  }

  void emitBlock(Value start, Value count) {
    factors->prepare(start, count);
    if (!inBlocks)
      return tokens->emit(start, count);
    Value whole = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, count, b.index(kMixBlock));
    Value asChunk = choose(whole, [&] { return chunk->isBounded(start); });
    auto branch = scf::IfOp::create(b, asChunk, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    chunk->emit(start);
    b.setInsertionPointToStart(branch.elseBlock());
    tokens->emit(start, count);
  }

  /// condition && whenTrue(), which only runs then.
  Value choose(Value condition, llvm::function_ref<Value()> whenTrue) {
    auto branch = scf::IfOp::create(b, TypeRange{b.getI1Type()}, condition, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, whenTrue());
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, arith::ConstantOp::create(b, b.getBoolAttr(false)).getResult());
    return branch.getResult(0);
  }

  MixKernel mix;
  KernelBuilder &b;
  Segments segments;
  bool inBlocks;   ///< whether whole blocks are solved at once
  int64_t stretch; ///< tokens of a head before those of the next
  Value endHead;   ///< of the task
  std::optional<MixFactors> factors;
  std::optional<MixTokens> tokens;
  std::optional<MixChunk> chunk;
  std::optional<MixTime> timeBlocks; ///< in the form parallel
};

} // namespace

void seqc::cpu::emitStateMixBlocks(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b) {
  BlocksEmitter(op, buffers, b).emit();
}
