//===- DecayExp.cpp - Powers of two for decays ----------------------------===//
//
// x = k + r with k a multiple of 1/32 and |r| <= 1/64, and 2^x = 2^floor(k) 2^frac(k) 2^r: the
// first factor is an instruction (scalef, which takes the floor itself), the second one of 32
// in two registers, and the third 1 + r (c1 + c2 r).
//
//===----------------------------------------------------------------------===//

#include "DecayExp.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace seqc::cpu;

/// Steps of the table for each power of two.
static constexpr int64_t kSteps = 32;

/// The number whose last bit is 1/32: adding it rounds to a multiple, whose number is then in
/// the low bits of the sum.
static constexpr double kRounder = 0x1.8p23 / kSteps;

/// (2^r - 1) / r on [-1/64, 1/64]: the best line there. ln(2)^3 / 6 r^3 is replaced by the multiple
/// of r that differs least from it.
static constexpr double kLn2 = 0.6931471805599453;
static constexpr double kC1 = kLn2 + kLn2 * kLn2 * kLn2 / 6 * 0.75 / (4 * kSteps * kSteps);
static constexpr double kC2 = kLn2 * kLn2 / 2;

static Value call(KernelBuilder &b, StringRef name, Type type, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, type, b.getStringAttr(name), operands).getResult(0);
}

/// Half of the table: 2^(i/32) for 16 values of i.
static Value tableHalf(KernelBuilder &b, int64_t first) {
  SmallVector<float> values;
  for (int64_t i = first; i < first + kSteps / 2; ++i)
    values.push_back(static_cast<float>(std::exp2(static_cast<double>(i) / kSteps)));
  auto type = b.vec();
  return arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, ArrayRef(values)));
}

Value seqc::cpu::emitDecayExp2(KernelBuilder &b, Value x) {
  if (!b.target.avx512)
    return math::Exp2Op::create(b, x);
  auto type = b.vec();
  Value all = arith::ConstantOp::create(b, b.getIntegerAttr(b.getIntegerType(16), -1));
  Value currentRounding = b.i32(4);
  // What is left after rounding to a multiple of 1/32 (5 bits behind the point, to the nearest); 0 for infinities.
  Value r = call(b, "llvm.x86.avx512.mask.reduce.ps.512", type, {x, b.i32(0x58), x, all, currentRounding});
  Value rounder = b.splat(kRounder), shifted = b.add(x, rounder), k = b.sub(shifted, rounder);
  Value step = arith::BitcastOp::create(b, VectorType::get({16}, b.getI32Type()), shifted);
  Value power = call(b, "llvm.x86.avx512.vpermi2var.ps.512", type, {tableHalf(b, 0), step, tableHalf(b, kSteps / 2)});
  Value line = b.fma(b.splat(kC2), r, b.splat(kC1));
  Value p = b.fma(b.mul(r, power), line, power);
  return call(b, "llvm.x86.avx512.mask.scalef.ps.512", type, {p, k, p, all, currentRounding});
}
