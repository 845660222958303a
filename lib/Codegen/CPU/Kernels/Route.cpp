//===- Route.cpp - Choosing experts ---------------------------------------===//
//
// A token's keys stand in memory of its worker, beside flags of what was taken; the best one
// is looked for as often as experts are chosen, which are few.
//
//===----------------------------------------------------------------------===//

#include "Pieces.h"
#include "Rows.h"

using namespace mlir;
using namespace mlir::seq;
using namespace seqc::cpu;

namespace {

class RouteEmitter {
public:
  RouteEmitter(RouteOp op, func::FuncOp kernel, KernelBuilder &b)
      : op(op), b(b), logits(b, kernel.getArgument(0)), bias(op.getBias() ? kernel.getArgument(1) : Value()),
        indices(b, kernel.getArguments().drop_back().back()), weights(b, kernel.getArguments().back()),
        experts(op.getExperts()), top(op.getTop()), groups(op.getGroups()), size(experts / groups) {
    OpFoldResult workers = b.workers();
    scores = b.scratch({workers, b.getIndexAttr(experts)});
    taken = b.scratch({workers, b.getIndexAttr(experts)}, b.getI32Type());
    keys = usesLogits() ? Value() : b.scratch({workers, b.getIndexAttr(experts)});
    if (groups == 1)
      return;
    groupKeys = b.scratch({workers, b.getIndexAttr(groups)});
    groupTaken = b.scratch({workers, b.getIndexAttr(groups)}, b.getI32Type());
  }

  void emit() {
    Value cycles = b.index(experts * (16 + 3 * (top + (groups > 1 ? 1 : 0))));
    parallelWork(b, logits.count(), cycles, [&](Value row, Value worker) {
      this->worker = worker;
      this->row = logits.at(b, row);
      outRow = row;
      writeScores();
      mark(taken, b.index(0), b.index(experts), 0);
      writeKeys();
      if (groups > 1)
        dropGroups();
      choose();
    });
  }

private:
  /// Logits order experts as their scores do, without rounding.
  bool usesLogits() { return !bias && (groups == 1 || op.getGroupTop() == 1); }

  Value key(Value e) { return usesLogits() ? b.load(logits.memory(), join(row, e)) : b.load(keys, {worker, e}); }

  //--- Scores and keys

  void writeScores() {
    Value largest = b.f32(0);
    if (op.getScores() == Scores::Softmax)
      largest = over(b.load(logits.memory(), join(row, b.index(0))),
                     [&](Value e, Value so_far) { return b.max(b.load(logits.memory(), join(row, e)), so_far); });
    Value base = b.broadcast(largest), one = b.splat(1);
    b.vectorLoop(b.index(experts), [&](Value e, Value rest) {
      Value x = rest ? b.loadMasked(logits.memory(), join(row, e), rest) : b.loadVector(logits.memory(), join(row, e));
      Value score = op.getScores() == Scores::Softmax ? b.exp(b.sub(x, base)) : b.div(one, b.add(one, b.exp(b.neg(x))));
      if (rest)
        b.storeMasked(score, scores, {worker, e}, rest);
      else
        b.storeVector(score, scores, {worker, e});
    });
    if (op.getScores() == Scores::Sigmoid)
      return;
    Value sum = over(b.f32(0), [&](Value e, Value so_far) { return b.add(so_far, b.load(scores, {worker, e})); });
    b.loop(b.index(0), b.index(experts), 1,
           [&](Value e) { b.store(b.div(b.load(scores, {worker, e}), sum), scores, {worker, e}); });
  }

  void writeKeys() {
    if (usesLogits())
      return;
    b.loop(b.index(0), b.index(experts), 1, [&](Value e) {
      Value score = b.load(scores, {worker, e});
      b.store(bias ? b.add(score, b.load(bias, {e})) : score, keys, {worker, e});
    });
  }

  Value over(Value init, llvm::function_ref<Value(Value, Value)> next) {
    return b
        .loop(b.index(0), b.index(experts), 1, init,
              [&](Value e, ValueRange carried) { return SmallVector<Value>{next(e, carried.front())}; })
        .front();
  }

  //--- Choices

  void mark(Value flags, Value from, Value to, int64_t flag) {
    b.loop(from, to, 1, [&](Value i) { b.store(b.i32(flag), flags, {worker, i}); });
  }

  /// Takes the number in [from, to) with the greatest key among those not taken: of equal keys
  /// the lowest number. Returns it and its key.
  std::pair<Value, Value> takeBest(Value flags, Value from, Value to, llvm::function_ref<Value(Value)> keyOf) {
    SmallVector<Value> found = b.loop(from, to, 1, {to, b.f32(0)}, [&](Value i, ValueRange best) {
      Value key = keyOf(i);
      Value isFree = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.load(flags, {worker, i}), b.i32(0));
      Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, best[0], to);
      Value isGreater = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, key, best[1]);
      Value isBetter = arith::AndIOp::create(b, isFree, arith::OrIOp::create(b, isFirst, isGreater));
      return SmallVector<Value>{arith::SelectOp::create(b, isBetter, i, best[0]),
                                arith::SelectOp::create(b, isBetter, key, best[1])};
    });
    b.store(b.i32(1), flags, {worker, found[0]});
    return {found[0], found[1]};
  }

  std::pair<Value, Value> takeBestExpert(Value from, Value to) {
    return takeBest(taken, from, to, [&](Value e) { return key(e); });
  }

  /// Marks the experts of groups that take no part as taken.
  void dropGroups() {
    b.loop(b.index(0), b.index(groups), 1, [&](Value group) {
      Value from = b.mul(group, b.index(size)), to = b.addIndex(from, size);
      Value sum = b.f32(0);
      for (int64_t i = 0; i < static_cast<int64_t>(op.getGroupTop()); ++i)
        sum = b.add(sum, takeBestExpert(from, to).second);
      b.store(sum, groupKeys, {worker, group});
      b.store(b.i32(0), groupTaken, {worker, group});
    });
    mark(taken, b.index(0), b.index(experts), 1);
    b.loop(b.index(0), b.index(op.getKeepGroups()), 1, [&](Value) {
      Value group = takeBest(groupTaken, b.index(0), b.index(groups), [&](Value g) {
                      return b.load(groupKeys, {worker, g});
                    }).first;
      Value from = b.mul(group, b.index(size));
      mark(taken, from, b.addIndex(from, size), 0);
    });
  }

  void choose() {
    SmallVector<Value> toIndices = indices.at(b, outRow), toWeights = weights.at(b, outRow);
    Value sum =
        b.loop(b.index(0), b.index(top), 1, {b.f32(op.getEps().convertToDouble())}, [&](Value k, ValueRange carried) {
           Value e = takeBestExpert(b.index(0), b.index(experts)).first;
           Value score = b.load(scores, {worker, e});
           Value number = arith::IndexCastOp::create(b, b.getI32Type(), e);
           b.store(number, indices.memory(), join(toIndices, k));
           b.store(score, weights.memory(), join(toWeights, k));
           return SmallVector<Value>{b.add(carried.front(), score)};
         }).front();
    Value factor = b.f32(op.getScale().convertToDouble());
    if (op.getRenormalise())
      factor = b.div(factor, sum);
    b.loop(b.index(0), b.index(top), 1, [&](Value k) {
      Value weight = b.load(weights.memory(), join(toWeights, k));
      b.store(b.mul(weight, factor), weights.memory(), join(toWeights, k));
    });
  }

  RouteOp op;
  KernelBuilder &b;
  Rows logits;
  Value bias;
  Rows indices, weights;
  int64_t experts, top, groups, size; ///< size: experts of a group
  Value scores, keys, taken;          ///< of the experts, by worker
  Value groupKeys, groupTaken;        ///< of the groups, by worker
  Value worker, outRow;
  SmallVector<Value> row; ///< indices of the token's logits
};

} // namespace

LogicalResult seqc::cpu::emitRoute(RouteOp op, func::FuncOp kernel, KernelBuilder &b) {
  RouteEmitter(op, kernel, b).emit();
  return success();
}
