//===- ExpertLinear.cpp - Linear layers of chosen experts -----------------===//
//
// A pair is a token and one of its experts; its product is a row. One token reads the
// matrices of its experts, row by row. Many tokens are sorted by expert, so that each
// expert is a matrix product over its own tokens in the forms of a linear layer; rows are
// gathered from where they stand, nothing is copied. With `combine` the rows of a token
// are then added up, in the order of its experts.
//
//===----------------------------------------------------------------------===//

#include "Indices.h"
#include "LinearLayer.h"
#include "Pieces.h"

using namespace mlir;
using namespace mlir::seq;
using namespace seqc::cpu;

namespace {

class ExpertLinearEmitter {
public:
  ExpertLinearEmitter(PackedExpertLinearOp op, func::FuncOp kernel, KernelBuilder &b)
      : b(b), packing(cast<PackingType>(op.getPacking())), indices(b, kernel.getArgument(1)),
        chosen(constantDim(kernel.getArgument(1), rankOf(kernel.getArgument(1)) - 1)),
        oneInput(rankOf(kernel.getArgument(0)) == rankOf(kernel.getArgument(1))),
        pairs(b.mul(indices.count(), b.index(chosen))), y(b, kernel.getArguments().back()),
        layer(b, PackedMatrix(b, packing, kernel.getArgument(2)), Rows(b, kernel.getArgument(0)),
              op.getCombine() ? Rows(b, b.scratch({OpFoldResult(pairs), b.getIndexAttr(packing.getOutputs())})) : y,
              op.getBias() ? kernel.getArgument(3) : Value()) {
    if (op.getCombine())
      combine.emplace(b, kernel.getArguments().drop_back().back());
    experts = b.scratch({OpFoldResult(pairs)}, b.getI64Type());
    order = b.scratch({OpFoldResult(pairs)}, b.getI64Type());
    ends = b.scratch({b.getIndexAttr(packing.getMatrices() + 1)}, b.getI64Type());
    oneRow = prepareOneRow(layer, b.getIndexAttr(chosen));
    tiles = preparePanelTiles(layer);
  }

  void emit() {
    readIndices();
    Value isOne = b.less(indices.count(), b.index(2));
    auto branch = scf::IfOp::create(b, isOne, /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      multiplyOneToken();
      b.setInsertionPointToStart(branch.elseBlock());
      sortPairs();
      multiplyByExpert();
    }
    if (combine)
      addUp();
  }

private:
  static int64_t rankOf(Value memref) { return cast<MemRefType>(memref.getType()).getRank(); }

  Value panels() { return b.index(layer.weights.panels()); }
  /// The row of x that a pair's product is made of.
  Value inputOf(Value pair) { return oneInput ? b.floorDiv(pair, chosen) : pair; }

  /// Numbers in scratch memory.
  Value number(Value memory, ValueRange at) {
    return arith::IndexCastOp::create(b, b.getIndexType(), b.load(memory, at));
  }
  void keep(Value number, Value memory, ValueRange at) {
    b.store(arith::IndexCastOp::create(b, b.getI64Type(), number), memory, at);
  }

  void readIndices() {
    b.loop(b.index(0), pairs, 1, [&](Value pair) {
      SmallVector<Value> at = join(indices.at(b, b.floorDiv(pair, chosen)), b.rem(pair, chosen));
      Value expert = checkedIndex(b, b.load(indices.memory(), at), pair, packing.getMatrices(), IndexOf::Expert);
      keep(expert, experts, {pair});
    });
  }

  //--- One token

  void multiplyOneToken() {
    auto input = [&](Value pair) { return inputOf(pair); };
    layer.select(Value(), input, {});
    b.loop(b.index(0), pairs, 1, [&](Value pair) { oneRow.read(pair); });
    int64_t grain = grainOf(packing.getInputs() * PackedMatrix::kPanel);
    b.parallel(b.mul(pairs, panels()), grain, [&](Value unit, Value) {
      Value pair = arith::DivUIOp::create(b, unit, panels()), panel = arith::RemUIOp::create(b, unit, panels());
      layer.select(number(experts, {pair}), input, {});
      oneRow.multiply(pair, panel);
    });
  }

  //--- Many tokens

  /// Afterwards the pairs of expert e are order[ends[e]], ..., order[ends[e + 1] - 1], in their
  /// own order.
  void sortPairs() {
    Value zero = b.index(0), count = b.index(packing.getMatrices());
    b.loop(zero, b.addIndex(count, 1), 1, [&](Value e) { keep(zero, ends, {e}); });
    b.loop(zero, pairs, 1, [&](Value pair) {
      Value slot = b.addIndex(number(experts, {pair}), 1);
      keep(b.addIndex(number(ends, {slot}), 1), ends, {slot});
    });
    // ends[e + 1]: first the number of e's pairs, then where they start, then where they end.
    b.loop(zero, count, 1, {zero}, [&](Value e, ValueRange start) {
      Value slot = b.addIndex(e, 1), next = b.add(start.front(), number(ends, {slot}));
      keep(start.front(), ends, {slot});
      return SmallVector<Value>{next};
    });
    b.loop(zero, pairs, 1, [&](Value pair) {
      Value slot = b.addIndex(number(experts, {pair}), 1), place = number(ends, {slot});
      keep(pair, order, {place});
      keep(b.addIndex(place, 1), ends, {slot});
    });
  }

  void multiplyByExpert() {
    Value units = b.mul(b.index(packing.getMatrices()), panels());
    // A panel of an average expert, at 16 multiplications a cycle.
    Value work = b.mul(pairs, b.index(packing.getInputs() * PackedMatrix::kPanel / 16));
    parallelWork(b, units, b.floorDiv(work, packing.getMatrices()), [&](Value unit, Value worker) {
      Value expert = arith::DivUIOp::create(b, unit, panels()), panel = arith::RemUIOp::create(b, unit, panels());
      auto pairAt = [&](Value place) { return number(order, {place}); };
      layer.select(expert, [&](Value place) { return inputOf(pairAt(place)); }, pairAt);
      Value from = number(ends, {expert}), to = number(ends, {b.addIndex(expert, 1)}), count = b.sub(to, from);
      int64_t many = tileRows(b.target);
      auto within = [&](int64_t least, int64_t below) {
        return b.less(b.sub(count, b.index(least)), b.index(below - least));
      };
      b.ifThen(within(1, 2), [&] { emitRowsOfPanel(layer, 1, panel, from, to); });
      b.ifThen(within(2, many), [&] { emitRowsOfPanel(layer, b.target.avx512 ? 4 : 2, panel, from, to); });
      b.ifThen(b.less(b.index(many - 1), count), [&] { tiles(worker, panel, from, to); });
    });
  }

  //--- Sums

  void addUp() {
    Value outputs = b.index(packing.getOutputs());
    parallelWork(b, indices.count(), b.index(chosen * packing.getOutputs() / 8), [&](Value token, Value) {
      SmallVector<Value> to = y.at(b, token), weights = combine->at(b, token);
      b.vectorLoop(outputs, [&](Value n, Value rest) {
        auto product = [&](Value c) {
          SmallVector<Value> at = join(layer.y.at(b, b.add(b.mul(token, b.index(chosen)), c)), n);
          return rest ? b.loadMasked(layer.y.memory(), at, rest) : b.loadVector(layer.y.memory(), at);
        };
        Value sum = b.loop(b.index(0), b.index(chosen), 1, {b.splat(0)}, [&](Value c, ValueRange carried) {
                       Value weight = b.broadcast(b.load(combine->memory(), join(weights, c)));
                       return SmallVector<Value>{b.fma(weight, product(c), carried.front())};
                     }).front();
        if (rest)
          b.storeMasked(sum, y.memory(), join(to, n), rest);
        else
          b.storeVector(sum, y.memory(), join(to, n));
      });
    });
  }

  KernelBuilder &b;
  PackingType packing;
  Rows indices;
  int64_t chosen; ///< experts of a token
  bool oneInput;  ///< x has a row for each token, not for each pair
  Value pairs;
  Rows y;
  LinearLayer layer; ///< its rows are pairs
  std::optional<Rows> combine;
  Value experts;     ///< by pair
  Value order, ends; ///< pairs sorted by expert: see sortPairs
  OneRow oneRow;
  std::function<void(Value, Value, Value, Value)> tiles;
};

} // namespace

LogicalResult seqc::cpu::emitPackedExpertLinear(PackedExpertLinearOp op, func::FuncOp kernel, KernelBuilder &b) {
  ExpertLinearEmitter(op, kernel, b).emit();
  return success();
}
