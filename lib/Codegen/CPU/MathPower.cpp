//===- MathPower.cpp - Powers in f32 --------------------------------------===//
//
// x^y = 2^(y log2 |x|), where an error of the logarithm is multiplied by as much as 150: so
// both steps are in f64, to some 2^-42.
//
//===----------------------------------------------------------------------===//

#include "MathFunctions.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace seqc::cpu;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

Value MathFunctions::constant64(double value) { return constantOf(b.getF64FloatAttr(value)); }

Value MathFunctions::polynomial64(Value x, ArrayRef<double> c) {
  Value sum = constant64(c.back());
  for (double coefficient : llvm::reverse(c.drop_back()))
    sum = fma(sum, x, constant64(coefficient));
  return sum;
}

/// The logarithm of a number that is not negative, as f64 from f64.
Value MathFunctions::log2InDouble(Value x) {
  Type i64 = like(b.getI64Type()), f64 = like(b.getF64Type());
  Value bits = arith::BitcastOp::create(b, i64, x);
  Value exponent = shiftRight(subInt(bits, wide(0x3fe6a09e667f3bcd)), wide(52)); // from sqrt(1/2)
  Value significand = arith::BitcastOp::create(b, f64, subInt(bits, shiftLeft(exponent, wide(52))));
  // log(m) = 2 atanh((m - 1) / (m + 1)), by the series of atanh.
  Value ratio = div(sub(significand, constant64(1)), add(significand, constant64(1)));
  Value series =
      polynomial64(mul(ratio, ratio), {1.0, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15});
  Value fraction = mul(mul(ratio, constant64(2 / M_LN2)), series);
  Value result = add(arith::SIToFPOp::create(b, f64, exponent), fraction);
  result = select(compare(arith::CmpFPredicate::OLT, x, constant64(kInfinity)), result, x);
  return select(compare(arith::CmpFPredicate::OEQ, x, constant64(0)), constant64(-kInfinity), result);
}

/// 2^x as f64 from f64, for what becomes f32: beyond 200 it does not matter how large x is.
Value MathFunctions::exp2InDouble(Value x) {
  x = select(compare(arith::CmpFPredicate::OGT, x, constant64(200)), constant64(200), x);
  x = select(compare(arith::CmpFPredicate::OLT, x, constant64(-200)), constant64(-200), x);
  Value rounder = constant64(0x1.8p52), shifted = add(x, rounder);
  Value rest = mul(sub(x, sub(shifted, rounder)), constant64(M_LN2));
  Value series = polynomial64(rest, {1.0, 1.0, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040,
                                     1.0 / 40320, 1.0 / 362880, 1.0 / 3628800});
  // The integer stands in the low bits of the sum; it is added to the exponent.
  Type i64 = like(b.getI64Type());
  Value integer = shiftLeft(arith::BitcastOp::create(b, i64, shifted), wide(52));
  Value bits = addInt(arith::BitcastOp::create(b, i64, series), integer);
  return arith::BitcastOp::create(b, like(b.getF64Type()), bits);
}

Value MathFunctions::pow(Value x, Value y) {
  Type f64 = like(b.getF64Type());
  Value magnitude = abs(x);
  Value exponent = mul(arith::ExtFOp::create(b, f64, y), log2InDouble(arith::ExtFOp::create(b, f64, magnitude)));
  // 1 to the power of infinity is 1.
  Value isUnit = compare(arith::CmpFPredicate::OEQ, magnitude, constant(1));
  exponent = select(isUnit, constant64(0), exponent);
  Value result = arith::TruncFOp::create(b, type, exp2InDouble(exponent));

  auto isWhole = [&](Value value) {
    return compare(arith::CmpFPredicate::OEQ, math::FloorOp::create(b, value), value);
  };
  auto both = [&](Value first, Value second) -> Value { return arith::AndIOp::create(b, first, second); };
  Value wholeExponent = isWhole(y), wholeHalf = isWhole(mul(y, constant(0.5)));
  Value isFiniteNegative = both(compare(arith::CmpFPredicate::OLT, x, constant(0)),
                                compare(arith::CmpFPredicate::OLT, magnitude, constant(kInfinity)));
  result = select(isFiniteNegative, select(wholeExponent, result, constant(std::nanf(""))), result);
  // An odd exponent keeps the sign of x, be it of a zero.
  Value negated = copySign(result, x);
  result = select(wholeExponent, select(wholeHalf, result, negated), result);
  result = select(compare(arith::CmpFPredicate::OEQ, y, constant(0)), constant(1), result);
  return select(compare(arith::CmpFPredicate::OEQ, x, constant(1)), constant(1), result);
}
