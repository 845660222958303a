//===- StateMixFactors.cpp - What scales the tokens of a state mix --------===//

#include "StateMixFactors.h"
#include "Rows.h"
#include "StateMixBlocks.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <limits>

using namespace mlir;
using namespace seqc::cpu;

MixFactors::MixFactors(MixKernel &mix, int64_t heads)
    : mix(mix), b(mix.b), gated(static_cast<bool>(mix.in.i)),
      normalised(mix.op.getNormaliser() != mlir::seq::Normaliser::None) {
  OpFoldResult workers = b.workers(), ofTask = b.getIndexAttr(heads), all = b.getIndexAttr(mix.heads);
  numbers = b.scratch({workers, b.getIndexAttr(Kinds * kMixBlock)});
  if (normalised)
    normalisers = b.scratch({workers, ofTask, b.getIndexAttr(mix.pitch)});
  if (gated)
    maxima = b.scratch({workers, ofTask});
  // The tasks of a head's columns start from the same n and m, and one of them writes the new ones.
  Value batch = b.dim(mix.in.v, 0);
  auto forRows = [&](llvm::function_ref<void(Value)> body) { b.loop(b.index(0), batch, 1, body); };
  if (mix.in.normaliser) {
    incomingNormalisers = b.scratch({batch, all, b.getIndexAttr(mix.keyDim)});
    forRows([&](Value row) {
      b.loop(b.index(0), b.index(mix.heads), 1, [&](Value head) {
        copyElements(b, mix.in.normaliser, {row, head}, incomingNormalisers, {row, head}, b.index(mix.keyDim));
      });
    });
  }
  if (mix.in.maximum) {
    incomingMaxima = b.scratch({batch, all});
    forRows([&](Value row) { copyElements(b, mix.in.maximum, row, incomingMaxima, row, b.index(mix.heads)); });
  }
}

//===----------------------------------------------------------------------===//
// Numbers of tokens
//===----------------------------------------------------------------------===//

Value MixFactors::get(Kind kind, Value token) const {
  return b.load(numbers, {mix.worker, b.addIndex(token, kind * kMixBlock)});
}
void MixFactors::put(Kind kind, Value token, Value scalar) const {
  b.store(scalar, numbers, {mix.worker, b.addIndex(token, kind * kMixBlock)});
}
Value MixFactors::getVector(Kind kind, int64_t token) const {
  return b.loadVector(numbers, {mix.worker, b.index(kind * kMixBlock + token)});
}
void MixFactors::putVector(Kind kind, int64_t token, Value vector) const {
  b.storeVector(vector, numbers, {mix.worker, b.index(kind * kMixBlock + token)});
}

void MixFactors::prepare(Value start, Value count) {
  if (gated)
    prepareGates(start, count);
  else if (mix.headDecay)
    prepareDecays(start, count);
  if (mix.in.u)
    prepareOwn(start, count);
  if (gated && !normalised)
    finishReads();
}

/// All factors but for the normaliser's: first their logarithms, of which each needs the one before.
void MixFactors::prepareGates(Value start, Value count) {
  Value incoming = b.load(maxima, ofHead());
  Value last = b.loop(b.index(0), count, 1, incoming, [&](Value slot, ValueRange carried) -> SmallVector<Value> {
    Value token = b.add(start, slot), old = carried[0], i = b.load(mix.in.i, mix.headRow(token));
    Value slowest = slowestDecay(token), next = b.max(slowest ? b.add(old, slowest) : old, i);
    Value rescale = b.sub(old, next);
    if (mix.channelDecay)
      put(Rescale, slot, rescale);
    else
      put(Decay, slot, slowest ? b.add(rescale, slowest) : rescale);
    put(Input, slot, b.sub(i, next));
    Value seen = mix.pre ? b.max(old, i) : next;
    put(Maximum, slot, seen);
    if (mix.pre) {
      put(Held, slot, b.sub(old, seen));
      put(Own, slot, b.sub(i, seen));
    }
    return {next};
  })[0];
  b.store(last, maxima, ofHead());
  SmallVector<Kind> logarithms{Input};
  if (!mix.channelDecay)
    logarithms.push_back(Decay);
  if (mix.pre)
    logarithms.append({Held, Own});
  for (Kind kind : logarithms)
    for (int64_t token = 0; token < kMixBlock; token += mix.lanes)
      putVector(kind, token, b.exp(getVector(kind, token)));
}

/// The largest logarithm of a token's decays; null without decays.
Value MixFactors::slowestDecay(Value token) {
  if (!mix.in.g)
    return {};
  SmallVector<Value> row = mix.decayRow(token);
  if (!mix.channelDecay)
    return b.load(mix.in.g, row);
  double lowest = -std::numeric_limits<double>::infinity();
  Value most = b.splat(lowest);
  for (int64_t d = 0; d < mix.keyDim; d += mix.lanes) {
    Value rest = d + mix.lanes <= mix.keyDim ? Value() : b.index(mix.keyDim - d);
    Value g = mix.load(mix.in.g, row, b.index(d), rest);
    if (rest) {
      auto type = VectorType::get({mix.lanes}, b.getI1Type());
      g = arith::SelectOp::create(b, vector::CreateMaskOp::create(b, type, rest), g, b.splat(lowest));
    }
    most = b.max(most, g);
  }
  return b.reduceMax(most);
}

void MixFactors::prepareDecays(Value start, Value count) {
  b.loop(b.index(0), count, 1,
         [&](Value slot) { put(Decay, slot, b.load(mix.in.g, mix.decayRow(b.add(start, slot)))); });
  for (int64_t token = 0; token < kMixBlock; token += mix.lanes)
    putVector(Decay, token, b.exp(getVector(Decay, token)));
}

void MixFactors::prepareOwn(Value start, Value count) {
  b.loop(b.index(0), count, 1, [&](Value slot) {
    Value weight = mix.ownWeight(b.add(start, slot));
    put(Own, slot, gated ? b.mul(weight, get(Own, slot)) : weight);
  });
}

//===----------------------------------------------------------------------===//
// Normalisers and maxima
//===----------------------------------------------------------------------===//

SmallVector<Value> MixFactors::ofHead() const { return {mix.worker, b.sub(mix.head, mix.firstHead)}; }

Value MixFactors::loadNormaliser(Value channel) const { return b.loadVector(normalisers, join(ofHead(), channel)); }
void MixFactors::storeNormaliser(Value vector, Value channel) const {
  b.storeVector(vector, normalisers, join(ofHead(), channel));
}

void MixFactors::clear() {
  if (normalised)
    clearElements(b, normalisers, ofHead(), b.index(mix.pitch));
  if (gated)
    b.store(b.f32(kNoMaximum), maxima, ofHead());
}

void MixFactors::load() {
  clear();
  SmallVector<Value> from{mix.row, mix.head};
  if (incomingNormalisers)
    copyElements(b, incomingNormalisers, from, normalisers, ofHead(), b.index(mix.keyDim));
  if (incomingMaxima)
    b.store(b.load(incomingMaxima, from), maxima, ofHead());
}

void MixFactors::store() {
  SmallVector<Value> to{mix.row, mix.head};
  if (incomingNormalisers)
    copyElements(b, normalisers, ofHead(), mix.in.normaliser, to, b.index(mix.keyDim));
  if (incomingMaxima)
    b.store(b.load(maxima, ofHead()), mix.in.maximum, to);
}

void MixFactors::walk(Value start, Value count, llvm::function_ref<Value(Value, Value)> decayOf) {
  b.loop(b.index(0), count, 1, [&](Value slot) {
    Value token = b.add(start, slot), sum = b.splat(0);
    for (int64_t d = 0; d < mix.keyDim; d += mix.lanes) {
      Value channel = b.index(d), rest = d + mix.lanes <= mix.keyDim ? Value() : b.index(mix.keyDim - d);
      Value n = loadNormaliser(channel), k = mix.load(mix.in.k, mix.keyRow(token), channel, rest);
      Value q = mix.load(mix.in.q, mix.keyRow(token), channel, rest);
      Value keep = mix.channelDecay ? decayOf(slot, channel) : mix.headDecay ? b.broadcast(decay(slot)) : Value();
      Value kept = keep ? b.mul(n, keep) : n;
      Value next = gated ? b.fma(k, b.broadcast(input(slot)), kept) : b.add(k, kept);
      storeNormaliser(next, channel);
      sum = b.fma(q, mix.pre ? n : next, sum);
    }
    setRead(slot, b.reduceAdd(sum));
  });
  finishReads();
}

void MixFactors::finishReads() {
  for (int64_t token = 0; token < kMixBlock; token += mix.lanes) {
    Value maximum = gated ? getVector(Maximum, token) : Value();
    if (!normalised) {
      Value scale = b.splat(mix.op.getScale().convertToDouble());
      putVector(Output, token, b.mul(scale, b.exp(maximum)));
      continue;
    }
    Value sum = getVector(Read, token);
    if (gated && mix.pre)
      sum = b.mul(sum, getVector(Held, token));
    sum = mix.in.u ? b.add(sum, getVector(Own, token)) : sum;
    putVector(Output, token, normaliserOf(b, mix.op, sum, maximum));
  }
}

Value seqc::cpu::normaliserOf(KernelBuilder &b, mlir::seq::StateMixOp op, Value sum, Value maximum) {
  Value scale = b.splat(op.getScale().convertToDouble()), eps = b.splat(op.getEps().convertToDouble());
  bool bounded = op.getNormaliser() == mlir::seq::Normaliser::Max;
  if (!bounded && op.getEps().isZero()) // the scale is a factor of both reads
    return b.div(b.splat(1), sum);
  sum = b.mul(scale, sum);
  if (bounded) {
    Value least = maximum ? b.exp(b.neg(maximum)) : b.splat(1);
    sum = b.max(least, math::AbsFOp::create(b, sum));
  }
  return b.div(scale, b.add(sum, eps));
}
