//===- StateMixTime.cpp - State mixes by blocks of time -------------------===//

#include "StateMixTime.h"
#include "Rows.h"

using namespace mlir;
using namespace seqc;
using namespace seqc::cpu;

bool MixTime::suits(mlir::seq::StateMixOp op) {
  return op.getForm() == mlir::seq::Form::Parallel && op.getUpdate() == mlir::seq::Update::Outer &&
         op.getNormaliser() == mlir::seq::Normaliser::None && !op.getI();
}

MixTime::MixTime(MixKernel &mix) : mix(mix), b(mix.b) {
  Value workers = b.workers(), most = b.addIndex(workers, 1);
  memory = b.scratch({most, workers, b.getIndexAttr(mix.keyDim), b.getIndexAttr(mix.valueDim)});
  products = b.scratch({most, workers, b.getIndexAttr(mix.pitch)});
}

Value MixTime::cut(Value tasks, Value ofCall) {
  time = ofCall;
  Value workers = b.workers();
  count = b.min(b.addIndex(workers, 1), b.floorDiv(time, kMixTimeBlock));
  tokens = arith::CeilDivUIOp::create(b, time, b.max(count, b.index(1)));
  // Of two blocks none could be computed at the same time as another.
  return arith::AndIOp::create(b, b.less(tasks, workers), b.less(b.index(2), count));
}

Value MixTime::start(Value block) const { return b.min(b.mul(block, tokens), time); }

Value MixTime::rowHead() const { return b.add(b.mul(mix.row, b.index(mix.heads)), mix.head); }

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

void MixTime::copy(Value from, ValueRange fromRow, Value to, ValueRange toRow) {
  b.loop(b.index(0), b.index(mix.keyDim), 1, [&](Value d) {
    if (from)
      copyElements(b, from, join(fromRow, d), to, join(toRow, d), b.index(mix.valueDim));
    else
      clearElements(b, to, join(toRow, d), b.index(mix.valueDim));
  });
}

void MixTime::setState(Value block, Value given) {
  SmallVector<Value> at{block, rowHead()};
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, block, b.index(0));
  auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  copy(given, {mix.row, mix.head}, memory, at);
  b.setInsertionPointToStart(branch.elseBlock());
  copy({}, {}, memory, at);
}

void MixTime::storeState(Value block, Value to) { copy(memory, {block, rowHead()}, to, {mix.row, mix.head}); }

void MixTime::combine(Value ofHead) {
  mix.fromColumn = b.index(0);
  mix.toColumn = b.index(mix.valueDim);
  Value last = b.sub(count, b.index(1));
  b.loop(b.index(0), b.index(mix.keyDim), 1, [&](Value d) {
    mix.forTiles(mix.lanes, [&](const MixKernel::Tile &tile) {
      auto at = [&](Value block) { return SmallVector<Value>{block, ofHead, d}; };
      Value state = mix.loadAt(memory, at(b.index(0)), tile, 0);
      state = b.loop(b.index(1), last, 1, {state}, [&](Value block, ValueRange before) -> SmallVector<Value> {
        Value own = mix.loadAt(memory, at(block), tile, 0);
        mix.storeAt(before[0], memory, at(block), tile, 0);
        return {b.fma(b.broadcast(b.load(products, at(block))), before[0], own)};
      })[0];
      mix.storeAt(state, memory, at(last), tile, 0);
    });
  });
}

//===----------------------------------------------------------------------===//
// Products of decays
//===----------------------------------------------------------------------===//

/// The sum of g over tokens, of all lanes from a channel on, in f64: rounding once a token would tell in a long
/// product.
Value MixTime::sumLogs(Value from, Value to, Value channel, Value rest) {
  auto type = VectorType::get({mix.lanes}, b.getF64Type());
  auto wide = [&](Value token) -> Value {
    Value g = mix.channelDecay ? mix.load(mix.in.g, mix.decayRow(token), channel, rest)
                               : mix.spread(mix.in.g, mix.decayRow(token));
    return arith::ExtFOp::create(b, type, g);
  };
  Value zero = arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, ArrayRef(0.0)));
  return b.loop(from, to, 1, {zero},
                [&](Value token, ValueRange sum) -> SmallVector<Value> { return {b.add(sum[0], wide(token))}; })[0];
}

/// Whether the state is fresh before one of the tokens; null where there are no resets.
Value MixTime::isForgotten(Value from, Value to) {
  if (!mix.in.segments.reset)
    return {};
  Value no = arith::ConstantOp::create(b, b.getBoolAttr(false));
  return b.loop(from, to, 1, {no}, [&](Value token, ValueRange before) -> SmallVector<Value> {
    return {arith::OrIOp::create(b, before[0], mix.in.segments.isReset(b, mix.row, token))};
  })[0];
}

void MixTime::multiply(Value block) {
  Value end = mix.in.segments.length(b, mix.row, time);
  Value from = b.min(start(block), end), to = b.min(start(b.addIndex(block, 1)), end);
  Value forgotten = isForgotten(from, to);
  for (int64_t d = 0; d < mix.keyDim; d += mix.lanes) {
    Value product = b.splat(1), channel = b.index(d);
    if (mix.in.g) {
      Value sum = sumLogs(from, to, channel, d + mix.lanes <= mix.keyDim ? Value() : b.index(mix.keyDim - d));
      product = b.exp(arith::TruncFOp::create(b, b.vec(), sum));
    }
    if (forgotten)
      product = arith::SelectOp::create(b, forgotten, b.splat(0), product);
    b.storeVector(product, products, {block, rowHead(), channel});
  }
}
