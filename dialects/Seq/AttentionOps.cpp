//===- AttentionOps.cpp - Attention, rotary positions, KV states ----------===//

#include "dialects/Seq/Verify.h"
#include <cmath>

using namespace mlir;
using namespace mlir::seq;

//===----------------------------------------------------------------------===//
// attention
//===----------------------------------------------------------------------===//

Value AttentionOp::getKv() { return getMemory().size() == 1 ? getMemory().front() : Value(); }
int64_t AttentionOp::getQueryHeads() { return tensorType(getQ()).getDimSize(2); }
int64_t AttentionOp::getKeyDim() { return innermost(getQ()); }
int64_t AttentionOp::getKvHeads() {
  if (Value kv = getKv())
    return cast<KVType>(kv.getType()).getHeads();
  return tensorType(getMemory()[0]).getDimSize(2);
}
int64_t AttentionOp::getValueDim() {
  if (Value kv = getKv())
    return cast<KVType>(kv.getType()).getValueDim();
  return innermost(getMemory()[1]);
}
double AttentionOp::getEffectiveScale() {
  if (auto scale = getScale())
    return scale->convertToDouble();
  return 1.0 / std::sqrt(static_cast<double>(getKeyDim()));
}

LogicalResult AttentionOp::verify() {
  auto q = tensorType(getQ());
  if (!q || q.getRank() != 4 || q.getDimSize(2) <= 0 || q.getDimSize(3) <= 0)
    return violate(*this, "attention_c1", "q is [B,T,Hq,K] with positive constants Hq and K");
  bool state = getMemory().size() == 1 && isa<KVType>(getMemory()[0].getType());
  bool tensors = getMemory().size() == 2 && isa<RankedTensorType>(getMemory()[0].getType()) &&
                 isa<RankedTensorType>(getMemory()[1].getType());
  if (!state && !tensors)
    return violate(*this, "attention_c2", "takes keys and values, or one KV state");
  if (tensors) {
    auto k = tensorType(getMemory()[0]), v = tensorType(getMemory()[1]);
    if (k.getRank() != 4 || v.getRank() != 4 || k.getDimSize(2) <= 0 || v.getDimSize(3) <= 0 ||
        !hasShape(getMemory()[0], {q.getDimSize(0), v.getDimSize(1), v.getDimSize(2), q.getDimSize(3)}) ||
        !compatible(q.getDimSize(0), v.getDimSize(0)) || !compatible(k.getDimSize(0), v.getDimSize(0)))
      return violate(*this, "attention_c3",
                     "k is [B,Tk,Hkv,K] and v is [B,Tk,Hkv,V] with the K of q and positive constants Hkv and V");
  } else if (cast<KVType>(getKv().getType()).getKeyDim() != q.getDimSize(3)) {
    return violate(*this, "attention_c3", "the KV state has the K of q");
  }
  if (getQueryHeads() % getKvHeads() != 0)
    return violate(*this, "attention_c4",
                   "the " + Twine(getKvHeads()) + " key heads must divide the " + Twine(getQueryHeads()) +
                       " query heads");
  if (static_cast<int64_t>(getWindow()) < 0 || (getWindow() != 0 && !getCausal()))
    return violate(*this, "attention_c5", "a window is a positive number of keys and needs causal");
  if (!(getSoftcap().convertToDouble() >= 0))
    return violate(*this, "attention_c6", "softcap is not negative");
  if (!hasShape(getSink(), {getQueryHeads()}))
    return violate(*this, "attention_c7", "sink is [Hq]");
  if (!hasShape(getPositions(), {q.getDimSize(0), q.getDimSize(1)}))
    return violate(*this, "attention_c8", "positions is [B,T] like q");
  return success();
}

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  auto q = tensorType(adaptor.getQ());
  if (!q || q.getRank() != 4 || adaptor.getMemory().empty())
    return emitOptionalError(loc, "attention_c1: q is [B,T,Hq,K]");
  Type last = adaptor.getMemory().back().getType();
  int64_t valueDim;
  if (auto kv = dyn_cast<KVType>(last))
    valueDim = kv.getValueDim();
  else if (auto v = dyn_cast<RankedTensorType>(last); v && v.getRank() == 4)
    valueDim = v.getDimSize(3);
  else
    return emitOptionalError(loc, "attention_c3: v is [B,Tk,Hkv,V]");
  SmallVector<int64_t> shape(q.getShape());
  shape[3] = valueDim;
  types.push_back(RankedTensorType::get(shape, q.getElementType()));
  // While an op is parsed, its attributes are not properties yet.
  DictionaryAttr attributes = adaptor.getAttributes();
  if (adaptor.getLse() || (attributes && attributes.contains("lse")))
    types.push_back(RankedTensorType::get(q.getShape().drop_back(), q.getElementType()));
  return success();
}

SmallVector<Type> AttentionOp::getCarriedStates() {
  Type element = tensorType(getQ()).getElementType();
  return {KVType::get(getKvHeads(), getKeyDim(), getValueDim(), element)};
}
ValueRange AttentionOp::getGivenStates() { return getKv() ? ValueRange(getMemory()) : ValueRange(); }
SmallVector<Value> AttentionOp::threadStates(RewriterBase &rewriter, ValueRange states) {
  rewriter.setInsertionPoint(*this);
  Value kv = KvAppendOp::create(rewriter, getLoc(), states[0], getMemory()[0], getMemory()[1]);
  rewriter.modifyOpInPlace(*this, [&] { getMemoryMutable().assign(kv); });
  return {kv};
}

//===----------------------------------------------------------------------===//
// kv_append
//===----------------------------------------------------------------------===//

LogicalResult KvAppendOp::verify() {
  auto kv = getState().getType();
  auto k = tensorType(getK());
  if (!k || k.getRank() != 4 || !hasShape(getK(), {k.getDimSize(0), k.getDimSize(1), kv.getHeads(), kv.getKeyDim()}) ||
      !hasShape(getV(), {k.getDimSize(0), k.getDimSize(1), kv.getHeads(), kv.getValueDim()}))
    return violate(*this, "kv_append_c1", "k is [B,T,H,K] and v is [B,T,H,V] of the state");
  return success();
}
LogicalResult KvAppendOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getState().getType());
  return success();
}
void KvAppendOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  effects.emplace_back(MemoryEffects::Write::get(), &getStateMutable());
}

//===----------------------------------------------------------------------===//
// positions
//===----------------------------------------------------------------------===//

LogicalResult PositionsOp::verify() {
  if (tensorType(getX()).getRank() < 2)
    return violate(*this, "positions_c1", "x is [B,T,...]");
  return verifyStates(*this, "positions_c2", getCarriedStates(), getStates(), getNewStates());
}
LogicalResult PositionsOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX());
  if (!x || x.getRank() < 2)
    return emitOptionalError(loc, "positions_c1: x is [B,T,...]");
  types.push_back(RankedTensorType::get(x.getShape().take_front(2), IntegerType::get(context, 32)));
  llvm::append_range(types, adaptor.getStates().getTypes());
  return success();
}
SmallVector<Type> PositionsOp::getCarriedStates() { return {StateType::get({}, IntegerType::get(getContext(), 64))}; }
ValueRange PositionsOp::getGivenStates() { return getStates(); }
SmallVector<Value> PositionsOp::threadStates(RewriterBase &rewriter, ValueRange states) {
  rewriter.setInsertionPoint(*this);
  auto stepped = PositionsOp::create(rewriter, getLoc(), getX(), states);
  rewriter.replaceOp(*this, stepped.getPositions());
  return llvm::to_vector(ValueRange(stepped.getNewStates()));
}

//===----------------------------------------------------------------------===//
// rotary
//===----------------------------------------------------------------------===//

int64_t RotaryOp::getRotatedDims() {
  int64_t dims = static_cast<int64_t>(getDims());
  return dims == 0 ? innermost(getX()) : dims;
}

SmallVector<double> RotaryOp::getPairFrequencies() {
  if (auto given = getFrequencies())
    return SmallVector<double>(*given);
  SmallVector<double> frequencies;
  int64_t dims = getRotatedDims();
  for (int64_t i = 0; i < dims / 2; ++i)
    frequencies.push_back(std::pow(getBase().convertToDouble(), -2.0 * i / dims));
  return frequencies;
}

LogicalResult RotaryOp::verify() {
  auto x = tensorType(getX());
  if (!x || x.getRank() != 4 || x.isDynamicDim(3))
    return violate(*this, "rotary_c1", "x is [B,T,H,D] with constant D");
  if (!hasShape(getPositions(), {x.getDimSize(0), x.getDimSize(1)}))
    return violate(*this, "rotary_c2", "positions is [B,T] like x");
  int64_t dims = getRotatedDims();
  if (dims <= 0 || dims % 2 != 0 || dims > x.getDimSize(3))
    return violate(*this, "rotary_c3", "dims is even and at most D");
  if (auto given = getFrequencies(); given && static_cast<int64_t>(given->size()) != dims / 2)
    return violate(*this, "rotary_c4", "there is one frequency a pair");
  if (!(getBase().convertToDouble() > 0))
    return violate(*this, "rotary_c5", "base is positive");
  return success();
}
LogicalResult RotaryOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getX().getType());
  return success();
}
