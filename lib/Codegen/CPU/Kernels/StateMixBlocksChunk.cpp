//===- StateMixBlocksChunk.cpp - State mixes, a block at once -------------===//

#include "Rows.h"
#include "StateMixBlocks.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace seqc;
using namespace seqc::cpu;

/// How far the sum of a channel's logarithms of decays over a block may be from 0: products with
/// keys and queries stay finite.
static constexpr double kMostLogGrowth = 66.5;

MixChunk::MixChunk(MixKernel &mix)
    : mix(mix), b(mix.b), columns(mix.dplr ? 2 * kMixBlock : kMixBlock), width(2 * mix.lanes),
      rows(b.target.avx512 ? 8 : 4), firstLeft(mix.outer ? kMixBlock : 0), firstSolved(mix.dplr ? kMixBlock : 0) {
  Value workers = b.workers();
  left = CacheMatrix(b, workers, 2 * kMixBlock, mix.keyDim);
  keys = CacheMatrix(b, workers, mix.keyDim, columns);
  scores = CacheMatrix(b, workers, 2 * kMixBlock, columns);
  solved = CacheMatrix(b, workers, columns, width);
  if (mix.channelDecay)
    kept = CacheMatrix(b, workers, 1, mix.keyDim);
  if (mix.headDecay) {
    segments = CacheMatrix(b, workers, kMixBlock + 1, kMixBlock);
    factors = CacheMatrix(b, workers, 1, kMixBlock + 1);
  }
  if (mix.factors->isNormalised())
    normaliser = CacheMatrix(b, workers, 1, mix.keyDim);
}

void MixChunk::setSlots() {
  for (CacheMatrix *matrix : {&left, &keys, &scores, &solved, &kept, &segments, &factors, &normaliser})
    matrix->slot = mix.worker;
}

/// What queries are multiplied by.
double MixChunk::readScale() { return mix.factors->scalesReads() ? 1 : mix.op.getScale().convertToDouble(); }

/// value * factor, either of which may be null: 1.
Value MixChunk::scaled(Value value, Value factor) { return !factor ? value : !value ? factor : b.mul(value, factor); }

MixChunk::Values MixChunk::indices(int64_t first, int64_t count, int64_t step) {
  Values result;
  for (int64_t i = 0; i < count; ++i)
    result.push_back(b.index(first + i * step));
  return result;
}

//===----------------------------------------------------------------------===//
// What does not depend on the state
//===----------------------------------------------------------------------===//

Value MixChunk::isBounded(Value start) {
  setSlots();
  if (!mix.channelDecay)
    return arith::ConstantOp::create(b, b.getBoolAttr(true));
  Value worst = forChannels({b.splat(0)}, [&](Value channel, Value rest, ValueRange carried) -> Values {
    Value sum = b.splat(0), most = sum;
    for (int64_t i = 0; i < kMixBlock; ++i) {
      sum = b.add(sum, mix.channelLogs(b.addIndex(start, i), b.index(i), channel, rest));
      most = b.max(most, math::AbsFOp::create(b, sum));
    }
    return {arith::MaximumFOp::create(b, carried[0], most)}; // keeps NaN
  })[0];
  Value bounded = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, worst, b.splat(kMostLogGrowth));
  return vector::ReductionOp::create(b, vector::CombiningKind::AND, bounded);
}

/// Calls body for the vectors of channels of a token with what it returned for those before.
MixChunk::Values MixChunk::forChannels(ValueRange start, llvm::function_ref<Values(Value, Value, ValueRange)> body) {
  int64_t whole = mix.keyDim / mix.lanes * mix.lanes;
  Values last = b.loop(b.index(0), b.index(whole), mix.lanes, start,
                       [&](Value channel, ValueRange carried) { return body(channel, {}, carried); });
  return whole < mix.keyDim ? body(b.index(whole), b.index(mix.keyDim - whole), last) : last;
}

void MixChunk::prepare(Value start) {
  if (mix.headDecay)
    prepareFactors();
  forChannels({}, [&](Value channel, Value rest, ValueRange) -> Values {
    prepareChannels(start, channel, rest);
    return {};
  });
}

/// exp(G_i) and exp(G_i - G_j) of a head.
void MixChunk::prepareFactors() {
  Value zero = b.index(0);
  SmallVector<Value> decays;
  for (int64_t i = 0; i < kMixBlock; i += mix.lanes) {
    Value vector = mix.factors->decays(i);
    for (int64_t lane = 0; lane < mix.lanes; ++lane)
      decays.push_back(vector::ExtractOp::create(b, vector, lane));
  }
  Value product = b.f32(1);
  Values segment(kMixBlock / mix.lanes, b.splat(0));
  for (int64_t i = 0; i <= kMixBlock; ++i) {
    factors.store(product, zero, b.index(i));
    for (auto [j, vector] : llvm::enumerate(segment))
      segments.storeVector(vector, b.index(i), b.index(j * mix.lanes));
    if (i == kMixBlock)
      break;
    product = b.mul(product, decays[i]);
    for (auto [j, vector] : llvm::enumerate(segment)) {
      SmallVector<float> unit(mix.lanes, 0);
      if (i / mix.lanes == static_cast<int64_t>(j))
        unit[i % mix.lanes] = 1;
      Value own = arith::ConstantOp::create(b, b.vec(), DenseElementsAttr::get(b.vec(), ArrayRef<float>(unit)));
      vector = b.fma(vector, b.broadcast(decays[i]), own);
    }
  }
}

/// Rows of `left` and `keys` for a vector of channels, with the decays of channels in them.
void MixChunk::prepareChannels(Value start, Value channel, Value rest) {
  bool gated = mix.factors->isGated();
  auto loadKeys = [&](Value token) { return mix.load(mix.in.k, mix.keyRow(token), channel, rest); };
  Value scale = b.splat(readScale()), product;
  Values decays, inverses(kMixBlock), inputs(kMixBlock);
  for (int64_t i = 0; gated && i < kMixBlock; ++i)
    inputs[i] = b.broadcast(mix.factors->input(b.index(i)));
  for (int64_t i = 0; i < kMixBlock; ++i) {
    Value token = b.addIndex(start, i), before = product;
    if (mix.channelDecay) {
      decays.push_back(b.exp(mix.channelLogs(token, b.index(i), channel, rest)));
      product = scaled(decays.back(), product);
    }
    if (!mix.outer) {
      Value first = mix.delta ? scaled(loadKeys(token), product)
                              : scaled(mix.load(mix.in.a, mix.headRow(token), channel, rest), before);
      left.storeVector(first, b.index(i), channel);
    }
    Value q = b.mul(mix.load(mix.in.q, mix.keyRow(token), channel, rest), scale);
    left.storeVector(scaled(q, mix.pre ? before : product), b.index(kMixBlock + i), channel);
  }
  if (mix.channelDecay) {
    kept.storeVector(product, b.index(0), channel);
    inverses.back() = b.div(b.splat(1), product);
    for (int64_t i = kMixBlock - 1; i > 0; --i)
      inverses[i - 1] = b.mul(inverses[i], decays[i]);
  }
  Values tokens;
  for (int64_t i = 0; i < kMixBlock; ++i)
    tokens.push_back(scaled(loadKeys(b.addIndex(start, i)), scaled(inverses[i], inputs[i])));
  if (normaliser)
    advanceNormaliser(tokens, channel, product);
  storeTransposed(tokens, channel, 0);
  for (int64_t i = 0; mix.dplr && i < kMixBlock; ++i)
    tokens[i] = scaled(mix.load(mix.in.b, mix.headRow(b.addIndex(start, i)), channel, rest), inverses[i]);
  if (mix.dplr)
    storeTransposed(tokens, channel, kMixBlock);
}

/// A vector of channels of each token becomes columns of `keys` from `column` on.
void MixChunk::storeTransposed(ArrayRef<Value> tokens, Value channel, int64_t column) {
  for (int64_t first = 0; first < kMixBlock; first += mix.lanes) {
    Values square(tokens.slice(first, mix.lanes));
    transposeSquare(b, square);
    for (int64_t i = 0; i < mix.lanes; ++i)
      keys.storeVector(square[i], b.addIndex(channel, i), b.index(column + first));
  }
}

/// A vector of n after the block: `tokens` are the keys, over the decays of channels, whose product is `kept`.
void MixChunk::advanceNormaliser(ArrayRef<Value> tokens, Value channel, Value kept) {
  Value end = b.index(kMixBlock), zero = b.index(0), sum = mix.factors->loadNormaliser(channel);
  if (mix.headDecay)
    sum = b.mul(sum, b.broadcast(factors.load(zero, end)));
  for (auto [j, key] : llvm::enumerate(tokens)) {
    Value at = b.index(static_cast<int64_t>(j));
    sum = mix.headDecay ? b.fma(key, b.broadcast(segments.load(end, at)), sum) : b.add(key, sum);
  }
  normaliser.storeVector(scaled(sum, kept), zero, channel);
}

/// What the normaliser makes of the block's reads; moves it to the end of the block.
void MixChunk::readNormaliser() {
  for (int64_t i = 0; i < kMixBlock; ++i) {
    Value row = b.index(kMixBlock + i), sum = b.splat(0);
    for (int64_t d = 0; d < mix.keyDim; d += mix.lanes)
      sum = b.fma(left.loadVector(row, b.index(d)), mix.factors->loadNormaliser(b.index(d)), sum);
    if (mix.headDecay)
      sum = b.mul(sum, b.broadcast(factors.load(b.index(0), b.index(i + (mix.pre ? 0 : 1)))));
    for (int64_t j = 0; j < kMixBlock; j += mix.lanes)
      sum = b.add(sum, scores.loadVector(row, b.index(j)));
    mix.factors->setRead(b.index(i), b.reduceAdd(sum));
  }
  mix.factors->finishReads();
  for (int64_t d = 0; d < mix.keyDim; d += mix.lanes)
    mix.factors->storeNormaliser(normaliser.loadVector(b.index(0), b.index(d)), b.index(d));
}

/// The triangular products of the block's tokens.
void MixChunk::emitScores(Value start) {
  int64_t vectors = columns / mix.lanes, tokens = (b.target.avx512 ? 16 : 8) / vectors;
  CacheProduct product;
  product.left = [&](Value token, Value d) { return left.load(token, d); };
  product.right = [&](Value d, Value column) { return keys.loadVector(d, column); };
  for (int64_t first = firstLeft; first < 2 * kMixBlock; first += tokens) {
    Values sums = accumulate(b, product, indices(first, tokens), indices(0, vectors, mix.lanes), b.index(0),
                             b.index(mix.keyDim), Values(tokens * vectors, b.splat(0)));
    for (int64_t i = 0; i < tokens; ++i) {
      bool query = first + i >= kMixBlock;
      int64_t token = (first + i) % kMixBlock;
      Value beta = mix.delta && !query ? mix.spread(mix.in.beta, mix.headRow(b.addIndex(start, token))) : Value();
      for (int64_t j = 0; j < vectors; ++j) {
        Value masked = maskScores(sums[i * vectors + j], query, token, j * mix.lanes % kMixBlock);
        scores.storeVector(beta ? b.neg(b.mul(beta, masked)) : masked, b.index(first + i), b.index(j * mix.lanes));
      }
    }
  }
}

/// Keeps what a token sees of the tokens from `column` on, with the decay of a head.
Value MixChunk::maskScores(Value sums, bool query, int64_t token, int64_t column) {
  SmallVector<bool> seen;
  for (int64_t lane = 0; lane < mix.lanes; ++lane)
    seen.push_back(column + lane < token + (query && !mix.pre ? 1 : 0));
  if (mix.headDecay) {
    // The token's own decay has no part where the state is read before it.
    bool decayed = query ? !mix.pre : mix.delta;
    sums = b.mul(sums, segments.loadVector(b.index(token + (decayed ? 1 : 0)), b.index(column)));
  }
  auto type = VectorType::get({mix.lanes}, b.getI1Type());
  Value mask = arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, ArrayRef<bool>(seen)));
  return arith::SelectOp::create(b, mask, sums, b.splat(0));
}

/// Moves the keys to the end of the block: exp(G_C - G_j) k_j.
void MixChunk::advanceKeys() {
  if (!mix.channelDecay && !mix.headDecay)
    return;
  b.loop(b.index(0), b.index(mix.keyDim), 1, [&](Value d) {
    Value whole = mix.channelDecay ? b.broadcast(kept.load(b.index(0), d)) : Value();
    for (int64_t column = 0; column < columns; column += mix.lanes) {
      Value factor = whole ? whole : segments.loadVector(b.index(kMixBlock), b.index(column % kMixBlock));
      keys.storeVector(b.mul(keys.loadVector(d, b.index(column)), factor), d, b.index(column));
    }
  });
}

//===----------------------------------------------------------------------===//
// A tile of columns
//===----------------------------------------------------------------------===//

void MixChunk::emit(Value start) {
  prepare(start);
  emitScores(start);
  if (normaliser)
    readNormaliser();
  advanceKeys();
  mix.forTiles(width, [&](const Tile &tile) { emitTile(start, tile); });
}

void MixChunk::emitTile(Value start, const Tile &tile) {
  for (int64_t i = 0; !mix.delta && i < kMixBlock; ++i)
    for (int64_t j = 0; j < mix.vectorsOf(tile); ++j)
      solved.storeVector(mix.loadAt(mix.in.v, mix.headRow(b.addIndex(start, i)), tile, j), b.index(i),
                         b.index(j * mix.lanes));
  if (!mix.outer) {
    for (int64_t first = 0; first < kMixBlock; first += rows)
      emitRight(start, tile, first);
    solve(tile);
  }
  for (int64_t first = 0; first < kMixBlock; first += rows)
    emitOutputs(start, tile, first);
  updateState(tile);
}

/// `rows` rows of `left` from `first` on times the state. Over all of these and all tiles,
/// the next block is fetched.
MixChunk::Values MixChunk::readState(const Tile &tile, int64_t first) {
  CacheProduct product;
  product.left = [&](Value token, Value d) { return left.load(token, d); };
  product.right = [&](Value d, Value column) {
    return mix.loadAt(mix.state, join(mix.stateRow, d), tile, *getConstantIntValue(column) / mix.lanes);
  };
  // Of kMixBlock tokens, the share of this part of this tile.
  int64_t parts = (2 * kMixBlock - firstLeft) / rows, number = (first - firstLeft) / rows;
  Value done = b.mul(b.floorDiv(b.sub(tile.column, mix.fromColumn), width), b.index(parts));
  Value all = b.mul(b.ceilDiv(b.sub(mix.toColumn, mix.fromColumn), width), b.index(parts));
  auto offsetAt = [&](int64_t part) {
    return arith::DivUIOp::create(b, b.mul(b.addIndex(done, part), b.index(kMixBlock)), all).getResult();
  };
  // A block's rows and the tile do not fit the L1 cache together.
  Value from = offsetAt(number), to = offsetAt(number + 1), end = b.index(mix.keyDim);
  int64_t vectors = mix.vectorsOf(tile);
  Values tokens = indices(first, rows), tileColumns = indices(0, vectors, mix.lanes);
  Values zeros(rows * vectors, b.splat(0));
  return b.loop(b.index(0), end, kPrefetchChannels, zeros, [&](Value d, ValueRange sums) {
    b.loop(from, to, 1, [&](Value offset) { mix.prefetch(offset, d, 2); });
    return accumulate(b, product, tokens, tileColumns, d, b.min(b.addIndex(d, kPrefetchChannels), end), sums);
  });
}

/// Scores from `column` on times the rows of `solved` from `first` on.
CacheProduct MixChunk::scoreProduct(int64_t column, int64_t first) {
  CacheProduct product;
  product.left = [this, column](Value token, Value l) { return scores.load(token, b.addIndex(l, column)); };
  product.right = [this, first](Value l, Value column) { return solved.loadVector(b.addIndex(l, first), column); };
  return product;
}

/// The right side of the triangular system for a block of tokens.
void MixChunk::emitRight(Value start, const Tile &tile, int64_t first) {
  int64_t vectors = mix.vectorsOf(tile);
  Values tokens = indices(first, rows), tileColumns = indices(0, vectors, mix.lanes);
  Values sums = readState(tile, first);
  for (int64_t i = 0; i < rows; ++i) {
    Value token = b.addIndex(start, first + i);
    Value factor =
        mix.headDecay ? b.broadcast(factors.load(b.index(0), b.index(first + i + (mix.delta ? 1 : 0)))) : Value();
    Value beta = mix.delta ? mix.spread(mix.in.beta, mix.headRow(token)) : Value();
    for (int64_t j = 0; j < vectors; ++j) {
      Value &sum = sums[i * vectors + j];
      sum = factor ? b.mul(sum, factor) : sum;
      if (mix.delta)
        sum = b.mul(beta, b.sub(mix.loadAt(mix.in.v, mix.headRow(token), tile, j), sum));
    }
  }
  if (!mix.delta)
    sums = accumulate(b, scoreProduct(0, 0), tokens, tileColumns, b.index(0), b.index(first + rows), sums);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < vectors; ++j)
      solved.storeVector(sums[i * vectors + j], b.index(firstSolved + first + i), tileColumns[j]);
}

/// Substitutes forwards in the rows of the tile, in as many at once as registers hold.
void MixChunk::solve(const Tile &tile) {
  int64_t count = b.target.avx512 ? kMixBlock : kMixBlock / 2;
  for (int64_t first = 0; first < kMixBlock; first += count)
    for (int64_t j = 0; j < mix.vectorsOf(tile); ++j)
      solveRows(j * mix.lanes, first, count);
}

void MixChunk::solveRows(int64_t vector, int64_t first, int64_t count) {
  Values sums;
  Value column = b.index(vector);
  for (int64_t i = first; i < first + count; ++i)
    sums.push_back(solved.loadVector(b.index(firstSolved + i), column));
  sums = accumulate(b, scoreProduct(firstSolved, firstSolved), indices(first, count), column, b.index(0),
                    b.index(first), sums);
  for (int64_t i = 0; i < count; ++i)
    for (int64_t l = i + 1; l < count; ++l) {
      Value score = scores.load(b.index(first + l), b.index(firstSolved + first + i));
      sums[l] = b.fma(b.broadcast(score), sums[i], sums[l]);
    }
  for (int64_t i = 0; i < count; ++i)
    solved.storeVector(sums[i], b.index(firstSolved + first + i), column);
}

void MixChunk::emitOutputs(Value start, const Tile &tile, int64_t first) {
  int64_t vectors = mix.vectorsOf(tile);
  Values queries = indices(kMixBlock + first, rows), tileColumns = indices(0, vectors, mix.lanes);
  Values sums = readState(tile, kMixBlock + first);
  for (int64_t i = 0; mix.headDecay && i < rows; ++i) {
    Value factor = b.broadcast(factors.load(b.index(0), b.index(first + i + (mix.pre ? 0 : 1))));
    for (int64_t j = 0; j < vectors; ++j)
      sums[i * vectors + j] = b.mul(sums[i * vectors + j], factor);
  }
  for (int64_t part = 0; part < columns; part += kMixBlock)
    sums = accumulate(b, scoreProduct(part, part), queries, tileColumns, b.index(0), b.index(first + rows), sums);
  for (int64_t i = 0; i < rows; ++i) {
    SmallVector<Value> at = mix.headRow(b.addIndex(start, first + i));
    Value slot = b.index(first + i);
    Value held = mix.pre && mix.factors->isGated() ? b.broadcast(mix.factors->held(slot)) : Value();
    Value own = mix.in.u ? b.broadcast(b.mul(mix.factors->own(slot), b.f32(readScale()))) : Value();
    Value factor = mix.factors->scalesReads() ? b.broadcast(mix.factors->output(slot)) : Value();
    for (int64_t j = 0; j < vectors; ++j) {
      Value read = scaled(sums[i * vectors + j], held);
      read = own ? b.fma(own, mix.loadAt(mix.in.v, at, tile, j), read) : read;
      mix.storeAt(scaled(read, factor), mix.in.o, at, tile, j);
    }
  }
}

void MixChunk::updateState(const Tile &tile) {
  int64_t whole = mix.keyDim / rows * rows;
  b.loop(b.index(0), b.index(whole), rows, [&](Value d) { updateRows(tile, d, rows); });
  if (whole < mix.keyDim)
    updateRows(tile, b.index(whole), mix.keyDim - whole);
}

/// `count` rows of the state, those of channels from `firstRow` on.
void MixChunk::updateRows(const Tile &tile, Value firstRow, int64_t count) {
  int64_t vectors = mix.vectorsOf(tile);
  CacheProduct product;
  product.left = [&](Value d, Value l) { return keys.load(d, l); };
  product.right = [&](Value l, Value column) { return solved.loadVector(l, column); };
  Value ofHead = mix.headDecay ? b.broadcast(factors.load(b.index(0), b.index(kMixBlock))) : Value();
  Values channels, sums;
  for (int64_t i = 0; i < count; ++i) {
    channels.push_back(b.addIndex(firstRow, i));
    Value keep = mix.channelDecay ? b.broadcast(kept.load(b.index(0), channels[i])) : ofHead;
    for (int64_t j = 0; j < vectors; ++j) {
      Value old = mix.loadAt(mix.state, join(mix.stateRow, channels[i]), tile, j);
      sums.push_back(keep ? b.mul(keep, old) : old);
    }
  }
  sums = accumulate(b, product, channels, indices(0, vectors, mix.lanes), b.index(0), b.index(columns), sums);
  for (int64_t i = 0; i < count; ++i)
    for (int64_t j = 0; j < vectors; ++j)
      mix.storeAt(sums[i * vectors + j], mix.state, join(mix.stateRow, channels[i]), tile, j);
}
