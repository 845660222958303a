//===- StateMixBlocksTokens.cpp - State mixes token by token --------------===//

#include "Rows.h"
#include "StateMixBlocks.h"

using namespace mlir;
using namespace seqc;
using namespace seqc::cpu;

MixTokens::MixTokens(MixKernel &mix) : mix(mix), b(mix.b) {
  auto perToken = [&] { return b.scratch({b.workers(), b.getIndexAttr(kMixBlock), b.getIndexAttr(mix.pitch)}); };
  if (mix.channelDecay)
    decays = perToken();
  if (mix.channelDecay && mix.delta)
    feedbacks = perToken();
}

void MixTokens::emit(Value start, Value count) {
  if (mix.channelDecay)
    prepare(start, count);
  if (mix.factors->isNormalised())
    mix.factors->walk(start, count, [&](Value slot, Value d) { return b.loadVector(decays, {mix.worker, slot, d}); });
  mix.forTiles(mix.widest, [&](const MixKernel::Tile &tile) { emitTile(start, count, tile); });
}

/// The decays of channels, which all tiles share.
void MixTokens::prepare(Value start, Value count) {
  b.loop(b.index(0), count, 1, [&](Value slot) {
    Value token = b.add(start, slot);
    b.vectorLoop(b.index(mix.keyDim), [&](Value i, Value rest) {
      Value decay = b.exp(mix.channelLogs(token, slot, i, rest));
      b.storeVector(decay, decays, {mix.worker, slot, i});
      if (feedbacks)
        b.storeVector(b.mul(decay, mix.load(mix.in.k, mix.keyRow(token), i, rest)), feedbacks, {mix.worker, slot, i});
    });
  });
}

void MixTokens::emitTile(Value start, Value count, const MixKernel::Tile &tile) {
  SmallVector<Value> projected = mix.outer ? SmallVector<Value>() : project(start, tile);
  Value last = b.sub(count, b.index(1));
  b.loop(b.index(0), count, 1, projected, [&](Value slot, ValueRange carried) {
    // The last token reads for itself, to no avail: cheaper than a second loop.
    Value next = b.min(b.addIndex(slot, 1), last);
    return emitToken(start, slot, next, carried, tile);
  });
}

/// What row d of the state is multiplied by to get a token's feedback: a, k, or exp(g) k;
/// the decay of a head is put in later.
Value MixTokens::feedback(Value start, Value slot, Value d) {
  if (feedbacks)
    return mix.spread(feedbacks, {mix.worker, slot, d});
  Value token = b.add(start, slot);
  return mix.delta ? mix.spread(mix.in.k, join(mix.keyRow(token), d))
                   : mix.spread(mix.in.a, join(mix.headRow(token), d));
}

/// The feedback of the first token.
SmallVector<Value> MixTokens::project(Value start, const MixKernel::Tile &tile) {
  SmallVector<Value> sums(mix.vectorsOf(tile), b.splat(0));
  return b.loop(b.index(0), b.index(mix.keyDim), 1, sums, [&](Value d, ValueRange carried) {
    Value weight = feedback(start, b.index(0), d);
    SmallVector<Value> next;
    for (int64_t j = 0; j < mix.vectorsOf(tile); ++j)
      next.push_back(b.fma(weight, mix.loadAt(mix.state, join(mix.stateRow, d), tile, j), carried[j]));
    return next;
  });
}

/// Updates the state and writes the output; returns the feedback of token `next`.
SmallVector<Value> MixTokens::emitToken(Value start, Value slot, Value next, ValueRange projected,
                                        const MixKernel::Tile &tile) {
  int64_t count = mix.vectorsOf(tile);
  Token token = loadToken(start, slot, projected, tile);
  token.nextFeedback = [&](Value d) { return feedback(start, next, d); };
  Value firstTile = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, tile.column, mix.fromColumn);
  SmallVector<Value> sums((mix.outer ? 1 : 2) * count, b.splat(0));
  Value end = b.index(mix.keyDim);
  sums = b.loop(b.index(0), end, kPrefetchChannels, sums, [&](Value first, ValueRange carried) {
    b.ifThen(firstTile, [&] { mix.prefetch(slot, first, 3); });
    return b.loop(first, b.min(b.addIndex(first, kPrefetchChannels), end), 1, carried,
                  [&](Value d, ValueRange sums) { return updateRow(token, d, sums, tile); });
  });
  Value own = mix.in.u ? b.broadcast(mix.factors->own(slot)) : Value();
  Value held = mix.factors->isGated() && mix.pre ? b.broadcast(mix.factors->held(slot)) : Value();
  Value factor = mix.factors->scalesReads() ? b.broadcast(mix.factors->output(slot))
                                            : b.splat(mix.op.getScale().convertToDouble());
  for (int64_t j = 0; j < count; ++j) {
    Value read = held ? b.mul(held, sums[j]) : sums[j];
    read = own ? b.fma(own, token.values[j], read) : read;
    mix.storeAt(b.mul(read, factor), mix.in.o, mix.headRow(token.index), tile, j);
  }
  return llvm::to_vector(ArrayRef(sums).drop_front(count));
}

MixTokens::Token MixTokens::loadToken(Value start, Value slot, ValueRange projected, const MixKernel::Tile &tile) {
  Token token{b.add(start, slot), slot};
  token.decay = mix.headDecay ? b.broadcast(mix.factors->decay(slot)) : Value();
  Value beta = mix.delta ? mix.spread(mix.in.beta, mix.headRow(token.index)) : Value();
  Value input = mix.factors->isGated() ? b.broadcast(mix.factors->input(slot)) : Value();
  token.projected = llvm::to_vector(projected);
  for (int64_t j = 0; j < mix.vectorsOf(tile); ++j) {
    Value value = mix.loadAt(mix.in.v, mix.headRow(token.index), tile, j);
    token.values.push_back(value);
    if (mix.delta) {
      Value held = token.decay ? b.mul(token.decay, projected[j]) : projected[j];
      value = b.mul(beta, b.sub(value, held));
    }
    value = input ? b.mul(input, value) : value;
    token.added.push_back(value);
  }
  return token;
}

/// Row d of the state: `sums` are those of the read, then those of the next feedback.
SmallVector<Value> MixTokens::updateRow(const Token &token, Value d, ValueRange sums, const MixKernel::Tile &tile) {
  int64_t count = mix.vectorsOf(tile);
  Value q = mix.spread(mix.in.q, join(mix.keyRow(token.index), d));
  Value k = mix.spread(mix.in.k, join(mix.keyRow(token.index), d));
  Value mixed = mix.delta || mix.outer ? Value() : mix.spread(mix.in.b, join(mix.headRow(token.index), d));
  Value keep = mix.channelDecay ? mix.spread(decays, {mix.worker, token.slot, d}) : token.decay;
  Value weight = mix.outer ? Value() : token.nextFeedback(d);
  SmallVector<Value> reads, feedbacks;
  for (int64_t j = 0; j < count; ++j) {
    Value old = mix.loadAt(mix.state, join(mix.stateRow, d), tile, j);
    Value fresh = b.fma(k, token.added[j], keep ? b.mul(keep, old) : old);
    if (mixed)
      fresh = b.fma(mixed, token.projected[j], fresh);
    mix.storeAt(fresh, mix.state, join(mix.stateRow, d), tile, j);
    reads.push_back(b.fma(q, mix.pre ? old : fresh, sums[j]));
    if (weight)
      feedbacks.push_back(b.fma(weight, fresh, sums[count + j]));
  }
  llvm::append_range(reads, feedbacks);
  return reads;
}
