//===- SoftmaxExp.cpp - Powers of two for softmax -------------------------===//

#include "SoftmaxExp.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace seqc::cpu;

/// 2^r on [-1/2, 1/2] with the least relative error (coefficients of r^0, r^1, …).
static constexpr double kExp2[] = {1.0,
                                   0.6931472028463628,
                                   0.24022647941699465,
                                   0.05550332506785768,
                                   0.009618433260573043,
                                   0.001339885704871139,
                                   0.0001535467870443801};

/// p 2^n with the instruction for it.
static Value scaleAvx512(KernelBuilder &b, Value p, Value n) {
  Value all = arith::ConstantOp::create(b, b.getIntegerAttr(b.getIntegerType(16), -1));
  Value currentRounding = b.i32(4);
  return LLVM::CallIntrinsicOp::create(b, p.getType(), b.getStringAttr("llvm.x86.avx512.mask.scalef.ps.512"),
                                       ValueRange{p, n, p, all, currentRounding})
      .getResult(0);
}

/// p 2^n by adding n to the exponent's bits: p is in [0.7, 1.5] and n at least -125.
static Value scaleBits(KernelBuilder &b, Value p, Value n) {
  auto type = VectorType::get({b.target.lanes()}, b.getI32Type());
  Value mantissaBits = arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, ArrayRef<int32_t>(23)));
  Value exponent = arith::ShLIOp::create(b, arith::FPToSIOp::create(b, type, n), mantissaBits);
  Value bits = arith::BitcastOp::create(b, type, p);
  return arith::BitcastOp::create(b, p.getType(), b.add(bits, exponent));
}

Value seqc::cpu::emitSoftmaxExp2(KernelBuilder &b, Value x) {
  bool avx512 = b.target.avx512;
  Value bounded = avx512 ? x : b.max(x, b.splat(-125));
  Value n = math::RoundEvenOp::create(b, bounded), r = b.sub(bounded, n);
  Value p = b.splat(kExp2[std::size(kExp2) - 1]);
  for (double c : llvm::reverse(ArrayRef(kExp2).drop_back()))
    p = b.fma(p, r, b.splat(c));
  if (avx512)
    return scaleAvx512(b, p, n);
  Value counts = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, x, b.splat(-125));
  return arith::SelectOp::create(b, counts, scaleBits(b, p, n), b.splat(0));
}
