//===- RecurrenceOps.cpp - Matrix states and retention --------------------===//

#include "dialects/Seq/Verify.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::seq;

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
    return violate(op, label + "_c3",
                   "the " + Twine(qt.getDimSize(2)) + " heads of q and k must divide the " + Twine(vt.getDimSize(2)) +
                       " heads of v");
  return success();
}

static LogicalResult inferMix(std::optional<Location> loc, Value v, ValueRange states, SmallVectorImpl<Type> &types) {
  if (!isa<RankedTensorType>(v.getType()))
    return emitOptionalError(loc, "v is a ranked tensor");
  types.push_back(v.getType());
  llvm::append_range(types, states.getTypes());
  return success();
}

//===----------------------------------------------------------------------===//
// state_mix
//===----------------------------------------------------------------------===//

/// The rules of options, which hold whatever the shapes are.
static LogicalResult verifyOptions(StateMixOp op) {
  auto bad = [&](StringRef label, StringRef text) { return violate(op, label, text); };
  double eps = op.getEps().convertToDouble();
  if (!(eps >= 0) || (eps > 0 && op.getNormaliser() == Normaliser::None))
    return bad("state_mix_c13", "eps is not negative and belongs to a normaliser");
  if (eps > 0 && op.getNormaliser() == Normaliser::Ratio && op.getI())
    return bad("state_mix_c14", "normaliser ratio has no eps beside an input gate");
  if (op.getNormaliser() == Normaliser::Max && op.getRead() != Read::Post)
    return bad("state_mix_c15", "normaliser max needs read post");
  if (op.getForm() == Form::Parallel && op.getDecay() == Decay::Factored)
    return bad("state_mix_c16", "decay factored has no parallel form: use recurrent or chunkwise");
  if (failed(verifyChunk(op, "state_mix_c17", op.getForm(), static_cast<int64_t>(op.getChunk()))))
    return failure();
  auto v = tensorType(op.getV());
  if (failed(verifySegments(op, "state_mix_c18", op.getReset(), op.getLengths(), v.getDimSize(0), v.getDimSize(1))))
    return failure();
  double least = op.getGMin() ? op.getGMin()->convertToDouble() : -std::numeric_limits<double>::infinity();
  if (!(least <= 0) || (op.getGMin() && op.getDecay() == Decay::None))
    return bad("state_mix_c19", "g_min is at most 0 and needs a decay");
  if (op.getDecay() == Decay::Factored)
    return verifyConstantDecay(op, "state_mix_c20", op.getRate(), -std::numeric_limits<double>::infinity(), false);
  return verifyConstantDecay(op, "state_mix_c20", op.getG(), least, false);
}

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
  case Decay::Factored:
    if (!getG() || !hasShape(getG(), {batch, time, heads}) || !getRate() || !hasShape(getRate(), {heads, keyDim}))
      return badDecay("decay factored takes g [B,T,H] and rate [H,K]");
    break;
  }
  if (getRate() && getDecay() != Decay::Factored)
    return badDecay("only decay factored takes a rate");
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
  if (failed(verifyStates(*this, "state_mix_c12", getCarriedStates(), getStates(), getNewStates())))
    return failure();
  return verifyOptions(*this);
}
LogicalResult StateMixOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  return inferMix(loc, adaptor.getV(), adaptor.getStates(), types);
}
SmallVector<Type> StateMixOp::getCarriedStates() {
  auto v = tensorType(getV());
  int64_t heads = v.getDimSize(2), keyDim = innermost(getQ());
  Type element = sumElement(v.getElementType());
  SmallVector<Type> states{StateType::get({heads, keyDim, v.getDimSize(3)}, element)};
  if (getNormaliser() != Normaliser::None)
    states.push_back(StateType::get({heads, keyDim}, element));
  if (getI())
    states.push_back(StateType::get({heads}, element, -1e38));
  return states;
}
ValueRange StateMixOp::getGivenStates() { return getStates(); }
SmallVector<Value> StateMixOp::threadStates(RewriterBase &rewriter, ValueRange states) {
  return threadThrough(*this, rewriter, states);
}

/// An optional number as an attribute.
static FloatAttr optionalNumber(OpBuilder &builder, std::optional<double> number) {
  return number ? builder.getF64FloatAttr(*number) : FloatAttr();
}
static std::optional<double> optionalNumber(std::optional<APFloat> number) {
  return number ? std::optional(number->convertToDouble()) : std::nullopt;
}

void StateMixOp::build(OpBuilder &builder, OperationState &state, const StateMixParts &parts) {
  SmallVector<Type> types{parts.v.getType()};
  llvm::append_range(types, ValueRange(parts.states).getTypes());
  build(builder, state, TypeRange(types), parts.q, parts.k, parts.v, parts.g, parts.rate, parts.a, parts.b, parts.beta,
        parts.u, parts.i, parts.states, parts.reset, parts.lengths, parts.decay, parts.update, parts.read,
        parts.normaliser, APFloat(parts.scale), APFloat(parts.eps), parts.uExp, parts.form, parts.chunk,
        optionalNumber(builder, parts.gMin));
}
StateMixParts StateMixOp::getParts() {
  return {.q = getQ(),
          .k = getK(),
          .v = getV(),
          .g = getG(),
          .rate = getRate(),
          .a = getA(),
          .b = getB(),
          .beta = getBeta(),
          .u = getU(),
          .i = getI(),
          .states = llvm::to_vector(ValueRange(getStates())),
          .reset = getReset(),
          .lengths = getLengths(),
          .decay = getDecay(),
          .update = getUpdate(),
          .read = getRead(),
          .normaliser = getNormaliser(),
          .scale = getScale().convertToDouble(),
          .eps = getEps().convertToDouble(),
          .uExp = getUExp(),
          .form = getForm(),
          .chunk = static_cast<int64_t>(getChunk()),
          .gMin = optionalNumber(getGMin())};
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
  if (failed(verifyStates(*this, "retention_c5", getCarriedStates(), getStates(), getNewStates())) ||
      failed(verifyChunk(*this, "retention_c6", getForm(), static_cast<int64_t>(getChunk()))))
    return failure();
  auto v = tensorType(getV());
  return verifySegments(*this, "retention_c7", getReset(), getLengths(), v.getDimSize(0), v.getDimSize(1));
}
LogicalResult RetentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  return inferMix(loc, adaptor.getV(), adaptor.getStates(), types);
}
SmallVector<Type> RetentionOp::getCarriedStates() {
  auto v = tensorType(getV());
  return {StateType::get({v.getDimSize(2), innermost(getQ()), v.getDimSize(3)}, sumElement(v.getElementType()))};
}
ValueRange RetentionOp::getGivenStates() { return getStates(); }
SmallVector<Value> RetentionOp::threadStates(RewriterBase &rewriter, ValueRange states) {
  return threadThrough(*this, rewriter, states);
}
void RetentionOp::build(OpBuilder &builder, OperationState &state, Value q, Value k, Value v, double scale,
                        ArrayRef<double> logDecay) {
  DenseF64ArrayAttr decays = logDecay.empty() ? DenseF64ArrayAttr() : builder.getDenseF64ArrayAttr(logDecay);
  build(builder, state, TypeRange{v.getType()}, q, k, v, ValueRange(), Value(), Value(), decays, APFloat(scale),
        Form::Auto, /*chunk=*/0);
}
