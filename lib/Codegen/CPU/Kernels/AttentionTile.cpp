//===- AttentionTile.cpp - Tiles of query rows against blocks of keys -----===//

#include "AttentionTile.h"
#include "KeyPanels.h"
#include "Rows.h"
#include "SoftmaxExp.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace seqc::cpu;

/// Keys between two updates of a row's maximum and sums: the scores of a tile stay in
/// the L1 cache.
static constexpr int64_t kBlock = 128;
/// The score of a key that a row does not see: far below kNothing, and finite.
static constexpr double kHidden = -3e38;
static constexpr double kLog2E = 1.44269504088896340736;
/// The f32 of a cache line and of a page.
static constexpr int64_t kLine = 16, kPage = 1024;

AttentionTile::AttentionTile(KernelBuilder &b, const Options &options, Value slots)
    : b(b), options(options), lanes(b.target.lanes()) {
  // A register block is rows x vectors of accumulators, as many vectors of keys or
  // values, and one broadcast; half the registers of AVX-512 hide the latency already.
  int64_t room = (b.target.registers() - 1) / (options.rows + 1);
  int64_t perRow = std::max<int64_t>(1, b.target.avx512 ? std::min(room, 16 / options.rows) : room);
  scoreVectors = std::min<int64_t>(llvm::bit_floor<uint64_t>(perRow), kPanel / lanes);
  valueVectors = std::min<int64_t>(perRow, 4);
  maximaPitch = llvm::PowerOf2Ceil(options.rows);
  outputPitch = llvm::divideCeil(options.valueDim, lanes) * lanes;
  int64_t tiles = options.blockRows / options.rows;
  auto perSlot = [&](int64_t extent, Type element = {}) { return b.scratch({slots, b.getIndexAttr(extent)}, element); };
  queries = perSlot(options.blockRows * options.keyDim);
  scores = perSlot(options.rows * kBlock);
  outputs = perSlot(options.blockRows * outputPitch);
  maxima = perSlot(tiles * maximaPitch);
  corrections = perSlot(maximaPitch);
  sums = perSlot(options.blockRows * lanes);
  rowRanges = perSlot(options.blockRows * 2, b.getI32Type());
  tileRanges = perSlot(tiles * 4, b.getI32Type());
}

//===----------------------------------------------------------------------===//
// Before the keys
//===----------------------------------------------------------------------===//

void AttentionTile::setQuery(Value row, Value q, ValueRange at, double scale) {
  // Scores are logarithms to the base 2, except before a soft cap: c tanh(s / c) first
  // wants s / c.
  Value factor = b.splat(options.softcap > 0 ? scale / options.softcap : scale * kLog2E);
  Value start = b.mul(row, b.index(options.keyDim));
  b.vectorLoop(b.index(options.keyDim), [&](Value i, Value rest) {
    Value to = b.add(start, i);
    if (rest)
      b.storeMasked(b.mul(b.loadMasked(q, join(at, i), rest), factor), queries, {slot, to}, rest);
    else
      b.storeVector(b.mul(b.loadVector(q, join(at, i)), factor), queries, {slot, to});
  });
}

void AttentionTile::startTile(Value tile) {
  constexpr int32_t most = std::numeric_limits<int32_t>::max(), least = std::numeric_limits<int32_t>::min();
  Value first = b.mul(tile, b.index(4));
  for (auto [i, start] : llvm::enumerate(ArrayRef<int32_t>{most, least, most, least}))
    b.store(b.i32(start), tileRanges, {slot, b.addIndex(first, i)});
}

void AttentionTile::setRange(Value tile, Value row, Value low, Value high) {
  Value at = b.mul(row, b.index(2));
  b.store(low, rowRanges, {slot, at});
  b.store(high, rowRanges, {slot, b.addIndex(at, 1)});
  Value first = b.mul(tile, b.index(4));
  for (auto [i, value] : llvm::enumerate(ArrayRef<Value>{low, low, high, high})) {
    Value place = b.addIndex(first, i), old = b.load(tileRanges, {slot, place});
    Value next = i % 2 == 0 ? arith::MinSIOp::create(b, old, value).getResult()
                            : arith::MaxSIOp::create(b, old, value).getResult();
    b.store(next, tileRanges, {slot, place});
  }
}

Value AttentionTile::maximumIndex(Value row) {
  if (maximaPitch == options.rows)
    return row;
  return b.add(b.mul(b.floorDiv(row, options.rows), b.index(maximaPitch)), b.rem(row, options.rows));
}

void AttentionTile::startRow(Value row, Value sink) {
  b.store(sink ? b.mul(sink, b.f32(kLog2E)) : b.f32(kNothing), maxima, {slot, maximumIndex(row)});
  SmallVector<float> first(lanes, 0.0f);
  first[0] = sink ? 1.0f : 0.0f;
  auto type = b.vec();
  Value total = arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, ArrayRef<float>(first)));
  b.storeVector(total, sums, {slot, b.mul(row, b.index(lanes))});
  Value start = b.mul(row, b.index(outputPitch));
  b.loop(b.index(0), b.index(outputPitch), lanes,
         [&](Value i) { b.storeVector(b.splat(0), outputs, {slot, b.add(start, i)}); });
}

//===----------------------------------------------------------------------===//
// Blocks of keys
//===----------------------------------------------------------------------===//

AttentionTile::Range AttentionTile::rangeOf(Value tile) {
  Value first = b.mul(tile, b.index(4));
  auto load = [&](int64_t i) { return b.load(tileRanges, {slot, b.addIndex(first, i)}); };
  return {load(0), load(1), load(2), load(3)};
}

static Value toIndex(KernelBuilder &b, Value i32) { return arith::IndexCastOp::create(b, b.getIndexType(), i32); }

/// The largest multiple of `unit`, a power of two, up to a non-negative index.
static Value roundDown(KernelBuilder &b, Value index, int64_t unit) {
  return arith::AndIOp::create(b, index, b.index(-unit));
}

void AttentionTile::emitBlocks(Value tiles) {
  auto ends = b.loop(b.index(0), tiles, 1, ValueRange{b.i32(std::numeric_limits<int32_t>::max()), b.i32(-1)},
                     [&](Value tile, ValueRange carried) {
                       Range range = rangeOf(tile);
                       return SmallVector<Value>{arith::MinSIOp::create(b, carried[0], range.lowMin),
                                                 arith::MaxSIOp::create(b, carried[1], range.highMax)};
                     });
  Value low = roundDown(b, toIndex(b, ends[0]), kBlock), end = b.addIndex(toIndex(b, ends[1]), 1);
  b.loop(low, end, kBlock, [&](Value block) {
    b.loop(b.index(0), tiles, 1, [&](Value tile) {
      Range range = rangeOf(tile);
      Value lowest = roundDown(b, toIndex(b, range.lowMin), scoreVectors * lanes);
      Value highest = b.addIndex(toIndex(b, range.highMax), 1);
      Value from = arith::MaxSIOp::create(b, block, lowest);
      Value to = arith::MinSIOp::create(b, b.addIndex(block, kBlock), highest);
      Value sees = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, from, to);
      b.ifThen(sees, [&] { emitTile(tile, block, from, to, range); });
    });
  });
}

void AttentionTile::emitTile(Value tile, Value block, Value from, Value to, const Range &range) {
  updateMaxima(tile, emitScores(tile, block, from, to, range));
  emitExponentials(tile, block, from, to);
  emitValues(tile, block, from, to);
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// Writes the scores of keys [from, to), filled up to whole register blocks with
/// hidden ones; returns the maximum of each lane for each row.
SmallVector<Value> AttentionTile::emitScores(Value tile, Value block, Value from, Value to, const Range &range) {
  SmallVector<Value> start(options.rows, b.splat(kNothing));
  int64_t width = scoreVectors * lanes;
  return b.loop(from, to, width, start, [&](Value key, ValueRange maxima) {
    SmallVector<Value> tileScores = scoreTile(tile, key);
    Value column = b.sub(key, block);
    Value first = arith::IndexCastOp::create(b, b.getI32Type(), key);
    Value last = b.add(first, b.i32(width - 1));
    Value lowCut = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, first, range.lowMax);
    Value highCut = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, last, range.highMin);
    auto cut = scf::IfOp::create(b, TypeRange(maxima), arith::OrIOp::create(b, lowCut, highCut), /*withElse=*/true);
    for (bool isCut : {true, false}) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(isCut ? cut.thenBlock() : cut.elseBlock());
      auto shown = isCut ? hide(tileScores, tile, key) : tileScores;
      scf::YieldOp::create(b, storeScores(shown, column, maxima));
    }
    return llvm::to_vector(ValueRange(cut.getResults()));
  });
}

/// One register block of scores, a row after the other.
SmallVector<Value> AttentionTile::scoreTile(Value tile, Value key) {
  int64_t keyDim = options.keyDim;
  Value panel = b.floorDiv(key, kPanel), lane = b.rem(key, kPanel);
  Value query = b.mul(tile, b.index(options.rows * keyDim));
  Value nextPanel = options.fetchAhead ? b.min(b.addIndex(panel, 1), b.floorDiv(lastKey, kPanel)) : Value();
  SmallVector<Value> zeros(options.rows * scoreVectors, b.splat(0));
  auto result = b.loop(b.index(0), b.index(keyDim), 1, zeros, [&](Value channel, ValueRange sums) {
    SmallVector<Value> keyVectors, next;
    for (int64_t j = 0; j < scoreVectors; ++j) {
      auto at = join(join(join(keyPanel, panel), channel), b.addIndex(lane, j * lanes));
      keyVectors.push_back(b.loadVector(keys, at));
    }
    if (options.fetchAhead)
      fetch(keys, join(join(join(keyPanel, nextPanel), channel), lane), scoreVectors);
    Value start = b.add(query, channel);
    for (int64_t i = 0; i < options.rows; ++i) {
      Value scalar = b.broadcast(b.load(queries, {slot, b.addIndex(start, i * keyDim)}));
      for (int64_t j = 0; j < scoreVectors; ++j)
        next.push_back(b.fma(scalar, keyVectors[j], sums[i * scoreVectors + j]));
    }
    return next;
  });
  if (options.softcap > 0)
    for (Value &score : result)
      score = b.mul(math::TanhOp::create(b, score), b.splat(options.softcap * kLog2E));
  return result;
}

/// Asks for some vectors to come into the cache.
void AttentionTile::fetch(Value memory, SmallVector<Value> at, int64_t vectors) {
  Value first = at.pop_back_val();
  for (int64_t i = 0; i < vectors * lanes; i += kLine)
    memref::PrefetchOp::create(b, memory, join(at, b.addIndex(first, i)), /*isWrite=*/false, /*localityHint=*/3,
                               /*isDataCache=*/true);
}

/// Replaces the scores of keys that a row does not see.
SmallVector<Value> AttentionTile::hide(ArrayRef<Value> tileScores, Value tile, Value key) {
  SmallVector<Value> shown;
  auto type = VectorType::get({lanes}, b.getI32Type());
  Value first = arith::IndexCastOp::create(b, b.getI32Type(), key);
  Value firstRow = b.mul(tile, b.index(options.rows));
  Value hidden = b.splat(kHidden);
  SmallVector<Value> positions;
  for (int64_t j = 0; j < scoreVectors; ++j) {
    auto steps =
        llvm::map_to_vector(llvm::seq<int64_t>(lanes), [&](int64_t i) { return static_cast<int32_t>(j * lanes + i); });
    Value offsets = arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, ArrayRef<int32_t>(steps)));
    positions.push_back(b.add(b.broadcast(first), offsets));
  }
  for (int64_t i = 0; i < options.rows; ++i) {
    Value at = b.mul(b.addIndex(firstRow, i), b.index(2));
    Value low = b.broadcast(b.load(rowRanges, {slot, at}));
    Value high = b.broadcast(b.load(rowRanges, {slot, b.addIndex(at, 1)}));
    for (int64_t j = 0; j < scoreVectors; ++j) {
      Value above = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, positions[j], low);
      Value below = arith::CmpIOp::create(b, arith::CmpIPredicate::sle, positions[j], high);
      Value sees = arith::AndIOp::create(b, above, below);
      shown.push_back(arith::SelectOp::create(b, sees, tileScores[i * scoreVectors + j], hidden));
    }
  }
  return shown;
}

SmallVector<Value> AttentionTile::storeScores(ArrayRef<Value> tileScores, Value column, ValueRange maxima) {
  SmallVector<Value> next;
  for (int64_t i = 0; i < options.rows; ++i) {
    Value maximum = maxima[i];
    for (int64_t j = 0; j < scoreVectors; ++j) {
      Value score = tileScores[i * scoreVectors + j];
      b.storeVector(score, scores, {slot, b.addIndex(column, i * kBlock + j * lanes)});
      maximum = b.max(maximum, score);
    }
    next.push_back(maximum);
  }
  return next;
}

//===----------------------------------------------------------------------===//
// Maxima, exponentials, values
//===----------------------------------------------------------------------===//

void AttentionTile::updateMaxima(Value tile, ArrayRef<Value> rowMaxima) {
  Value at = b.mul(tile, b.index(maximaPitch));
  Value old = b.loadVector(maxima, {slot, at}, maximaPitch);
  Value fresh = old;
  for (auto [i, vector] : llvm::enumerate(rowMaxima))
    fresh = vector::InsertOp::create(b, b.reduceMax(vector), fresh, static_cast<int64_t>(i));
  fresh = b.max(old, fresh);
  b.storeVector(fresh, maxima, {slot, at});
  b.storeVector(math::Exp2Op::create(b, b.sub(old, fresh)), corrections, {slot, b.index(0)});
}

/// Turns the scores of the block into 2^(score - maximum), and adds them up.
void AttentionTile::emitExponentials(Value tile, Value block, Value from, Value to) {
  Value firstMaximum = b.mul(tile, b.index(maximaPitch));
  SmallVector<Value> rowMaxima, start(options.rows, b.splat(0));
  for (int64_t i = 0; i < options.rows; ++i)
    rowMaxima.push_back(b.broadcast(b.load(maxima, {slot, b.addIndex(firstMaximum, i)})));
  auto partial = b.loop(from, to, scoreVectors * lanes, start, [&](Value key, ValueRange carried) {
    Value column = b.sub(key, block);
    SmallVector<Value> next;
    for (int64_t i = 0; i < options.rows; ++i) {
      Value sum = carried[i];
      for (int64_t j = 0; j < scoreVectors; ++j) {
        Value at = b.addIndex(column, i * kBlock + j * lanes);
        Value weight = emitSoftmaxExp2(b, b.sub(b.loadVector(scores, {slot, at}), rowMaxima[i]));
        b.storeVector(weight, scores, {slot, at});
        sum = b.add(sum, weight);
      }
      next.push_back(sum);
    }
    return next;
  });
  Value firstSum = b.mul(tile, b.index(options.rows * lanes));
  for (int64_t i = 0; i < options.rows; ++i) {
    Value at = b.addIndex(firstSum, i * lanes);
    Value correction = b.broadcast(b.load(corrections, {slot, b.index(i)}));
    b.storeVector(b.fma(b.loadVector(sums, {slot, at}), correction, partial[i]), sums, {slot, at});
  }
}

void AttentionTile::emitValues(Value tile, Value block, Value from, Value to) {
  int64_t chunk = valueVectors * lanes, whole = options.valueDim / chunk * chunk;
  b.loop(b.index(0), b.index(whole), chunk,
         [&](Value channel) { emitValueChunk(tile, block, from, to, channel, valueVectors, chunk); });
  if (int64_t rest = options.valueDim - whole)
    emitValueChunk(tile, block, from, to, b.index(whole), llvm::divideCeil(rest, lanes), rest);
}

/// Adds weights times values to `width` channels of the outputs, in `vectors` vectors.
void AttentionTile::emitValueChunk(Value tile, Value block, Value from, Value to, Value channel, int64_t vectors,
                                   int64_t width) {
  Value firstOutput = b.add(b.mul(tile, b.index(options.rows * outputPitch)), channel);
  auto outputAt = [&](int64_t i, int64_t j) -> SmallVector<Value> {
    return {slot, b.addIndex(firstOutput, i * outputPitch + j * lanes)};
  };
  SmallVector<Value> start;
  for (int64_t i = 0; i < options.rows; ++i) {
    Value correction = b.broadcast(b.load(corrections, {slot, b.index(i)}));
    for (int64_t j = 0; j < vectors; ++j)
      start.push_back(b.mul(b.loadVector(outputs, outputAt(i, j)), correction));
  }
  auto totals = b.loop(from, to, 1, start, [&](Value key, ValueRange carried) {
    SmallVector<Value> valueRow, next;
    if (options.fetchAhead) {
      Value ahead = b.addIndex(key, std::max<int64_t>(1, kPage / options.valueDim));
      fetch(values, valueAt(b.min(ahead, lastKey), channel), vectors);
    }
    for (int64_t j = 0; j < vectors; ++j) {
      auto at = valueAt(key, b.addIndex(channel, j * lanes));
      int64_t here = std::min(lanes, width - j * lanes);
      valueRow.push_back(here == lanes ? b.loadVector(values, at) : b.loadMasked(values, at, b.index(here)));
    }
    Value column = b.sub(key, block);
    for (int64_t i = 0; i < options.rows; ++i) {
      Value weight = b.broadcast(b.load(scores, {slot, b.addIndex(column, i * kBlock)}));
      for (int64_t j = 0; j < vectors; ++j)
        next.push_back(b.fma(weight, valueRow[j], carried[i * vectors + j]));
    }
    return next;
  });
  for (int64_t i = 0; i < options.rows; ++i)
    for (int64_t j = 0; j < vectors; ++j)
      b.storeVector(totals[i * vectors + j], outputs, outputAt(i, j));
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

AttentionTile::Sums AttentionTile::sumsOf(Value ofSlot, Value row) {
  Value lanesOfSum = b.loadVector(sums, {ofSlot, b.mul(row, b.index(lanes))});
  return {b.load(maxima, {ofSlot, maximumIndex(row)}), b.reduceAdd(lanesOfSum)};
}

Value AttentionTile::output(Value ofSlot, Value row, Value channel) {
  return b.loadVector(outputs, {ofSlot, b.add(b.mul(row, b.index(outputPitch)), channel)});
}

void AttentionTile::forOutputs(llvm::function_ref<void(Value, Value)> body) {
  b.vectorLoop(b.index(options.valueDim), body);
}
