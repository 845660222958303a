//===- ChannelScan.cpp - Scans of vector states of channels ---------------===//

#include "ChannelScan.h"
#include "../MathFunctions.h"
#include "DecayExp.h"
#include "Pieces.h"
#include "Rows.h"
#include "Transpose.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace seqc;
using namespace seqc::cpu;

namespace {

class ChannelScanEmitter {
public:
  ChannelScanEmitter(KernelBuilder &b, const ChannelScan &scan)
      : b(b), in(scan), lanes(b.target.lanes()), parts(scan.isComplex ? 2 : 1), states(constantDim(scan.a, 1)),
        groups(constantDim(scan.b, 2)), channels(constantDim(scan.x, 2) / groups),
        taskWidth(scanTaskVectors(channels, lanes) * lanes) {}

  void emit() {
    in.a = asRows(in.a);
    if (in.state && in.isComplex)
      in.state = memref::CollapseShapeOp::create(b, in.state, ArrayRef<ReassociationIndices>{{0}, {1}, {2, 3}});
    // A vector more than a row needs: rows a power of two apart would share a few sets of the cache.
    OpFoldResult workers = b.workers(), width = b.getIndexAttr(taskWidth + lanes);
    OpFoldResult tokens = b.getIndexAttr(in.tileTokens), components = b.getIndexAttr(states * parts);
    steps = b.scratch({workers, tokens, width});
    inputs = b.scratch({workers, tokens, width});
    outputs = b.scratch({workers, tokens, width});
    rates = b.scratch({workers, components, width});
    hidden = b.scratch({workers, components, width});

    Value batch = b.dim(in.x, 0), time = b.dim(in.x, 1);
    int64_t blocks = llvm::divideCeil(channels, taskWidth);
    Value cycles = b.mul(b.addIndex(time, 1), b.index(taskWidth / lanes * states * (in.isComplex ? 50 : 10)));
    parallelWork(b, b.mul(batch, b.index(groups * blocks)), cycles, [&](Value task, Value ofWorker) {
      worker = ofWorker;
      row = b.floorDiv(task, groups * blocks);
      group = b.rem(b.floorDiv(task, blocks), groups);
      Value within = b.mul(b.rem(task, blocks), b.index(taskWidth));
      first = b.add(b.mul(group, b.index(channels)), within);
      count =
          channels % taskWidth == 0 ? b.index(taskWidth) : b.min(b.index(taskWidth), b.sub(b.index(channels), within));
      emitTask(time);
    });
  }

private:
  //--- Tasks

  void emitTask(Value time) {
    forVectors([&](Value j) {
      readTransposed(in.a, {}, rates, j, /*areRates=*/true);
      if (in.state)
        readTransposed(in.state, row, hidden, j, /*areRates=*/false);
      else
        clearHidden(j);
    });
    in.segments.forEach(b, row, time, [&](Value from, Value to, Value fresh) {
      lastToken = b.sub(to, b.index(1));
      if (fresh)
        b.ifThen(fresh, [&] { forVectors([&](Value j) { clearHidden(j); }); });
      b.loop(from, to, in.tileTokens,
             [&](Value token) { emitTile(token, b.min(b.index(in.tileTokens), b.sub(to, token))); });
    });
    in.segments.forTail(b, row, time, [&](Value token) {
      b.vectorLoop(count, [&](Value j, Value rest) { store(b.splat(0), in.y, {row, token}, b.add(first, j), rest); });
    });
    if (in.state)
      forVectors([&](Value j) { writeTransposed(hidden, in.state, j); });
  }

  /// Calls body(j) for the first channel of each vector of the task; the last may be partial.
  void forVectors(llvm::function_ref<void(Value)> body) { b.loop(b.index(0), count, lanes, body); }

  void emitTile(Value token, Value tokens) {
    b.loop(b.index(0), tokens, 1,
           [&](Value i) { b.vectorLoop(count, [&](Value j, Value rest) { prepare(i, b.add(token, i), j, rest); }); });
    forVectors([&](Value j) {
      int64_t blockStates = std::max<int64_t>(1, b.target.registers() / 2 / parts);
      int64_t blocks = llvm::divideCeil(states, blockStates), each = llvm::divideCeil(states, blocks);
      for (int64_t from = 0; from < states; from += each)
        scanStates(token, tokens, j, from, std::min(states, from + each));
    });
    b.loop(b.index(0), tokens, 1,
           [&](Value i) { b.vectorLoop(count, [&](Value j, Value rest) { finish(i, b.add(token, i), j, rest); }); });
  }

  //--- Before and after the recurrence

  Value load(Value memref, ArrayRef<Value> at, Value channel, Value rest) {
    return rest ? b.loadMasked(memref, join(at, channel), rest) : b.loadVector(memref, join(at, channel));
  }
  void store(Value value, Value memref, ArrayRef<Value> at, Value channel, Value rest) {
    if (rest)
      b.storeMasked(value, memref, join(at, channel), rest);
    else
      b.storeVector(value, memref, join(at, channel));
  }

  void prepare(Value i, Value token, Value j, Value rest) {
    Value channel = b.add(first, j), dt = load(in.dt, {row, token}, channel, rest);
    if (in.dtBias)
      dt = b.add(dt, load(in.dtBias, {}, channel, rest));
    if (in.softplus)
      dt = MathFunctions(b, b.vec(), b.target.avx512).softplus(dt);
    // In this order NaN stays NaN.
    if (in.dtMin)
      dt = b.max(b.splat(*in.dtMin), dt);
    if (in.dtMax)
      dt = b.min(b.splat(*in.dtMax), dt);
    Value x = load(in.x, {row, token}, channel, rest);
    b.storeVector(dt, steps, {worker, i, j});
    b.storeVector(in.inputTimesDt ? b.mul(dt, x) : x, inputs, {worker, i, j});
  }

  void finish(Value i, Value token, Value j, Value rest) {
    Value channel = b.add(first, j), y = b.loadVector(outputs, {worker, i, j});
    if (in.factor != 1)
      y = b.mul(y, b.splat(in.factor));
    if (in.skip)
      y = b.fma(load(in.skip, {}, channel, rest), load(in.x, {row, token}, channel, rest), y);
    if (in.z) {
      Value z = load(in.z, {row, token}, channel, rest);
      y = b.mul(y, b.div(z, b.add(b.splat(1), b.exp(b.neg(z)))));
    }
    store(y, in.y, {row, token}, channel, rest);
  }

  //--- The recurrence

  /// Advances the states [from, to) of the vector of channels at j over the tokens of a tile, and
  /// adds their part to its outputs.
  void scanStates(Value token, Value tokens, Value j, int64_t from, int64_t to) {
    SmallVector<Value> carried;
    for (int64_t n = from * parts; n < to * parts; ++n)
      carried.push_back(b.loadVector(hidden, {worker, b.index(n), j}));
    carried = b.loop(b.index(0), tokens, 1, carried, [&](Value i, ValueRange h) {
      Value dt = b.loadVector(steps, {worker, i, j}), u = b.loadVector(inputs, {worker, i, j});
      Value y = from == 0 ? b.splat(0) : b.loadVector(outputs, {worker, i, j}), at = b.add(token, i);
      SmallVector<Value> next;
      if (from == 0)
        prefetch(at, j);
      for (int64_t n = from; n < to; ++n) {
        ValueRange old = h.slice((n - from) * parts, parts);
        y = in.isComplex ? advanceComplex(at, n, j, dt, u, y, old, next) : advance(at, n, j, dt, u, y, old[0], next);
      }
      b.storeVector(y, outputs, {worker, i, j});
      return next;
    });
    for (auto [n, h] : llvm::enumerate(carried))
      b.storeVector(h, hidden, {worker, b.index(from * parts + static_cast<int64_t>(n)), j});
  }

  /// Fetches the rows of the same token of the next tile: they lie too far apart in memory for the machine to see
  /// what comes next, and all at once would hold up other loads.
  void prefetch(Value token, Value j) {
    SmallVector<Value> at{row, b.min(b.addIndex(token, in.tileTokens), lastToken), b.add(first, j)};
    for (Value memref : {in.x, in.dt, in.z, in.y})
      if (memref)
        memref::PrefetchOp::create(b, memref, at, /*isWrite=*/memref == in.y, /*locality=*/2, /*isDataCache=*/true);
  }

  Value rate(int64_t component, Value j) { return b.loadVector(rates, {worker, b.index(component), j}); }

  /// The new state n of a token; returns y with the state's part.
  Value advance(Value token, int64_t n, Value j, Value dt, Value u, Value y, Value h, SmallVector<Value> &next) {
    auto scalar = [&](Value memref) { return b.broadcast(b.load(memref, {row, token, group, b.index(n)})); };
    Value decay = emitDecayExp2(b, b.mul(dt, rate(n, j)));
    next.push_back(b.fma(decay, h, b.mul(u, scalar(in.b))));
    return b.fma(scalar(in.c), next.back(), y);
  }

  Value advanceComplex(Value token, int64_t n, Value j, Value dt, Value u, Value y, ValueRange h,
                       SmallVector<Value> &next) {
    auto scalar = [&](Value memref, int64_t part) {
      return b.broadcast(b.load(memref, {row, token, group, b.index(n), b.index(part)}));
    };
    Value size = emitDecayExp2(b, b.mul(dt, rate(2 * n, j))), angle = b.mul(dt, rate(2 * n + 1, j));
    Value re = b.mul(size, math::CosOp::create(b, angle)), im = b.mul(size, math::SinOp::create(b, angle));
    Value newRe = b.fma(re, h[0], b.fma(b.neg(im), h[1], b.mul(u, scalar(in.b, 0))));
    Value newIm = b.fma(re, h[1], b.fma(im, h[0], b.mul(u, scalar(in.b, 1))));
    next.append({newRe, newIm});
    return b.fma(scalar(in.c, 0), newRe, b.fma(b.neg(scalar(in.c, 1)), newIm, y));
  }

  //--- States and rates of channels in lanes

  /// A as [D, N] or, complex, [D, 2N].
  Value asRows(Value a) {
    if (!in.isComplex)
      return a;
    SmallVector<ReassociationIndices> groups{{0}, {1, 2}};
    if (memref::CollapseShapeOp::isGuaranteedCollapsible(cast<MemRefType>(a.getType()), groups))
      return memref::CollapseShapeOp::create(b, a, groups);
    int64_t all = constantDim(a, 0);
    Value copy = b.scratch({b.getIndexAttr(all), b.getIndexAttr(2 * states)});
    b.loop(b.index(0), b.index(all), 1, [&](Value d) {
      b.loop(b.index(0), b.index(states), 1, [&](Value n) {
        for (int64_t part : {0, 1})
          b.store(b.load(a, {d, n, b.index(part)}), copy, {d, b.addIndex(b.mul(n, b.index(2)), part)});
      });
    });
    return copy;
  }

  /// Moves rows [d, components] of the vector of channels at j to [component, lanes]. Rates of decays
  /// get the factor that makes them exponents of 2.
  void readTransposed(Value from, ValueRange prefix, Value to, Value j, bool areRates) {
    Value last = b.sub(count, b.index(1));
    auto read = [&](int64_t lane, int64_t k, int64_t width) {
      Value channel = b.add(first, b.min(b.addIndex(j, lane), last));
      return load(from, join(prefix, channel), b.index(k), width < lanes ? b.index(width) : Value());
    };
    emitColumns(b, states * parts, read, [&](int64_t k, Value column) {
      bool isExponent = areRates && (!in.isComplex || k % 2 == 0);
      b.storeVector(isExponent ? b.mul(column, b.splat(kLog2E)) : column, to, {worker, b.index(k), j});
    });
  }

  void writeTransposed(Value from, Value to, Value j) {
    for (int64_t start = 0; start < states * parts; start += lanes) {
      int64_t width = std::min(lanes, states * parts - start);
      SmallVector<Value> rows;
      for (int64_t k = 0; k < lanes; ++k)
        rows.push_back(k < width ? b.loadVector(from, {worker, b.index(start + k), j}) : b.splat(0));
      rows = emitTranspose(b, rows);
      for (int64_t lane = 0; lane < lanes; ++lane) {
        Value channel = b.addIndex(j, lane);
        b.ifThen(b.less(channel, count), [&] {
          store(rows[lane], to, {row, b.add(first, channel)}, b.index(start), width < lanes ? b.index(width) : Value());
        });
      }
    }
  }

  void clearHidden(Value j) {
    for (int64_t n = 0; n < states * parts; ++n)
      b.storeVector(b.splat(0), hidden, {worker, b.index(n), j});
  }

  KernelBuilder &b;
  ChannelScan in;
  int64_t lanes;
  int64_t parts; ///< numbers of a state's element
  int64_t states, groups;
  int64_t channels;             ///< of a group
  int64_t taskWidth;            ///< channels of a task
  Value steps, inputs, outputs; ///< scratch [workers, tokens, task's channels]: dt, u and y
  Value rates, hidden;          ///< scratch [workers, components, task's channels]: A and h
  // Of the task that is being emitted.
  Value worker, row, group, first, count;
  Value lastToken; ///< of the segment
};

} // namespace

void seqc::cpu::emitChannelScan(KernelBuilder &b, const ChannelScan &scan) { ChannelScanEmitter(b, scan).emit(); }
