//===- RecurrenceOps.cpp - Matrix states, retention, shifts ---------------===//

#include "dialects/Seq/Verify.h"
#include <cmath>

using namespace mlir;
using namespace mlir::seq;

LogicalResult mlir::seq::verifyStates(Operation *op, StringRef label, ArrayRef<Type> carried,
                                      ValueRange given, ValueRange returned) {
  if (given.size() != returned.size())
    return violate(op, label, "returns as many states as it is given");
  if (given.empty())
    return success();
  if (given.size() != carried.size())
    return violate(op, label, "carries " + Twine(carried.size()) + " states, is given " +
                                  Twine(given.size()));
  for (auto [want, value] : llvm::zip_equal(carried, given)) {
    auto wanted = cast<StateType>(want), have = cast<StateType>(value.getType());
    if (wanted.getShape() != have.getShape() || wanted.getElementType() != have.getElementType())
      return op->emitOpError() << label << ": carries a state " << want << ", is given " << have;
  }
  return success();
}

/// q, k [B,T,Hk,K] and v [B,T,H,V] with constant heads and channels, Hk dividing H.
static LogicalResult verifyHeads(Operation *op, const std::string &label, Value q, Value k, Value v) {
  auto qt = tensorType(q), vt = tensorType(v);
  auto isHeads = [](RankedTensorType type) {
    return type && type.getRank() == 4 && type.getDimSize(2) > 0 && type.getDimSize(3) > 0;
  };
  if (!isHeads(qt) || !isHeads(vt))
    return violate(op, label + "_c1", "q is [B,T,Hk,K] and v is [B,T,H,V], heads and channels positive constants");
  if (!hasShape(k, qt.getShape()) ||
      !hasShape(v, {qt.getDimSize(0), qt.getDimSize(1), vt.getDimSize(2), vt.getDimSize(3)}))
    return violate(op, label + "_c2", "k has the shape of q, and v its batch and time");
  if (vt.getDimSize(2) % qt.getDimSize(2) != 0)
    return violate(op, label + "_c3", "the " + Twine(qt.getDimSize(2)) +
                                          " heads of q and k must divide the " +
                                          Twine(vt.getDimSize(2)) + " heads of v");
  return success();
}

static LogicalResult inferMix(std::optional<Location> loc, Value v, ValueRange states,
                              SmallVectorImpl<Type> &types) {
  if (!isa<RankedTensorType>(v.getType()))
    return emitOptionalError(loc, "v is a ranked tensor");
  types.push_back(v.getType());
  llvm::append_range(types, states.getTypes());
  return success();
}

//===----------------------------------------------------------------------===//
// state_mix
//===----------------------------------------------------------------------===//

LogicalResult StateMixOp::verify() {
  if (failed(verifyHeads(*this, "state_mix", getQ(), getK(), getV())))
    return failure();
  auto q = tensorType(getQ()), v = tensorType(getV());
  int64_t batch = q.getDimSize(0), time = q.getDimSize(1);
  int64_t heads = v.getDimSize(2), keyDim = q.getDimSize(3);
  auto badDecay = [&](StringRef text) { return violate(*this, "state_mix_c4", text); };
  switch (getDecay()) {
  case Decay::None:
    if (getG())
      return badDecay("decay none takes no g");
    break;
  case Decay::Static:
    if (!getG() || !(hasShape(getG(), {heads}) || hasShape(getG(), {heads, keyDim})))
      return badDecay("decay static takes g [H] or [H,K]");
    break;
  case Decay::Head:
    if (!getG() || !hasShape(getG(), {batch, time, heads}))
      return badDecay("decay head takes g [B,T,H]");
    break;
  case Decay::Channel:
    if (!getG() || !hasShape(getG(), {batch, time, heads, keyDim}))
      return badDecay("decay channel takes g [B,T,H,K]");
    break;
  }
  bool dplr = getUpdate() == Update::Dplr, delta = getUpdate() == Update::Delta;
  if (static_cast<bool>(getA()) != dplr || static_cast<bool>(getB()) != dplr)
    return violate(*this, "state_mix_c5", "a and b come together, with update dplr only");
  if (!hasShape(getA(), {batch, time, heads, keyDim}) || !hasShape(getB(), {batch, time, heads, keyDim}))
    return violate(*this, "state_mix_c6", "a and b are [B,T,H,K]");
  if (static_cast<bool>(getBeta()) != delta || !hasShape(getBeta(), {batch, time, heads}))
    return violate(*this, "state_mix_c7", "update delta takes beta [B,T,H], and only it");
  if (getU() && (getRead() != Read::Pre || !hasShape(getU(), {heads, keyDim})))
    return violate(*this, "state_mix_c8", "u is [H,K] and needs read pre");
  if (!hasShape(getI(), {batch, time, heads}))
    return violate(*this, "state_mix_c9", "i is [B,T,H]");
  if ((getNormaliser() != Normaliser::None || getI()) && getUpdate() != Update::Outer)
    return violate(*this, "state_mix_c10", "a normaliser or an input gate needs update outer");
  if (getUExp() && !getU())
    return violate(*this, "state_mix_c11", "u_exp needs u");
  return verifyStates(*this, "state_mix_c12", getCarriedStates(), getStates(), getNewStates());
}
LogicalResult StateMixOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                           Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferMix(loc, adaptor.getV(), adaptor.getStates(), types);
}
SmallVector<Type> StateMixOp::getCarriedStates() {
  auto v = tensorType(getV());
  int64_t heads = v.getDimSize(2), keyDim = innermost(getQ());
  Type element = v.getElementType();
  SmallVector<Type> states{StateType::get({heads, keyDim, v.getDimSize(3)}, element)};
  if (getNormaliser() != Normaliser::None)
    states.push_back(StateType::get({heads, keyDim}, element));
  if (getI())
    states.push_back(StateType::get({heads}, element, -1e38));
  return states;
}
ValueRange StateMixOp::getGivenStates() { return getStates(); }
SmallVector<Value> StateMixOp::threadStates(RewriterBase &rewriter, ValueRange states) {
  rewriter.setInsertionPoint(*this);
  auto stepped = StateMixOp::create(rewriter, getLoc(), getQ(), getK(), getV(), getG(), getA(),
                                    getB(), getBeta(), getU(), getI(), states, getDecay(),
                                    getUpdate(), getRead(), getNormaliser(), getScale(), getUExp());
  rewriter.replaceOp(*this, stepped.getO());
  return llvm::to_vector(ValueRange(stepped.getNewStates()));
}

//===----------------------------------------------------------------------===//
// retention
//===----------------------------------------------------------------------===//

SmallVector<double> RetentionOp::getLogDecays() {
  if (auto given = getLogDecay())
    return SmallVector<double>(*given);
  SmallVector<double> decays;
  for (int64_t h = 0, heads = tensorType(getV()).getDimSize(2); h < heads; ++h)
    decays.push_back(std::log1p(-std::exp2(-5.0 - h)));
  return decays;
}
LogicalResult RetentionOp::verify() {
  if (failed(verifyHeads(*this, "retention", getQ(), getK(), getV())))
    return failure();
  auto given = getLogDecay();
  if (given && (static_cast<int64_t>(given->size()) != tensorType(getV()).getDimSize(2) ||
                llvm::any_of(*given, [](double g) { return !(g <= 0); })))
    return violate(*this, "retention_c4", "log_decay has one number a head, none above 0");
  return verifyStates(*this, "retention_c5", getCarriedStates(), getStates(), getNewStates());
}
LogicalResult RetentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferMix(loc, adaptor.getV(), adaptor.getStates(), types);
}
SmallVector<Type> RetentionOp::getCarriedStates() {
  auto v = tensorType(getV());
  return {StateType::get({v.getDimSize(2), innermost(getQ()), v.getDimSize(3)}, v.getElementType())};
}
ValueRange RetentionOp::getGivenStates() { return getStates(); }
SmallVector<Value> RetentionOp::threadStates(RewriterBase &rewriter, ValueRange states) {
  rewriter.setInsertionPoint(*this);
  auto stepped = RetentionOp::create(rewriter, getLoc(), getQ(), getK(), getV(), states,
                                     getLogDecayAttr(), getScaleAttr());
  rewriter.replaceOp(*this, stepped.getO());
  return llvm::to_vector(ValueRange(stepped.getNewStates()));
}

//===----------------------------------------------------------------------===//
// token_shift
//===----------------------------------------------------------------------===//

LogicalResult TokenShiftOp::verify() {
  auto x = tensorType(getX());
  if (!x || x.getRank() != 3 || x.getDimSize(2) <= 0)
    return violate(*this, "token_shift_c1", "x is [B,T,D] with a positive constant D");
  return verifyStates(*this, "token_shift_c2", getCarriedStates(), getStates(), getNewStates());
}
LogicalResult TokenShiftOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getX().getType());
  llvm::append_range(types, adaptor.getStates().getTypes());
  return success();
}
SmallVector<Type> TokenShiftOp::getCarriedStates() {
  return {StateType::get({innermost(getX())}, tensorType(getX()).getElementType())};
}
ValueRange TokenShiftOp::getGivenStates() { return getStates(); }
SmallVector<Value> TokenShiftOp::threadStates(RewriterBase &rewriter, ValueRange states) {
  rewriter.setInsertionPoint(*this);
  auto stepped = TokenShiftOp::create(rewriter, getLoc(), getX(), states);
  rewriter.replaceOp(*this, stepped.getY());
  return llvm::to_vector(ValueRange(stepped.getNewStates()));
}

//===----------------------------------------------------------------------===//
// state_init
//===----------------------------------------------------------------------===//

LogicalResult StateInitOp::verify() {
  if (isa<KVType>(getState().getType()) != static_cast<bool>(getCapacity()))
    return violate(*this, "state_init_c1", "a KV state needs a capacity, and only it");
  return success();
}
void StateInitOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  effects.emplace_back(MemoryEffects::Allocate::get(), cast<OpResult>(getState()));
}

