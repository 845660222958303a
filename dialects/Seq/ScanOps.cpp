//===- ScanOps.cpp - Diagonal scans, short convolutions, shifts -----------===//

#include "dialects/Seq/Verify.h"
#include <limits>

using namespace mlir;
using namespace mlir::seq;

static constexpr double kNoBound = -std::numeric_limits<double>::infinity();

/// The result has the type of x; states come back.
static LogicalResult inferLike(std::optional<Location> loc, Value x, ValueRange states, SmallVectorImpl<Type> &types) {
  if (!isa<RankedTensorType>(x.getType()))
    return emitOptionalError(loc, "x is a ranked tensor");
  types.push_back(x.getType());
  llvm::append_range(types, states.getTypes());
  return success();
}

#define CARRYING_LIKE_X(OP)                                                                                            \
  LogicalResult OP::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,                      \
                                     SmallVectorImpl<Type> &types) {                                                   \
    return inferLike(loc, adaptor.getX(), adaptor.getStates(), types);                                                 \
  }                                                                                                                    \
  ValueRange OP::getGivenStates() { return getStates(); }                                                              \
  SmallVector<Value> OP::threadStates(RewriterBase &rewriter, ValueRange states) {                                     \
    return threadThrough(*this, rewriter, states);                                                                     \
  }
CARRYING_LIKE_X(SelectiveScanOp)
CARRYING_LIKE_X(ScanOp)
CARRYING_LIKE_X(ConvOp)
CARRYING_LIKE_X(TokenShiftOp)
#undef CARRYING_LIKE_X

/// Whether a type is a tensor of at least this rank whose dimensions behind batch and time
/// are positive constants.
static bool isSequence(RankedTensorType type, int64_t rank) {
  return type && type.getRank() >= rank &&
         llvm::all_of(type.getShape().drop_front(2), [](int64_t extent) { return extent > 0; });
}

//===----------------------------------------------------------------------===//
// selective_scan
//===----------------------------------------------------------------------===//

bool SelectiveScanOp::isHeadForm() { return tensorType(getX()).getRank() == 4; }

/// Shapes of dt, A, B and C.
static LogicalResult verifySystem(SelectiveScanOp op) {
  auto x = tensorType(op.getX()), a = tensorType(op.getA()), b = tensorType(op.getB());
  int64_t batch = x.getDimSize(0), time = x.getDimSize(1), channels = x.getDimSize(2);
  bool head = op.isHeadForm(), isComplex = op.getComplex();
  if (!hasShape(op.getDt(), {batch, time, channels}))
    return violate(op, "selective_scan_c2", "dt is [B,T,D], or [B,T,H] where x is [B,T,H,P]");
  if (isComplex && head)
    return violate(op, "selective_scan_c3", "complex needs the channel form, with x [B,T,D]");
  int64_t rank = head ? 1 : isComplex ? 3 : 2;
  if (!a || a.getRank() != rank || a.getDimSize(0) != channels ||
      llvm::any_of(a.getShape(), [](int64_t extent) { return extent <= 0; }) || (isComplex && a.getDimSize(2) != 2))
    return violate(op, "selective_scan_c4", "A is [D,N], complex [D,N,2], or [H] where x is [B,T,H,P], all constant");
  bool isSystem = isSequence(b, 4) && b.getRank() == (isComplex ? 5 : 4) && (!isComplex || b.getDimSize(4) == 2) &&
                  (head || b.getDimSize(3) == a.getDimSize(1)) && compatible(b.getDimSize(0), batch) &&
                  compatible(b.getDimSize(1), time);
  if (!isSystem || !hasShape(op.getC(), b.getShape()))
    return violate(op, "selective_scan_c5", "B and C are [B,T,G,N], complex [B,T,G,N,2], with the N of A");
  if (channels % b.getDimSize(2) != 0)
    return violate(op, "selective_scan_c6",
                   "the " + Twine(b.getDimSize(2)) + " groups of B and C must divide the " + Twine(channels) +
                       (head ? " heads of x" : " channels of x"));
  return success();
}

/// Shapes of skip, z and dt_bias.
static LogicalResult verifyExtras(SelectiveScanOp op) {
  auto x = tensorType(op.getX());
  int64_t channels = x.getDimSize(2);
  bool perHead = hasShape(op.getSkip(), {channels});
  if (!perHead && !(op.isHeadForm() && hasShape(op.getSkip(), {channels, x.getDimSize(3)})))
    return violate(op, "selective_scan_c7", "skip is [D], or [H] or [H,P] where x is [B,T,H,P]");
  if (!hasShape(op.getZ(), x.getShape()))
    return violate(op, "selective_scan_c8", "z has the shape of x");
  if (!hasShape(op.getDtBias(), {channels}))
    return violate(op, "selective_scan_c9", "dt_bias is [D], or [H] where x is [B,T,H,P]");
  auto number = [](std::optional<APFloat> given, double otherwise) {
    return given ? given->convertToDouble() : otherwise;
  };
  if (!(number(op.getDtMin(), kNoBound) <= number(op.getDtMax(), -kNoBound)))
    return violate(op, "selective_scan_c10", "dt_min is not above dt_max");
  return success();
}

LogicalResult SelectiveScanOp::verify() {
  auto x = tensorType(getX());
  if (!isSequence(x, 3) || x.getRank() > 4)
    return violate(*this, "selective_scan_c1", "x is [B,T,D] or [B,T,H,P], channels and heads positive constants");
  if (failed(verifySystem(*this)) || failed(verifyExtras(*this)) ||
      failed(verifyConstantDecay(*this, "selective_scan_c11", getA(), kNoBound, getComplex())))
    return failure();
  if (getForm() == Form::Parallel && !isHeadForm())
    return violate(*this, "selective_scan_c12",
                   "the channel form has no parallel form, its decay is factored: use recurrent or chunkwise");
  if (failed(verifyChunk(*this, "selective_scan_c13", getForm(), static_cast<int64_t>(getChunk()))) ||
      failed(verifySegments(*this, "selective_scan_c14", getReset(), getLengths(), x.getDimSize(0), x.getDimSize(1))))
    return failure();
  return verifyStates(*this, "selective_scan_c15", getCarriedStates(), getStates(), getNewStates());
}
SmallVector<Type> SelectiveScanOp::getCarriedStates() {
  auto x = tensorType(getX());
  Type element = sumElement(x.getElementType());
  if (isHeadForm())
    return {StateType::get({x.getDimSize(2), innermost(getB()), x.getDimSize(3)}, element)};
  return {StateType::get(tensorType(getA()).getShape(), element)};
}

void SelectiveScanOp::build(OpBuilder &builder, OperationState &state, const SelectiveScanParts &parts) {
  SmallVector<Type> types{parts.x.getType()};
  llvm::append_range(types, ValueRange(parts.states).getTypes());
  auto number = [&](std::optional<double> given) { return given ? builder.getF64FloatAttr(*given) : FloatAttr(); };
  build(builder, state, TypeRange(types), parts.x, parts.dt, parts.a, parts.b, parts.c, parts.skip, parts.z,
        parts.dtBias, parts.states, parts.reset, parts.lengths, parts.dtSoftplus, number(parts.dtMin),
        number(parts.dtMax), parts.isComplex, parts.form, parts.chunk);
}
SelectiveScanParts SelectiveScanOp::getParts() {
  auto number = [](std::optional<APFloat> given) {
    return given ? std::optional(given->convertToDouble()) : std::nullopt;
  };
  return {.x = getX(),
          .dt = getDt(),
          .a = getA(),
          .b = getB(),
          .c = getC(),
          .skip = getSkip(),
          .z = getZ(),
          .dtBias = getDtBias(),
          .states = llvm::to_vector(ValueRange(getStates())),
          .reset = getReset(),
          .lengths = getLengths(),
          .dtSoftplus = getDtSoftplus(),
          .dtMin = number(getDtMin()),
          .dtMax = number(getDtMax()),
          .isComplex = getComplex(),
          .form = getForm(),
          .chunk = static_cast<int64_t>(getChunk())};
}

//===----------------------------------------------------------------------===//
// scan
//===----------------------------------------------------------------------===//

LogicalResult ScanOp::verify() {
  auto x = tensorType(getX());
  if (!isSequence(x, 3))
    return violate(*this, "scan_c1", "x is [B,T,...] with positive constants behind the time");
  if (!hasShape(getG(), x.getShape()) && !hasShape(getG(), x.getShape().drop_front(2)))
    return violate(*this, "scan_c2", "g has the shape of x, or that shape without batch and time");
  if (getComplex() && x.getShape().back() != 2)
    return violate(*this, "scan_c3", "complex needs a last dimension of 2: real and imaginary part");
  if (failed(verifyConstantDecay(*this, "scan_c4", getG(), kNoBound, getComplex())) ||
      failed(verifyChunk(*this, "scan_c5", getForm(), static_cast<int64_t>(getChunk()))) ||
      failed(verifySegments(*this, "scan_c6", getReset(), getLengths(), x.getDimSize(0), x.getDimSize(1))))
    return failure();
  return verifyStates(*this, "scan_c7", getCarriedStates(), getStates(), getNewStates());
}
SmallVector<Type> ScanOp::getCarriedStates() {
  auto x = tensorType(getX());
  return {StateType::get(x.getShape().drop_front(2), sumElement(x.getElementType()))};
}
void ScanOp::build(OpBuilder &builder, OperationState &state, Value x, Value g, bool isComplex, Value reset) {
  build(builder, state, TypeRange{x.getType()}, x, g, ValueRange(), reset, Value(), isComplex, Form::Auto,
        /*chunk=*/0);
}

//===----------------------------------------------------------------------===//
// conv
//===----------------------------------------------------------------------===//

LogicalResult ConvOp::verify() {
  auto x = tensorType(getX()), w = tensorType(getW());
  if (!isSequence(x, 3) || x.getRank() != 3)
    return violate(*this, "conv_c1", "x is [B,T,D] with a positive constant D");
  if (!w || w.getRank() != 2 || w.getDimSize(0) != x.getDimSize(2) || w.getDimSize(1) <= 0)
    return violate(*this, "conv_c2", "w is [D,W] with the D of x and a positive constant W");
  if (!hasShape(getBias(), {x.getDimSize(2)}))
    return violate(*this, "conv_c3", "bias is [D]");
  if (failed(verifySegments(*this, "conv_c4", getReset(), getLengths(), x.getDimSize(0), x.getDimSize(1))))
    return failure();
  return verifyStates(*this, "conv_c5", getCarriedStates(), getStates(), getNewStates());
}
SmallVector<Type> ConvOp::getCarriedStates() {
  auto x = tensorType(getX());
  int64_t before = innermost(getW()) - 1;
  if (before == 0)
    return {};
  return {StateType::get({before, x.getDimSize(2)}, x.getElementType())};
}
void ConvOp::build(OpBuilder &builder, OperationState &state, Value x, Value w, Value bias, Activation activation) {
  build(builder, state, TypeRange{x.getType()}, x, w, bias, ValueRange(), Value(), Value(), activation);
}

//===----------------------------------------------------------------------===//
// token_shift
//===----------------------------------------------------------------------===//

LogicalResult TokenShiftOp::verify() {
  auto x = tensorType(getX());
  if (!isSequence(x, 3) || x.getRank() != 3)
    return violate(*this, "token_shift_c1", "x is [B,T,D] with a positive constant D");
  if (failed(verifySegments(*this, "token_shift_c3", getReset(), getLengths(), x.getDimSize(0), x.getDimSize(1))))
    return failure();
  return verifyStates(*this, "token_shift_c2", getCarriedStates(), getStates(), getNewStates());
}
SmallVector<Type> TokenShiftOp::getCarriedStates() {
  return {StateType::get({innermost(getX())}, tensorType(getX()).getElementType())};
}
void TokenShiftOp::build(OpBuilder &builder, OperationState &state, Value x) {
  build(builder, state, TypeRange{x.getType()}, x, ValueRange(), Value(), Value());
}
