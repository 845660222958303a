//===- StateMixDelta.cpp - Blocks of tokens of the delta rules ------------===//

#include "StateMixDelta.h"
#include "Pieces.h"
#include "Rows.h"
#include "Segments.h"

using namespace mlir;
using namespace seqc::cpu;

/// Vectors of the widest tile. Ranges of columns that become tasks are made of these.
static constexpr int64_t kWidestTile = 4;
/// Elements of a state from which on blocks win for dplr (measured: 64 x 64 loses by a
/// fifth, 128 x 128 wins by a twentieth).
static constexpr int64_t kLargeState = 96 * 96;

//===----------------------------------------------------------------------===//
// DeltaMix
//===----------------------------------------------------------------------===//

DeltaMix::DeltaMix(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b)
    : b(b), op(op), in(buffers), heads(constantDim(buffers.v, 2)), keyDim(constantDim(buffers.q, 3)),
      valueDim(constantDim(buffers.v, 3)), lanes(b.target.lanes()), pitch(llvm::divideCeil(keyDim, lanes) * lanes),
      delta(op.getUpdate() == mlir::seq::Update::Delta), pre(op.getRead() == mlir::seq::Read::Pre) {
  using mlir::seq::Decay;
  bool perChannel = op.getDecay() == Decay::Static && cast<MemRefType>(in.g.getType()).getRank() == 2;
  channelDecay = perChannel || op.getDecay() == Decay::Channel;
  headDecay = !channelDecay && op.getDecay() != Decay::None;
}

SmallVector<Value> DeltaMix::decayRow(Value token) const {
  return op.getDecay() == mlir::seq::Decay::Static ? SmallVector<Value>{head} : headRow(token);
}

Value DeltaMix::load(Value memref, ValueRange at, Value i, Value rest) const {
  return rest ? b.loadMasked(memref, join(at, i), rest) : b.loadVector(memref, join(at, i));
}
Value DeltaMix::spread(Value memref, ValueRange at) const { return b.broadcast(b.load(memref, at)); }

Value DeltaMix::bonus(Value i, Value rest) const {
  Value u = load(in.u, head, i, rest);
  return op.getUExp() ? b.exp(u) : u;
}

Value DeltaMix::ownWeight(Value token) const {
  Value sum = b.splat(0);
  for (int64_t i = 0; i < keyDim; i += lanes) {
    Value at = b.index(i), rest = i + lanes <= keyDim ? Value() : b.index(keyDim - i);
    Value q = load(in.q, keyRow(token), at, rest), k = load(in.k, keyRow(token), at, rest);
    sum = b.fma(b.mul(q, bonus(at, rest)), k, sum);
  }
  return b.reduceAdd(sum);
}

void DeltaMix::prefetch(Value token, Value d) const {
  token = b.min(token, lastToken);
  auto fetch = [&](Value memref, ValueRange at, Value i, bool write) {
    memref::PrefetchOp::create(b, memref, join(at, i), write, /*localityHint=*/3, /*isDataCache=*/true);
  };
  for (Value memref : {in.q, in.k})
    fetch(memref, keyRow(token), d, false);
  for (Value memref : {in.a, in.b, op.getDecay() == mlir::seq::Decay::Channel ? in.g : Value()})
    if (memref)
      fetch(memref, headRow(token), d, false);
  auto columnAt = [&](Value channel) {
    return b.add(fromColumn, b.floorDiv(b.mul(channel, b.sub(toColumn, fromColumn)), keyDim));
  };
  Value end = b.min(b.addIndex(d, kPrefetchChannels), b.index(keyDim));
  b.loop(columnAt(d), columnAt(end), kPrefetchChannels, [&](Value column) {
    fetch(in.v, headRow(token), column, false);
    fetch(in.o, headRow(token), column, true);
  });
}

Value DeltaMix::restOf(const Tile &tile, int64_t j) const {
  int64_t left = tile.width - j * lanes;
  return left < lanes ? b.index(left) : Value();
}
Value DeltaMix::loadAt(Value memref, ValueRange at, const Tile &tile, int64_t j) const {
  return load(memref, at, b.addIndex(tile.column, j * lanes), restOf(tile, j));
}
void DeltaMix::storeAt(Value value, Value memref, ValueRange at, const Tile &tile, int64_t j) const {
  Value column = b.addIndex(tile.column, j * lanes);
  if (Value rest = restOf(tile, j))
    b.storeMasked(value, memref, join(at, column), rest);
  else
    b.storeVector(value, memref, join(at, column));
}

void DeltaMix::forTiles(int64_t width, llvm::function_ref<void(const Tile &)> body) const {
  int64_t whole = valueDim / width * width;
  b.loop(fromColumn, b.min(toColumn, b.index(whole)), width, [&](Value column) { body({column, width}); });
  if (whole < valueDim)
    b.ifThen(b.less(b.index(whole), toColumn), [&] { body({b.index(whole), valueDim - whole}); });
}

//===----------------------------------------------------------------------===//
// Tasks and blocks
//===----------------------------------------------------------------------===//

namespace {

class DeltaEmitter {
public:
  DeltaEmitter(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b)
      : mix(op, buffers, b), b(b), fresh(!buffers.state) {
    if (fresh)
      mix.in.state =
          b.scratch({b.workers(), b.getIndexAttr(1), b.getIndexAttr(mix.keyDim), b.getIndexAttr(mix.valueDim)});
    tokens.emplace(mix);
    if (inBlocks())
      chunk.emplace(mix);
  }

  void emit() {
    Value batch = b.dim(mix.in.v, 0), time = b.dim(mix.in.v, 1);
    Value parts = partsOf(b.mul(batch, b.index(mix.heads)));
    int64_t vectors = llvm::divideCeil(mix.valueDim, mix.lanes);
    Value cycles = b.mul(time, b.index(6 * mix.keyDim * vectors));
    cycles = arith::DivUIOp::create(b, cycles, parts);
    parallelWork(b, b.mul(b.mul(batch, b.index(mix.heads)), parts), cycles, [&](Value task, Value worker) {
      setTask(task, parts, worker);
      if (fresh)
        clearState();
      emitRow(time);
    });
  }

private:
  int64_t widest() { return kWidestTile * mix.lanes; }
  int64_t widestTiles() { return llvm::divideCeil(mix.valueDim, widest()); }

  /// Into how many ranges of columns a head is cut, so that few heads use all workers.
  Value partsOf(Value rowHeads) {
    Value wanted = arith::CeilDivUIOp::create(b, b.mul(b.workers(), b.index(2)), rowHeads);
    Value alone = b.less(b.workers(), b.index(2));
    return arith::SelectOp::create(b, alone, b.index(1), b.min(wanted, b.index(widestTiles())));
  }

  void setTask(Value task, Value parts, Value worker) {
    Value part = arith::RemUIOp::create(b, task, parts), rowHead = arith::DivUIOp::create(b, task, parts);
    mix.row = b.floorDiv(rowHead, mix.heads);
    mix.head = b.rem(rowHead, mix.heads);
    mix.keyHead = b.floorDiv(mix.head, mix.heads / constantDim(mix.in.q, 2));
    mix.worker = worker;
    mix.stateRow = fresh ? SmallVector<Value>{worker, b.index(0)} : SmallVector<Value>{mix.row, mix.head};
    auto bound = [&](Value index) {
      Value tile = arith::DivUIOp::create(b, b.mul(index, b.index(widestTiles())), parts);
      return b.min(b.mul(tile, b.index(widest())), b.index(mix.valueDim));
    };
    mix.fromColumn = bound(part);
    mix.toColumn = bound(b.addIndex(part, 1));
  }

  void clearState() {
    b.loop(b.index(0), b.index(mix.keyDim), 1, [&](Value d) {
      mix.forTiles(mix.lanes, [&](const DeltaMix::Tile &tile) {
        mix.storeAt(b.splat(0), mix.in.state, join(mix.stateRow, d), tile, 0);
      });
    });
  }

  void emitRow(Value time) {
    segments.forEach(b, mix.row, time, [&](Value from, Value to, Value restart) {
      if (restart)
        b.ifThen(restart, [&] { clearState(); });
      mix.lastToken = b.sub(to, b.index(1));
      b.loop(from, to, kDeltaBlock,
             [&](Value start) { emitBlock(start, b.min(b.sub(to, start), b.index(kDeltaBlock))); });
    });
    segments.forTail(b, mix.row, time, [&](Value token) {
      mix.forTiles(mix.lanes,
                   [&](const DeltaMix::Tile &tile) { mix.storeAt(b.splat(0), mix.in.o, mix.headRow(token), tile, 0); });
    });
  }

  /// Whether whole blocks are solved at once. Where two rank-one terms meet a small state,
  /// a block's own products cost more than passes over the state in L1, as long as 32
  /// registers hold a wide tile.
  bool inBlocks() { return mix.delta || !b.target.avx512 || mix.keyDim * mix.valueDim >= kLargeState; }

  void emitBlock(Value start, Value count) {
    if (!inBlocks())
      return tokens->emit(start, count);
    Value whole = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, count, b.index(kDeltaBlock));
    Value asChunk = choose(whole, [&] { return chunk->prepare(start); });
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

  DeltaMix mix;
  KernelBuilder &b;
  Segments segments;
  bool fresh; ///< the state is scratch, that of one head a worker
  std::optional<DeltaTokens> tokens;
  std::optional<DeltaChunk> chunk;
};

} // namespace

void seqc::cpu::emitStateMixDelta(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b) {
  DeltaEmitter(op, buffers, b).emit();
}
