//===- StateMixHeads.cpp - State mixes of one number a head ---------------===//

#include "StateMixHeads.h"
#include "Pieces.h"
#include "Rows.h"
#include "StateMixFactors.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <tuple>

using namespace mlir;
using namespace seqc::cpu;

namespace {

/// Emits the recurrence for one vector of heads.
class HeadsEmitter {
public:
  HeadsEmitter(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b)
      : op(op), b(b), in(buffers), heads(constantDim(buffers.v, 2)), pre(op.getRead() == mlir::seq::Read::Pre),
        normalised(op.getNormaliser() != mlir::seq::Normaliser::None),
        staticDecay(op.getDecay() == mlir::seq::Decay::Static) {}

  bool applies() {
    // A single head could not be told from the dimensions behind it.
    if (heads == 1 || constantDim(in.q, 3) != 1 || constantDim(in.v, 3) != 1 || constantDim(in.q, 2) != heads ||
        op.getUpdate() != mlir::seq::Update::Outer)
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
    if (normalised)
      states.push_back(in.normaliser ? load(in.normaliser, row) : b.splat(0));
    if (in.i)
      states.push_back(in.maximum ? load(in.maximum, row) : b.splat(kNoMaximum));
    logDecay = staticDecay ? load(in.g, {}) : Value();
    decay = logDecay && !in.i ? b.exp(logDecay) : Value();
    bonus = in.u ? load(in.u, {}) : Value();
    if (bonus && op.getUExp())
      bonus = b.exp(bonus);
    Value end = in.segments.length(b, row, time);
    states = b.loop(b.index(0), end, 1, states,
                    [&](Value t, ValueRange carried) { return emitToken(t, resetAt(t, carried)); });
    in.segments.forTail(b, row, time, [&](Value t) { store(b.splat(0), in.o, {row, t}); });
    if (!in.state)
      return;
    store(states[0], in.state, row);
    if (normalised)
      store(states[1], in.normaliser, row);
    if (in.i)
      store(states.back(), in.maximum, row);
  }

  /// The states before a token, which may start anew.
  SmallVector<Value> resetAt(Value t, ValueRange carried) {
    SmallVector<Value> states = llvm::to_vector(carried);
    Value isFresh = in.segments.isReset(b, row, t);
    for (auto [i, state] : llvm::enumerate(states)) {
      bool isMaximum = in.i && i + 1 == states.size();
      if (isFresh)
        state = arith::SelectOp::create(b, isFresh, b.splat(isMaximum ? kNoMaximum : 0), state);
    }
    return states;
  }

  /// exp(x - max(x, y)) and exp(y - max(x, y)), one of which is 1.
  std::pair<Value, Value> relativeToMaximum(Value x, Value y) {
    Value one = b.splat(1), less = b.exp(b.neg(math::AbsFOp::create(b, b.sub(x, y))));
    Value isX = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, x, y);
    return {arith::SelectOp::create(b, isX, one, less), arith::SelectOp::create(b, isX, less, one)};
  }

  SmallVector<Value> emitToken(Value t, ArrayRef<Value> carried) {
    SmallVector<Value> at{row, t};
    Value q = load(in.q, at), k = load(in.k, at), v = load(in.v, at);
    Value s = carried[0], n = normalised ? carried[1] : Value(), m = in.i ? carried.back() : Value();
    Value i = in.i ? load(in.i, at) : Value();
    Value g = staticDecay ? logDecay : in.g ? load(in.g, at) : Value();

    Value slowed = m && g ? b.add(m, g) : m;
    Value newMaximum = m ? b.max(slowed, i) : Value();
    Value input, keep = decay ? decay : g && !m ? b.exp(g) : Value();
    if (m)
      std::tie(keep, input) = relativeToMaximum(slowed, i);
    auto update = [&](Value state, Value term) {
      if (input)
        term = b.mul(term, input);
      return keep ? b.fma(state, keep, term) : b.add(state, term);
    };
    Value newS = update(s, b.mul(k, v)), newN = normalised ? update(n, k) : Value();

    Value readMaximum = newMaximum, value = b.mul(pre ? s : newS, q),
          norm = normalised ? b.mul(pre ? n : newN, q) : Value();
    Value held, ofOwn;
    if (pre && m) {
      readMaximum = b.max(m, i);
      std::tie(held, ofOwn) = relativeToMaximum(m, i);
      value = b.mul(value, held);
      norm = norm ? b.mul(norm, held) : norm;
    }
    if (bonus) {
      Value own = b.mul(b.mul(q, bonus), k);
      own = m ? b.mul(own, ofOwn) : own;
      value = b.fma(own, v, value);
      norm = norm ? b.add(norm, own) : norm;
    }
    store(finish(value, norm, readMaximum), in.o, at);
    SmallVector<Value> next{newS};
    if (normalised)
      next.push_back(newN);
    if (m)
      next.push_back(newMaximum);
    return next;
  }

  Value finish(Value value, Value norm, Value maximum) {
    if (norm)
      return b.mul(value, normaliserOf(b, op, norm, maximum));
    value = b.mul(value, b.splat(op.getScale().convertToDouble()));
    return maximum ? b.mul(value, b.exp(maximum)) : value;
  }

  mlir::seq::StateMixOp op;
  KernelBuilder &b;
  StateMixBuffers in;
  int64_t heads;
  bool pre, normalised, staticDecay;
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
