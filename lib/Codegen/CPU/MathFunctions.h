//===- MathFunctions.h - Mathematical functions in f32 ----------*- C++ -*-===//
//
// Every function is straight-line arithmetic (but for sin and cos of huge arguments) on
// a scalar or a vector of f32, in the rounding mode to nearest, with denormals. NaN gives
// NaN; infinities, zeros and overflow give what C's functions give, except that the sign
// of a zero result is unspecified for sin. Largest errors, over all f32 arguments:
//
//   exp, exp2, log, log2, erf, powf 1 ulp    expm1, log1p 1.5 ulp    sin, cos 2 ulp
//   tanh 2.5 ulp
//
// test/unit/Codegen/ExpandMathTest.cpp asserts them; coefficients.py made the polynomials.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_MATHFUNCTIONS_H
#define SEQ_LIB_CODEGEN_CPU_MATHFUNCTIONS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace seqc::cpu {

class MathFunctions {
public:
  /// Functions on values of `type` (f32 or a vector of it), written where `builder` stands.
  MathFunctions(mlir::ImplicitLocOpBuilder &builder, mlir::Type type, bool avx512)
      : b(builder), type(type), avx512(avx512) {}

  using Value = mlir::Value;

  Value exp(Value x);
  Value exp2(Value x);
  Value expm1(Value x);
  Value log(Value x);
  Value log2(Value x);
  Value log1p(Value x);
  /// log(1 + exp(x)) to 3 ulp, for half of what its parts take.
  Value softplus(Value x);
  Value tanh(Value x);
  Value erf(Value x);
  Value sin(Value x);
  Value cos(Value x);
  Value pow(Value x, Value y);

  /// In f64, of f64 of the shape of `type`: 2^x to 1e-12, x as if within [-200, 200]; sine and cosine
  /// to 1e-11 for |x| up to 1e9.
  Value exp2InDouble(Value x);
  std::pair<Value, Value> sinCosInDouble(Value x);

private:
  using Coefficients = llvm::ArrayRef<float>;

  /// 2^n as an integer, and what remains: x = n ln(2) + rest, |rest| < 0.35.
  struct Reduced {
    Value whole;   ///< n as f32
    Value integer; ///< n as i32
    Value rest;
  };
  /// A positive number as 2^exponent (1 + rest), rest in [sqrt(1/2) - 1, sqrt(2) - 1).
  struct Split {
    Value exponent; ///< i32
    Value rest;
  };
  /// An angle as quadrant π/2 + rest; only the last two bits of the quadrant count.
  struct Angle {
    Value quadrant; ///< i32
    Value rest;
  };

  //--- constants and types: of the shape of `type`
  mlir::Type like(mlir::Type element) const;
  Value constant(double value);
  Value integer(int64_t value);
  Value wide(uint64_t value); ///< i64
  Value constantOf(mlir::Attribute element);

  //--- arithmetic
  Value add(Value x, Value y);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  Value div(Value x, Value y);
  Value fma(Value x, Value y, Value z);
  Value abs(Value x);
  Value copySign(Value magnitude, Value sign);
  Value compare(mlir::arith::CmpFPredicate predicate, Value x, Value y);
  Value select(Value condition, Value x, Value y);
  Value atMost(Value x, double bound); ///< keeps NaN
  Value atLeast(Value x, double bound);
  Value asInteger(Value x); ///< the bits
  Value asFloat(Value x);
  Value addInt(Value x, Value y);
  Value subInt(Value x, Value y);
  Value mulInt(Value x, Value y);
  Value andInt(Value x, Value y);
  Value shiftLeft(Value x, Value bits);
  Value shiftRight(Value x, Value bits); ///< keeps the sign
  Value shiftRightZero(Value x, Value bits);
  Value orInt(Value x, Value y);

  /// c[0] + c[1] x + c[2] x^2 + …
  Value polynomial(Value x, Coefficients c);
  /// Rounds x scale to the nearest integer, |x scale| < 2^22: the integer as f32 and i32.
  std::pair<Value, Value> roundScaled(Value x, double scale);
  Reduced reduceExp(Value x);
  Value expInRange(Value x); ///< -104 <= x <= 89
  Value powerOfTwo(Value n); ///< -126 <= n <= 127
  Value scale(Value x, const Reduced &by);
  /// exp(rest) - 1 of what reduceExp leaves.
  Value expm1OfRest(Value rest);
  Split split(Value x);
  /// log(1 + rest) - rest of what split leaves.
  Value logTail(Value rest);
  Value logOfSplit(const Split &split);
  /// `result`, or what a logarithm is of zero, negative numbers, infinity and NaN.
  Value logSpecials(Value x, Value result);
  Angle reduceAngle(Value x);
  Angle reduceHugeAngle(Value x);
  Value sineOf(const Angle &angle);
  Value constant64(double value);
  Value polynomial64(Value x, llvm::ArrayRef<double> c);
  Value log2InDouble(Value x);

  mlir::ImplicitLocOpBuilder &b;
  mlir::Type type;
  bool avx512;
};

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_MATHFUNCTIONS_H
