//===- StateMix.cpp - The recurrence of a matrix state --------------------===//
//
// The recurrent form with a normaliser or an input gate, a token after the other; rows and
// heads run in parallel. The columns of a state [K,V] never mix, so V stands in the lanes: for a few
// vectors of columns at a time, one pass over K updates the state and reads the output.
//
// With an input gate the true state is exp(m) times what is stored, and m moves so
// that no factor is above 1 (see docs/Spec.md): per token, input = exp(i - m') and
// decay = exp(g + m - m').
//
//===----------------------------------------------------------------------===//

#include "ChannelScan.h"
#include "Pieces.h"
#include "Rows.h"
#include "StateMixBlocks.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <limits>

using namespace mlir;
using namespace seqc;
using namespace seqc::cpu;

namespace {

/// Emits the kernel for states of any shape.
class StateMixEmitter {
public:
  StateMixEmitter(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b)
      : op(op), b(b), in(buffers), heads(constantDim(in.v, 2)), keyDim(constantDim(in.q, 3)),
        valueDim(constantDim(in.v, 3)), lanes(b.target.lanes()), pre(op.getRead() == mlir::seq::Read::Pre),
        normalised(op.getNormaliser() != mlir::seq::Normaliser::None),
        staticDecay(op.getDecay() == mlir::seq::Decay::Static),
        arrayDecay(op.getDecay() == mlir::seq::Decay::Channel ||
                   (staticDecay && cast<MemRefType>(in.g.getType()).getRank() == 2)) {}

  void emit() {
    Value batch = b.dim(in.v, 0), time = b.dim(in.v, 1);
    bool fresh = !in.state;
    if (fresh)
      allocateState();
    decays = b.scratch({b.workers(), b.getIndexAttr(keyDim)});
    bonuses = b.scratch({b.workers(), b.getIndexAttr(keyDim)});
    Value cycles = b.mul(time, b.index(keyDim * llvm::divideCeil(valueDim, lanes) * 4));
    parallelWork(b, b.mul(batch, b.index(heads)), cycles, [&](Value task, Value ofWorker) {
      row = b.floorDiv(task, heads);
      head = b.rem(task, heads);
      keyHead = b.floorDiv(head, heads / constantDim(in.q, 2));
      worker = ofWorker;
      stateRow = fresh ? SmallVector<Value>{worker, b.index(0)} : SmallVector<Value>{row, head};
      if (fresh)
        clearState();
      prepareHead();
      in.segments.forEach(b, row, time, [&](Value from, Value to, Value restart) {
        if (restart)
          b.ifThen(restart, [&] { clearState(); });
        b.loop(from, to, 1, [&](Value t) {
          token = t;
          emitToken();
        });
      });
      in.segments.forTail(b, row, time, [&](Value t) { clearElements(b, in.o, {row, t, head}, b.index(valueDim)); });
    });
  }

private:
  //--- States

  /// Scratch in the place of states: one head a worker.
  void allocateState() {
    OpFoldResult one = b.getIndexAttr(1), keys = b.getIndexAttr(keyDim);
    in.state = b.scratch({b.workers(), one, keys, b.getIndexAttr(valueDim)});
    if (normalised)
      in.normaliser = b.scratch({b.workers(), one, keys});
    if (in.i)
      in.maximum = b.scratch({b.workers(), one});
  }

  void clearState() {
    b.loop(b.index(0), b.index(keyDim), 1,
           [&](Value d) { clearElements(b, in.state, join(stateRow, d), b.index(valueDim)); });
    if (normalised)
      clearElements(b, in.normaliser, stateRow, b.index(keyDim));
    if (in.i)
      b.store(b.f32(kNoMaximum), in.maximum, stateRow);
  }

  //--- Vectors over K

  Value load(Value memref, ArrayRef<Value> at, Value i, Value rest) {
    return rest ? b.loadMasked(memref, join(at, i), rest) : b.loadVector(memref, join(at, i));
  }
  void store(Value value, Value memref, ArrayRef<Value> at, Value i, Value rest) {
    if (rest)
      b.storeMasked(value, memref, join(at, i), rest);
    else
      b.storeVector(value, memref, join(at, i));
  }

  /// Calls body(i, rest) for the vectors of [0, width), unrolled; rest is null for whole ones.
  void forVectors(int64_t width, llvm::function_ref<void(Value, Value)> body) {
    for (int64_t i = 0; i < width; i += lanes)
      body(b.index(i), i + lanes <= width ? Value() : b.index(width - i));
  }

  SmallVector<Value> keyRow() { return {row, token, keyHead}; }
  SmallVector<Value> headRow() { return {row, token, head}; }

  /// Where g's logarithms of a head's channels stand.
  SmallVector<Value> decayRow() { return staticDecay ? SmallVector<Value>{head} : headRow(); }

  //--- Decay and gate

  /// What does not change from token to token.
  void prepareHead() {
    slowest = {};
    scalarDecay = {};
    if (in.u)
      forVectors(keyDim, [&](Value i, Value rest) {
        Value u = load(in.u, head, i, rest);
        store(op.getUExp() ? b.exp(u) : u, bonuses, worker, i, rest);
      });
    if (!staticDecay)
      return;
    if (in.i)
      slowest = slowestDecay();
    else if (arrayDecay)
      writeDecays({});
    else
      scalarDecay = b.exp(b.load(in.g, head));
  }

  /// The largest logarithm of the decays.
  Value slowestDecay() {
    if (!in.g)
      return b.f32(0);
    if (!arrayDecay)
      return b.load(in.g, decayRow());
    double lowest = -std::numeric_limits<double>::infinity();
    Value most = b.splat(lowest);
    forVectors(keyDim, [&](Value i, Value rest) {
      Value g = load(in.g, decayRow(), i, rest);
      if (rest) {
        auto maskType = VectorType::get({lanes}, b.getI1Type());
        g = arith::SelectOp::create(b, vector::CreateMaskOp::create(b, maskType, rest), g, b.splat(lowest));
      }
      most = b.max(most, g);
    });
    return b.reduceMax(most);
  }

  /// exp(g + rescale) of all channels, to scratch.
  void writeDecays(Value rescale) {
    forVectors(keyDim, [&](Value i, Value rest) {
      Value g = load(in.g, decayRow(), i, rest);
      store(b.exp(rescale ? b.add(g, b.broadcast(rescale)) : g), decays, worker, i, rest);
    });
  }

  struct Gate {
    Value held = {}, own = {};      ///< factors of the state and the token in a read before the update
    Value input = {}, rescale = {}; ///< of the update; null without a gate
    Value maximum = {};             ///< that the read is relative to
  };

  /// Moves the maximum.
  Gate emitGate() {
    if (!in.i)
      return {};
    Gate gate;
    Value i = b.load(in.i, headRow()), old = b.load(in.maximum, stateRow);
    Value fresh = b.max(b.add(old, slowest ? slowest : slowestDecay()), i);
    gate.input = b.exp(b.sub(i, fresh));
    gate.rescale = b.sub(old, fresh);
    gate.maximum = fresh;
    if (pre) {
      gate.maximum = b.max(old, i);
      gate.held = b.exp(b.sub(old, gate.maximum));
      gate.own = b.exp(b.sub(i, gate.maximum));
    }
    b.store(fresh, in.maximum, stateRow);
    return gate;
  }

  /// Decays of this token: an array in scratch, or a scalar, null where it is 1.
  Value emitDecays(const Gate &gate) {
    if (arrayDecay) {
      if (!staticDecay || in.i)
        writeDecays(gate.rescale);
      return {};
    }
    if (scalarDecay || (!in.g && !gate.rescale))
      return scalarDecay;
    Value g = in.g ? b.load(in.g, decayRow()) : Value();
    Value exponent = g && gate.rescale ? b.add(g, gate.rescale) : g ? g : gate.rescale;
    return b.exp(exponent);
  }

  //--- One token

  void emitToken() {
    Gate gate = emitGate();
    Value decay = emitDecays(gate);
    Value own; // the weight of v in a read before the update
    if (in.u) {
      own = dot(
          [&](Value i, Value rest) { return b.mul(load(in.k, keyRow(), i, rest), load(bonuses, worker, i, rest)); });
      if (gate.own)
        own = b.mul(own, gate.own);
    }
    Value factor = emitFactor(gate, decay, own);
    int64_t chunk = (b.target.avx512 ? 4 : 2) * lanes, whole = valueDim / chunk * chunk;
    b.loop(b.index(0), b.index(whole), chunk, [&](Value c) { emitColumns(c, chunk, gate, decay, own, factor); });
    if (whole < valueDim)
      emitColumns(b.index(whole), valueDim - whole, gate, decay, own, factor);
  }

  /// q . other over K; masked lanes of `other` have to be 0 or finite.
  Value dot(llvm::function_ref<Value(Value, Value)> other) {
    Value sum = b.splat(0);
    forVectors(keyDim, [&](Value i, Value rest) { sum = b.fma(load(in.q, keyRow(), i, rest), other(i, rest), sum); });
    return b.reduceAdd(sum);
  }

  /// What the read is multiplied by; updates the normaliser.
  Value emitFactor(const Gate &gate, Value decay, Value own) {
    if (!normalised) {
      Value scale = b.f32(op.getScale().convertToDouble());
      return gate.maximum ? b.mul(scale, b.exp(gate.maximum)) : scale;
    }
    auto read = [&] { return dot([&](Value i, Value rest) { return load(in.normaliser, stateRow, i, rest); }); };
    Value sum = pre ? read() : Value();
    forVectors(keyDim, [&](Value i, Value rest) {
      Value n = load(in.normaliser, stateRow, i, rest), k = load(in.k, keyRow(), i, rest);
      if (arrayDecay)
        n = b.mul(n, load(decays, worker, i, rest));
      else if (decay)
        n = b.mul(n, b.broadcast(decay));
      n = gate.input ? b.fma(k, b.broadcast(gate.input), n) : b.add(n, k);
      store(n, in.normaliser, stateRow, i, rest);
    });
    if (!pre)
      sum = read();
    if (gate.held)
      sum = b.mul(sum, gate.held);
    return normalise(own ? b.add(sum, own) : sum, gate.maximum);
  }

  /// The factor of a read where n^T q, relative to the same maximum, is `sum`.
  Value normalise(Value sum, Value maximum) {
    Value scale = b.f32(op.getScale().convertToDouble()), eps = b.f32(op.getEps().convertToDouble());
    bool bounded = op.getNormaliser() == mlir::seq::Normaliser::Max;
    if (!bounded && op.getEps().isZero())
      return b.div(b.f32(1), sum);
    sum = b.mul(scale, sum);
    if (bounded) {
      Value least = maximum ? b.exp(b.neg(maximum)) : b.f32(1);
      sum = b.max(least, math::AbsFOp::create(b, sum));
    }
    return b.div(scale, b.add(sum, eps));
  }

  /// Updates `width` columns from `column` on, and writes their outputs.
  void emitColumns(Value column, int64_t width, const Gate &gate, Value decay, Value own, Value factor) {
    int64_t count = llvm::divideCeil(width, lanes);
    auto restOf = [&](int64_t j) { return std::min(lanes, width - j * lanes); };
    auto loadAt = [&](Value memref, ArrayRef<Value> at, int64_t j) {
      return load(memref, at, b.addIndex(column, j * lanes), restOf(j) == lanes ? Value() : b.index(restOf(j)));
    };
    auto storeAt = [&](Value value, Value memref, ArrayRef<Value> at, int64_t j) {
      store(value, memref, at, b.addIndex(column, j * lanes), restOf(j) == lanes ? Value() : b.index(restOf(j)));
    };
    SmallVector<Value> values, added; // what k is multiplied by: v, or exp(i - m') v
    for (int64_t j = 0; j < count; ++j) {
      values.push_back(loadAt(in.v, headRow(), j));
      added.push_back(gate.input ? b.mul(b.broadcast(gate.input), values[j]) : values[j]);
    }

    auto scalar = [&](Value memref, SmallVector<Value> at, Value d) {
      return b.broadcast(b.load(memref, join(at, d)));
    };
    SmallVector<Value> sums(count, b.splat(0));
    sums = b.loop(b.index(0), b.index(keyDim), 1, sums, [&](Value d, ValueRange carried) {
      Value q = scalar(in.q, keyRow(), d), k = scalar(in.k, keyRow(), d);
      Value keep = arrayDecay ? scalar(decays, {worker}, d) : decay ? b.broadcast(decay) : Value();
      SmallVector<Value> next;
      for (int64_t j = 0; j < count; ++j) {
        Value old = loadAt(in.state, join(stateRow, d), j);
        Value fresh = keep ? b.fma(k, added[j], b.mul(keep, old)) : b.fma(k, added[j], old);
        storeAt(fresh, in.state, join(stateRow, d), j);
        next.push_back(b.fma(q, pre ? old : fresh, carried[j]));
      }
      return next;
    });
    for (int64_t j = 0; j < count; ++j) {
      Value read = gate.held ? b.mul(sums[j], b.broadcast(gate.held)) : sums[j];
      if (own)
        read = b.fma(b.broadcast(own), values[j], read);
      storeAt(b.mul(read, b.broadcast(factor)), in.o, headRow(), j);
    }
  }

  mlir::seq::StateMixOp op;
  KernelBuilder &b;
  StateMixBuffers in;
  int64_t heads, keyDim, valueDim, lanes;
  bool pre, normalised;
  bool staticDecay;      ///< the same for all tokens
  bool arrayDecay;       ///< one for each channel
  Value decays, bonuses; ///< scratch, [workers, K]
  // Of the task and the token that are being emitted.
  Value row, head, keyHead, worker, token;
  SmallVector<Value> stateRow;
  Value slowest, scalarDecay;
};

} // namespace

/// The buffers of a kernel's arguments.
static StateMixBuffers findBuffers(mlir::seq::StateMixOp op, func::FuncOp kernel, KernelBuilder &b) {
  StateMixBuffers buffers;
  auto arguments = kernel.getArguments();
  unsigned next = 0;
  for (auto [operand, buffer] :
       {std::pair(op.getQ(), &buffers.q), std::pair(op.getK(), &buffers.k), std::pair(op.getV(), &buffers.v),
        std::pair(op.getG(), &buffers.g), std::pair(op.getRate(), &buffers.rate), std::pair(op.getA(), &buffers.a),
        std::pair(op.getB(), &buffers.b), std::pair(op.getBeta(), &buffers.beta), std::pair(op.getU(), &buffers.u),
        std::pair(op.getI(), &buffers.i)})
    if (operand)
      *buffer = arguments[next++];
  SmallVector<Value *> states{&buffers.state};
  if (op.getNormaliser() != mlir::seq::Normaliser::None)
    states.push_back(&buffers.normaliser);
  if (op.getI())
    states.push_back(&buffers.maximum);
  for (auto [given, buffer] : llvm::zip(op.getStates(), states)) {
    auto type = cast<mlir::seq::StateType>(given.getType());
    SmallVector<int64_t> shape{ShapedType::kDynamic};
    llvm::append_range(shape, type.getShape());
    *buffer = mlir::seq::StateComponentOp::create(b, MemRefType::get(shape, type.getElementType()), arguments[next++],
                                                  b.getI64IntegerAttr(0));
  }
  if (op.getReset())
    buffers.segments.reset = arguments[next++];
  if (op.getLengths())
    buffers.segments.lengths = arguments[next++];
  buffers.o = arguments[next];
  return buffers;
}

/// A decay that is the product of a token's and a channel's part, for states of one column: the scan of
/// Mamba's channels. seq-to-linalg makes other factored decays channel ones.
static LogicalResult emitFactored(mlir::seq::StateMixOp op, StateMixBuffers &buffers, KernelBuilder &b) {
  auto dropColumn = [&](Value memref) -> Value {
    if (!memref)
      return memref;
    SmallVector<ReassociationIndices> groups{{0}, {1}, {2, 3}};
    auto type = cast<MemRefType>(memref.getType());
    if (!memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups) ||
        !memref::CollapseShapeOp::computeCollapsedType(type, groups).isLastDimUnitStride())
      return Value();
    return memref::CollapseShapeOp::create(b, memref, groups);
  };
  ChannelScan scan;
  scan.x = dropColumn(buffers.v);
  scan.dt = buffers.g;
  scan.a = buffers.rate;
  scan.b = buffers.k;
  scan.c = buffers.q;
  scan.y = dropColumn(buffers.o);
  if (buffers.state) {
    Value state = buffers.state; // [B,H,K,1]
    scan.state = memref::CollapseShapeOp::create(b, state, ArrayRef<ReassociationIndices>{{0}, {1}, {2, 3}});
  }
  scan.segments = buffers.segments;
  scan.inputTimesDt = false;
  scan.factor = op.getScale().convertToDouble();
  scan.tileTokens = scanTile(op);
  if (!scan.x || !scan.y)
    return op.emitOpError("reads the values of its heads apart in memory; copy v into a tensor of its own first");
  emitChannelScan(b, scan);
  return success();
}

LogicalResult seqc::cpu::emitStateMix(mlir::seq::StateMixOp op, func::FuncOp kernel, KernelBuilder &b) {
  if (failed(verifyForm(op)))
    return failure();
  StateMixBuffers buffers = findBuffers(op, kernel, b);
  if (op.getDecay() == mlir::seq::Decay::Factored)
    return emitFactored(op, buffers, b);
  bool isRecurrent = op.getForm() == mlir::seq::Form::Recurrent;
  if (isRecurrent && emitStateMixOverHeads(op, buffers, b))
    return success();
  if (op.getI() || op.getNormaliser() != mlir::seq::Normaliser::None)
    StateMixEmitter(op, buffers, b).emit();
  else
    emitStateMixBlocks(op, buffers, b);
  return success();
}
