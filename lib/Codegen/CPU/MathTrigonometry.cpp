//===- MathTrigonometry.cpp - Sine and cosine in f32 ----------------------===//

#include "MathFunctions.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace seqc::cpu;

/// Up to here a π/2 of three f32 is precise enough to subtract multiples of it.
static constexpr double kHugeAngle = 0x1p17;

MathFunctions::Angle MathFunctions::reduceAngle(Value x) {
  auto [whole, quadrant] = roundScaled(x, 0.636619772367581343);
  Value rest = fma(whole, constant(-1.57079637f), x);
  rest = fma(whole, constant(4.37113883e-8f), rest);
  rest = fma(whole, constant(1.71512451e-15f), rest);

  // Infinity is not huge: its rest is NaN already.
  Value magnitude = abs(x);
  Value isHuge = arith::AndIOp::create(
      b, compare(arith::CmpFPredicate::OGT, magnitude, constant(kHugeAngle)),
      compare(arith::CmpFPredicate::OLT, magnitude, constant(std::numeric_limits<float>::infinity())));
  Value any = isHuge;
  if (auto vector = dyn_cast<VectorType>(type)) {
    Type flat = VectorType::get({vector.getNumElements()}, b.getI1Type());
    any = vector::ShapeCastOp::create(b, flat, any);
    any = vector::ReductionOp::create(b, vector::CombiningKind::OR, any);
  }
  auto branch = scf::IfOp::create(b, TypeRange{quadrant.getType(), type}, any, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Angle huge = reduceHugeAngle(x);
  scf::YieldOp::create(b, ValueRange{select(isHuge, huge.quadrant, quadrant), select(isHuge, huge.rest, rest)});
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, ValueRange{quadrant, rest});
  return {branch.getResult(0), branch.getResult(1)};
}

// Payne and Hanek's reduction: of the product of |x| = m 2^e and 2/π only the bits of weight
// 2^1 and less count, and of 2/π only those that reach them. m times 96 bits of 2/π, chosen by
// e, gives the quadrant and 60 bits behind the point.
MathFunctions::Angle MathFunctions::reduceHugeAngle(Value x) {
  static constexpr uint64_t kTwoOverPi[] = {0,          0xa2f9836e, 0x4e441529, 0xfc2757d1,
                                            0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab};
  Type i32 = like(b.getI32Type()), i64 = like(b.getI64Type()), f64 = like(b.getF64Type());
  Value bits = asInteger(x);
  Value biased = andInt(shiftRightZero(bits, integer(23)), integer(0xff));
  Value significand = orInt(andInt(bits, integer(0x7fffff)), integer(0x800000));
  significand = arith::ExtUIOp::create(b, i64, significand);

  // The first bit that counts, from the start of the table.
  Value first = subInt(biased, integer(150 - 30));
  Value word = shiftRightZero(first, integer(5));
  Value shift = arith::ExtUIOp::create(b, i64, andInt(first, integer(31)));
  auto wordAt = [&](int64_t offset) {
    Value result = wide(kTwoOverPi[offset]);
    for (int64_t i = 1; i <= 4; ++i) {
      Value isThis = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, word, integer(i));
      result = select(isThis, wide(kTwoOverPi[offset + i]), result);
    }
    return result;
  };
  SmallVector<Value> window;
  for (int64_t i = 0; i < 3; ++i) {
    Value pair = orInt(shiftLeft(wordAt(i), wide(32)), wordAt(i + 1));
    window.push_back(andInt(shiftRightZero(pair, subInt(wide(32), shift)), wide(0xffffffff)));
  }
  Value product = shiftLeft(mulInt(significand, window[0]), wide(32));
  product = addInt(product, mulInt(significand, window[1]));
  product = addInt(product, shiftRightZero(mulInt(significand, window[2]), wide(32)));

  // Two bits of quadrant before the point, 62 behind it: to the nearest quadrant.
  Value nearest = shiftRightZero(addInt(product, wide(uint64_t(1) << 61)), wide(62));
  Value fraction = subInt(product, shiftLeft(nearest, wide(62)));
  Value angle = arith::SIToFPOp::create(b, f64, fraction);
  Value unit = constantOf(b.getF64FloatAttr(1.57079632679489662 * 0x1p-62));
  Value rest = arith::TruncFOp::create(b, type, arith::MulFOp::create(b, angle, unit));
  Value quadrant = arith::TruncIOp::create(b, i32, nearest);
  Value isNegative = compare(arith::CmpFPredicate::OLT, x, constant(0));
  return {select(isNegative, subInt(integer(0), quadrant), quadrant),
          select(isNegative, arith::NegFOp::create(b, rest), rest)};
}

Value MathFunctions::sineOf(const Angle &angle) {
  Value r = angle.rest, square = mul(r, r);
  Value sine = polynomial(square, {-0.166666672f, 0.00833332911f, -0.000198392969f, 2.71797126e-06f});
  sine = fma(mul(square, r), sine, r);
  Value cosine = polynomial(square, {0.0416666679f, -0.00138888834f, 2.47994431e-05f, -2.72043366e-07f});
  cosine = fma(mul(square, square), cosine, fma(square, constant(-0.5), constant(1)));
  Value isOdd = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, andInt(angle.quadrant, integer(1)), integer(0));
  Value value = asInteger(select(isOdd, cosine, sine));
  // The second bit of the quadrant becomes the sign.
  Value sign = shiftLeft(andInt(angle.quadrant, integer(2)), integer(30));
  return asFloat(arith::XOrIOp::create(b, value, sign));
}

Value MathFunctions::sin(Value x) {
  // The sum that ends the polynomial would lose the sign of a zero.
  return select(compare(arith::CmpFPredicate::OEQ, x, constant(0)), x, sineOf(reduceAngle(x)));
}

Value MathFunctions::cos(Value x) {
  Angle angle = reduceAngle(x);
  return sineOf({addInt(angle.quadrant, integer(1)), angle.rest});
}

std::pair<Value, Value> MathFunctions::sinCosInDouble(Value x) {
  // π/2 in two f64; the first product is exact until it is added.
  Value rounder = constant64(0x1.8p52), shifted = fma(x, constant64(0.63661977236758134), rounder);
  Value whole = sub(shifted, rounder);
  Value r = fma(whole, constant64(-1.5707963267948966), x);
  r = fma(whole, constant64(-6.123233995736766e-17), r);
  Value square = mul(r, r);
  Value sine =
      polynomial64(square, {1.0, -1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800, 1.0 / 6227020800});
  sine = mul(sine, r);
  Value cosine = polynomial64(
      square, {1.0, -1.0 / 2, 1.0 / 24, -1.0 / 720, 1.0 / 40320, -1.0 / 3628800, 1.0 / 479001600, -1.0 / 87178291200});
  // The quadrant stands in the low bits of the sum.
  Value quadrant = arith::BitcastOp::create(b, like(b.getI64Type()), shifted);
  auto isSet = [&](Value bits, uint64_t bit) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, andInt(bits, wide(bit)), wide(0));
  };
  auto signedBy = [&](Value bits, Value value) {
    return select(isSet(bits, 2), arith::NegFOp::create(b, value), value);
  };
  Value isOdd = isSet(quadrant, 1);
  return {signedBy(quadrant, select(isOdd, cosine, sine)),
          signedBy(addInt(quadrant, wide(1)), select(isOdd, sine, cosine))};
}
