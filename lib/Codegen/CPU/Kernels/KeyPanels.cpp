//===- KeyPanels.cpp - Keys in panels of 32 tokens ------------------------===//

#include "KeyPanels.h"
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
  Value channels = b.index(constantDim(k, 3));
  b.loop(from, to, 1, [&](Value position) {
    Value t = token(position), lane = b.sub(position, start);
    b.loop(b.index(0), channels, 1, [&](Value c) {
      Value key = b.load(k, {rowAndHead.first, t, rowAndHead.second, c});
      b.store(key, panels, join(join(panel, c), lane));
    });
  });
}
