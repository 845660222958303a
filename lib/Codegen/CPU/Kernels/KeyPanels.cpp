//===- KeyPanels.cpp - Keys in panels of tokens ---------------------------===//

#include "KeyPanels.h"
#include "CacheProduct.h"
#include "Rows.h"

using namespace mlir;
using namespace seqc::cpu;

static Value component(KernelBuilder &b, Value state, int64_t index, ArrayRef<int64_t> shape, Type element) {
  return mlir::seq::StateComponentOp::create(b, MemRefType::get(shape, element), state, b.getI64IntegerAttr(index));
}

KvMemory::KvMemory(KernelBuilder &b, Value state, mlir::seq::KVType type) {
  constexpr int64_t dynamic = ShapedType::kDynamic;
  Type element = type.getElementType();
  keys = component(b, state, 0, {dynamic, type.getHeads(), dynamic, type.getKeyDim(), kPanel}, element);
  values = component(b, state, 1, {dynamic, type.getHeads(), dynamic, type.getValueDim()}, element);
  tokens = mlir::seq::StateTokensOp::create(b, MemRefType::get({dynamic}, b.getI64Type()), state);
}

Value KvMemory::tokensOf(KernelBuilder &b, Value row) const {
  return arith::IndexCastOp::create(b, b.getIndexType(), b.load(tokens, row));
}

void seqc::cpu::packKeys(KernelBuilder &b, Value k, std::pair<Value, Value> rowAndHead,
                         llvm::function_ref<Value(Value)> token, Value from, Value to, Value panels,
                         ArrayRef<Value> panel, Value start) {
  int64_t lanes = b.target.lanes(), keyDim = constantDim(k, 3), whole = keyDim / lanes * lanes;
  auto keyRow = [&](Value position) {
    return SmallVector<Value>{rowAndHead.first, token(position), rowAndHead.second};
  };
  // Squares of lanes x lanes where a whole group of tokens is there, one by one otherwise.
  b.loop(b.index(0), b.index(kPanel), lanes, [&](Value group) {
    Value first = b.add(start, group), end = b.addIndex(first, lanes);
    Value low = b.max(first, from), high = b.min(end, to);
    Value complete = arith::AndIOp::create(b, arith::CmpIOp::create(b, arith::CmpIPredicate::eq, low, first),
                                           arith::CmpIOp::create(b, arith::CmpIPredicate::eq, high, end));
    b.ifThen(complete, [&] {
      b.loop(b.index(0), b.index(whole), lanes, [&](Value channel) {
        SmallVector<Value> square;
        for (int64_t i = 0; i < lanes; ++i)
          square.push_back(b.loadVector(k, join(keyRow(b.addIndex(first, i)), channel)));
        transposeSquare(b, square);
        for (int64_t i = 0; i < lanes; ++i)
          b.storeVector(square[i], panels, join(join(panel, b.addIndex(channel, i)), group));
      });
    });
    Value done = arith::SelectOp::create(b, complete, b.index(whole), b.index(0));
    b.loop(low, high, 1, [&](Value position) {
      Value lane = b.sub(position, start);
      b.loop(done, b.index(keyDim), 1, [&](Value channel) {
        b.store(b.load(k, join(keyRow(position), channel)), panels, join(join(panel, channel), lane));
      });
    });
  });
}
