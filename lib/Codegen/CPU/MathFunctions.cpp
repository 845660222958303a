//===- MathFunctions.cpp - Exponentials, logarithms and kin in f32 --------===//

#include "MathFunctions.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace seqc::cpu;

//===----------------------------------------------------------------------===//
// Constants and arithmetic
//===----------------------------------------------------------------------===//

Type MathFunctions::like(Type element) const {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? Type(vector.clone(element)) : element;
}

Value MathFunctions::constantOf(Attribute element) {
  Type elementType = cast<TypedAttr>(element).getType();
  auto shaped = dyn_cast<ShapedType>(like(elementType));
  return arith::ConstantOp::create(b, shaped ? TypedAttr(DenseElementsAttr::get(shaped, element))
                                             : cast<TypedAttr>(element));
}
Value MathFunctions::constant(double value) { return constantOf(b.getF32FloatAttr(static_cast<float>(value))); }
Value MathFunctions::integer(int64_t value) { return constantOf(b.getI32IntegerAttr(static_cast<int32_t>(value))); }
Value MathFunctions::wide(uint64_t value) { return constantOf(b.getI64IntegerAttr(static_cast<int64_t>(value))); }

Value MathFunctions::add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
Value MathFunctions::sub(Value x, Value y) { return arith::SubFOp::create(b, x, y); }
Value MathFunctions::mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
Value MathFunctions::div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
Value MathFunctions::fma(Value x, Value y, Value z) { return math::FmaOp::create(b, x, y, z); }
Value MathFunctions::abs(Value x) { return math::AbsFOp::create(b, x); }
Value MathFunctions::copySign(Value magnitude, Value sign) { return math::CopySignOp::create(b, magnitude, sign); }
Value MathFunctions::compare(arith::CmpFPredicate predicate, Value x, Value y) {
  return arith::CmpFOp::create(b, predicate, x, y);
}
Value MathFunctions::select(Value condition, Value x, Value y) { return arith::SelectOp::create(b, condition, x, y); }
// This form is one vminps or vmaxps, which return their second operand for NaN.
Value MathFunctions::atMost(Value x, double bound) {
  Value limit = constant(bound);
  return select(compare(arith::CmpFPredicate::OGT, x, limit), limit, x);
}
Value MathFunctions::atLeast(Value x, double bound) {
  Value limit = constant(bound);
  return select(compare(arith::CmpFPredicate::OLT, x, limit), limit, x);
}
Value MathFunctions::asInteger(Value x) { return arith::BitcastOp::create(b, like(b.getI32Type()), x); }
Value MathFunctions::asFloat(Value x) { return arith::BitcastOp::create(b, type, x); }
Value MathFunctions::addInt(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
Value MathFunctions::subInt(Value x, Value y) { return arith::SubIOp::create(b, x, y); }
Value MathFunctions::mulInt(Value x, Value y) { return arith::MulIOp::create(b, x, y); }
Value MathFunctions::andInt(Value x, Value y) { return arith::AndIOp::create(b, x, y); }
Value MathFunctions::orInt(Value x, Value y) { return arith::OrIOp::create(b, x, y); }
Value MathFunctions::shiftLeft(Value x, Value bits) { return arith::ShLIOp::create(b, x, bits); }
Value MathFunctions::shiftRight(Value x, Value bits) { return arith::ShRSIOp::create(b, x, bits); }
Value MathFunctions::shiftRightZero(Value x, Value bits) { return arith::ShRUIOp::create(b, x, bits); }

Value MathFunctions::polynomial(Value x, Coefficients c) {
  Value sum = constant(c.back());
  for (float coefficient : llvm::reverse(c.drop_back()))
    sum = fma(sum, x, constant(coefficient));
  return sum;
}

//===----------------------------------------------------------------------===//
// Exponentials
//===----------------------------------------------------------------------===//

// A number of this size has no bits behind the point: adding it rounds to an integer, which
// then stands in the low bits of the sum. Unlike a conversion, that is defined for NaN too.
static constexpr double kRounder = 0x1.8p23;
static constexpr int32_t kRounderBits = 0x4b400000;

std::pair<Value, Value> MathFunctions::roundScaled(Value x, double scale) {
  Value shifted = fma(x, constant(scale), constant(kRounder));
  Value whole = sub(shifted, constant(kRounder));
  return {whole, subInt(asInteger(shifted), integer(kRounderBits))};
}

MathFunctions::Reduced MathFunctions::reduceExp(Value x) {
  auto [whole, integer] = roundScaled(x, 1.44269504088896341);
  // ln(2) in two f32; the first product is exact.
  Value rest = fma(whole, constant(-0.693147182f), x);
  return {whole, integer, fma(whole, constant(1.90465421e-9f), rest)};
}

Value MathFunctions::powerOfTwo(Value n) { return asFloat(shiftLeft(addInt(n, integer(127)), integer(23))); }

/// The instruction that multiplies by a power of two, for this many lanes.
static const char *scaleIntrinsic(int64_t lanes) {
  switch (lanes) {
  case 4:
    return "llvm.x86.avx512.mask.scalef.ps.128";
  case 8:
    return "llvm.x86.avx512.mask.scalef.ps.256";
  case 16:
    return "llvm.x86.avx512.mask.scalef.ps.512";
  default:
    return nullptr;
  }
}

Value MathFunctions::scale(Value x, const Reduced &by) {
  auto vector = dyn_cast<VectorType>(type);
  int64_t lanes = vector && vector.getRank() == 1 ? vector.getNumElements() : 0;
  const char *intrinsic = avx512 ? scaleIntrinsic(lanes) : nullptr;
  if (!intrinsic) {
    // In two steps: one factor alone can not hold the range of exponents. The first product is
    // exact, so that a denormal result is rounded once.
    Value half = shiftRight(by.integer, integer(1));
    return mul(mul(x, powerOfTwo(half)), powerOfTwo(subInt(by.integer, half)));
  }
  Type mask = b.getIntegerType(lanes == 16 ? 16 : 8);
  Value all = arith::ConstantOp::create(b, b.getIntegerAttr(mask, -1));
  SmallVector<Value> operands{x, by.whole, x, all};
  if (lanes == 16) // the rounding mode: the current one
    operands.push_back(arith::ConstantOp::create(b, b.getI32IntegerAttr(4)));
  return LLVM::CallIntrinsicOp::create(b, type, b.getStringAttr(intrinsic), operands).getResult(0);
}

Value MathFunctions::expm1OfRest(Value rest) {
  Value tail = polynomial(rest, {0.49999994f, 0.166665211f, 0.041668389f, 0.00836874545f, 0.00138145464f});
  return fma(mul(rest, rest), tail, rest);
}

Value MathFunctions::expInRange(Value x) {
  Reduced reduced = reduceExp(x);
  Value p = polynomial(reduced.rest, {1, 1, 0.49999994f, 0.166665211f, 0.041668389f, 0.00836874545f, 0.00138145464f});
  return scale(p, reduced);
}

Value MathFunctions::exp(Value x) { return expInRange(atLeast(atMost(x, 89), -104)); }

Value MathFunctions::exp2(Value x) {
  Value bounded = atLeast(atMost(x, 129), -151);
  auto [whole, integer] = roundScaled(bounded, 1);
  Value rest = sub(bounded, whole);
  Value p =
      polynomial(rest, {1, 0.693147182f, 0.240226477f, 0.0555033199f, 0.00961843878f, 0.00133990031f, 0.00015353247f});
  return scale(p, {whole, integer, rest});
}

Value MathFunctions::expm1(Value x) {
  // Below -30 the result is -1 to the last bit.
  Reduced reduced = reduceExp(atLeast(atMost(x, 89), -30));
  // 2^n (rest + 1) - 1, halved until the end so that 2^128 does not appear.
  Value half = powerOfTwo(subInt(reduced.integer, integer(1)));
  Value result = fma(half, expm1OfRest(reduced.rest), sub(half, constant(0.5)));
  return add(result, result);
}

Value MathFunctions::tanh(Value x) {
  // (1 - e) / (1 + e) with e = exp(-2|x|), by e - 1, which keeps its precision near 0.
  Value e = expm1(mul(abs(x), constant(-2)));
  return copySign(div(e, add(e, constant(2))), x);
}

Value MathFunctions::erf(Value x) {
  Value magnitude = abs(x);
  Value small = polynomial(mul(x, x), {0.128379166f, -0.376126349f, 0.112837106f, -0.0268602427f, 0.0052031707f,
                                       -0.000816747022f, 8.47698175e-05f});
  small = fma(x, small, x);
  // From 4 on the result is 1 to the last bit.
  Value logErfc =
      polynomial(atMost(magnitude, 4), {0.000145869126f, -1.12935603f, -0.63372308f, -0.107780814f, 0.0247132108f,
                                        -0.00396370748f, 0.000369641086f, -9.75304738e-06f, -8.50195988e-07f});
  Value large = copySign(sub(constant(1), expInRange(logErfc)), x);
  return select(compare(arith::CmpFPredicate::OLT, magnitude, constant(0.9)), small, large);
}

//===----------------------------------------------------------------------===//
// Logarithms
//===----------------------------------------------------------------------===//

static constexpr int32_t kSqrtHalfBits = 0x3f3504f3;

MathFunctions::Split MathFunctions::split(Value x) {
  // Denormals become normal numbers first.
  Value isDenormal = compare(arith::CmpFPredicate::OLT, x, constant(0x1p-126));
  Value bits = asInteger(select(isDenormal, mul(x, constant(0x1p23)), x));
  Value exponent = shiftRight(subInt(bits, integer(kSqrtHalfBits)), integer(23));
  Value significand = asFloat(subInt(bits, shiftLeft(exponent, integer(23))));
  exponent = addInt(exponent, select(isDenormal, integer(-23), integer(0)));
  return {exponent, sub(significand, constant(1))};
}

Value MathFunctions::logTail(Value rest) {
  Value square = mul(rest, rest);
  Value cubic = polynomial(rest, {0.333333313f, -0.250008225f, 0.200012267f, -0.166233569f, 0.142017424f, -0.131601766f,
                                  0.127616927f, -0.0763466433f});
  return fma(mul(square, rest), cubic, mul(square, constant(-0.5)));
}

Value MathFunctions::logOfSplit(const Split &split) {
  Value exponent = arith::SIToFPOp::create(b, type, split.exponent);
  Value tail = fma(exponent, constant(-1.90465421e-9f), logTail(split.rest));
  return fma(exponent, constant(0.693147182f), add(split.rest, tail));
}

Value MathFunctions::logSpecials(Value x, Value result) {
  float infinity = std::numeric_limits<float>::infinity();
  // Infinity and NaN give themselves.
  result = select(compare(arith::CmpFPredicate::OLT, x, constant(infinity)), result, x);
  result = select(compare(arith::CmpFPredicate::OLT, x, constant(0)), constant(std::nanf("")), result);
  return select(compare(arith::CmpFPredicate::OEQ, x, constant(0)), constant(-infinity), result);
}

Value MathFunctions::log(Value x) { return logSpecials(x, logOfSplit(split(x))); }

Value MathFunctions::log2(Value x) {
  Split parts = split(x);
  // log2(e) in two f32.
  Value high = constant(1.44269502f);
  Value low = fma(parts.rest, constant(1.92596303e-8f), mul(logTail(parts.rest), high));
  Value exponent = arith::SIToFPOp::create(b, type, parts.exponent);
  return logSpecials(x, add(exponent, fma(parts.rest, high, low)));
}

Value MathFunctions::log1p(Value x) {
  Value sum = add(x, constant(1));
  Split parts = split(sum);
  // The rest again, without the rounding of the sum: (1 + x) 2^-exponent - 1. From 2^24 on
  // the 1 does not matter, and the power would leave the range of exponents.
  Value power = powerOfTwo(subInt(integer(0), parts.exponent));
  Value rest = fma(x, power, sub(power, constant(1)));
  Value isLarge = compare(arith::CmpFPredicate::OGT, x, constant(0x1p24));
  parts.rest = select(isLarge, parts.rest, rest);
  return logSpecials(sum, logOfSplit(parts));
}

Value MathFunctions::softplus(Value x) {
  // max(x, 0) + log(1 + e) with e = exp(-|x|), of which only (0, 1] has to be known.
  Value e = expInRange(atLeast(arith::NegFOp::create(b, abs(x)), -104));
  Value tail = polynomial(e, {-0.499996483f, 0.33321321f, -0.248571619f, 0.191536531f, -0.137538016f, 0.0792045295f,
                              -0.0300657861f, 0.00536482176f});
  return add(atLeast(x, 0), fma(mul(e, e), tail, e));
}
