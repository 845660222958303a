//===- StateMixHeads.cpp - State mixes of one number a head ---------------===//

#include "StateMixHeads.h"
#include "Pieces.h"
#include "Rows.h"

using namespace mlir;
using namespace seqc::cpu;

namespace {

/// Emits the recurrence for one vector of heads.
class HeadsEmitter {
public:
  HeadsEmitter(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b)
      : op(op), b(b), in(buffers), heads(constantDim(buffers.v, 2)), pre(op.getRead() == mlir::seq::Read::Pre),
        ratio(op.getNormaliser() == mlir::seq::Normaliser::Ratio),
        staticDecay(op.getDecay() == mlir::seq::Decay::Static) {}

  bool applies() {
    // A single head could not be told from the dimensions behind it.
    if (heads == 1 || constantDim(in.q, 3) != 1 || constantDim(in.v, 3) != 1 || constantDim(in.q, 2) != heads ||
        op.getUpdate() != mlir::seq::Update::Outer)
      return false;
    if (in.segments.reset || in.segments.lengths || op.getNormaliser() == mlir::seq::Normaliser::Max ||
        !op.getEps().isZero())
      return false;
    return llvm::all_of(ArrayRef<Value>{in.q, in.k, in.v, in.o, in.g, in.u, in.i, in.state, in.normaliser},
                        [&](Value memref) { return !memref || isDense(memref); });
  }

  void emit() {
    for (Value *memref : {&in.q, &in.k, &in.v, &in.o, &in.g, &in.u, &in.i, &in.state, &in.normaliser})
      if (*memref)
        *memref = dropOnes(*memref);
    Value batch = b.dim(in.v, 0), time = b.dim(in.v, 1);
    int64_t lanes = b.target.lanes(), vectors = llvm::divideCeil(heads, lanes);
    Value cycles = b.mul(time, b.index(in.i ? 40 : 10));
    parallelWork(b, b.mul(batch, b.index(vectors)), cycles, [&](Value task, Value) {
      row = b.floorDiv(task, vectors);
      head = b.mul(b.rem(task, vectors), b.index(lanes));
      rest = heads % lanes == 0 ? Value() : b.min(b.index(lanes), b.sub(b.index(heads), head));
      emitVector(time);
    });
  }

private:
  /// The dimensions behind the heads, which are of extent 1.
  static int64_t trailingOnes(Value memref) {
    auto shape = cast<MemRefType>(memref.getType()).getShape();
    int64_t count = 0;
    while (count + 1 < static_cast<int64_t>(shape.size()) && shape[shape.size() - 1 - count] == 1)
      ++count;
    return count;
  }

  static SmallVector<ReassociationIndices> groups(Value memref) {
    int64_t rank = cast<MemRefType>(memref.getType()).getRank(), kept = rank - trailingOnes(memref);
    SmallVector<ReassociationIndices> result;
    for (int64_t d = 0; d < rank; ++d) {
      if (d < kept)
        result.push_back({d});
      else
        result.back().push_back(d);
    }
    return result;
  }

  static bool isDense(Value memref) {
    auto type = cast<MemRefType>(memref.getType());
    return memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups(memref)) &&
           memref::CollapseShapeOp::computeCollapsedType(type, groups(memref)).isLastDimUnitStride();
  }

  Value dropOnes(Value memref) {
    if (trailingOnes(memref) == 0)
      return memref;
    return memref::CollapseShapeOp::create(b, memref, groups(memref));
  }

  Value load(Value memref, ArrayRef<Value> at) {
    return rest ? b.loadMasked(memref, join(at, head), rest) : b.loadVector(memref, join(at, head));
  }
  void store(Value value, Value memref, ArrayRef<Value> at) {
    if (rest)
      b.storeMasked(value, memref, join(at, head), rest);
    else
      b.storeVector(value, memref, join(at, head));
  }

  /// Carries s, n (ratio) and m (gate) over time in registers.
  void emitVector(Value time) {
    SmallVector<Value> states{in.state ? load(in.state, row) : b.splat(0)};
    if (ratio)
      states.push_back(in.normaliser ? load(in.normaliser, row) : b.splat(0));
    if (in.i)
      states.push_back(in.maximum ? load(in.maximum, row) : b.splat(kNoMaximum));
    logDecay = staticDecay ? load(in.g, {}) : Value();
    decay = logDecay && !in.i ? b.exp(logDecay) : Value();
    bonus = in.u ? load(in.u, {}) : Value();
    if (bonus && op.getUExp())
      bonus = b.exp(bonus);
    states = b.loop(b.index(0), time, 1, states, [&](Value t, ValueRange carried) { return emitToken(t, carried); });
    if (!in.state)
      return;
    store(states[0], in.state, row);
    if (ratio)
      store(states[1], in.normaliser, row);
    if (in.i)
      store(states.back(), in.maximum, row);
  }

  SmallVector<Value> emitToken(Value t, ValueRange carried) {
    SmallVector<Value> at{row, t};
    Value q = load(in.q, at), k = load(in.k, at), v = load(in.v, at);
    Value s = carried[0], n = ratio ? carried[1] : Value(), m = in.i ? carried.back() : Value();
    Value i = in.i ? load(in.i, at) : Value();
    Value g = staticDecay ? logDecay : in.g ? load(in.g, at) : Value();

    Value slowed = m && g ? b.add(m, g) : m;
    Value newMaximum = m ? b.max(slowed, i) : Value();
    Value input = m ? b.exp(b.sub(i, newMaximum)) : Value();
    Value keep = m ? b.exp(b.sub(slowed, newMaximum)) : decay ? decay : g ? b.exp(g) : Value();
    auto update = [&](Value state, Value term) {
      if (input)
        term = b.mul(term, input);
      return keep ? b.fma(state, keep, term) : b.add(state, term);
    };
    Value newS = update(s, b.mul(k, v)), newN = ratio ? update(n, k) : Value();

    Value readMaximum = newMaximum, value = b.mul(pre ? s : newS, q), norm = ratio ? b.mul(pre ? n : newN, q) : Value();
    if (pre && m) {
      readMaximum = b.max(m, i);
      Value held = b.exp(b.sub(m, readMaximum));
      value = b.mul(value, held);
      norm = norm ? b.mul(norm, held) : norm;
    }
    if (bonus) {
      Value own = b.mul(b.mul(q, bonus), k);
      own = m ? b.mul(own, b.exp(b.sub(i, readMaximum))) : own;
      value = b.fma(own, v, value);
      norm = norm ? b.add(norm, own) : norm;
    }
    store(finish(value, norm, readMaximum), in.o, at);
    SmallVector<Value> next{newS};
    if (ratio)
      next.push_back(newN);
    if (m)
      next.push_back(newMaximum);
    return next;
  }

  /// The scale and exp(m) are factors of both reads of a ratio.
  Value finish(Value value, Value norm, Value maximum) {
    if (norm)
      return b.div(value, norm);
    value = b.mul(value, b.splat(op.getScale().convertToDouble()));
    return maximum ? b.mul(value, b.exp(maximum)) : value;
  }

  mlir::seq::StateMixOp op;
  KernelBuilder &b;
  StateMixBuffers in;
  int64_t heads;
  bool pre, ratio, staticDecay;
  Value row, head, rest; ///< of the vector that is being emitted; rest is null where it is whole
  Value logDecay, decay, bonus;
};

} // namespace

bool seqc::cpu::emitStateMixOverHeads(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b) {
  HeadsEmitter emitter(op, buffers, b);
  if (!emitter.applies())
    return false;
  emitter.emit();
  return true;
}
