//===- ExpandMath.cpp - Expand mathematical functions into arithmetic -----===//

#include "MathFunctions.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "seq/Codegen/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

namespace seqc {
#define GEN_PASS_DEF_SEQEXPANDMATH
#include "lib/Codegen/CPU/Passes.h.inc"
} // namespace seqc

using namespace mlir;

namespace {

bool isFunction(Operation *op) {
  return isa<math::ExpOp, math::Exp2Op, math::ExpM1Op, math::LogOp, math::Log2Op, math::Log1pOp, math::TanhOp,
             math::ErfOp, math::SinOp, math::CosOp, math::PowFOp>(op);
}

/// The arithmetic of a function, which stands for its result.
Value expand(Operation *op, seqc::cpu::MathFunctions &functions) {
  Value x = op->getOperand(0);
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](math::ExpOp) { return functions.exp(x); })
      .Case([&](math::Exp2Op) { return functions.exp2(x); })
      .Case([&](math::ExpM1Op) { return functions.expm1(x); })
      .Case([&](math::LogOp) { return functions.log(x); })
      .Case([&](math::Log2Op) { return functions.log2(x); })
      .Case([&](math::Log1pOp) { return functions.log1p(x); })
      .Case([&](math::TanhOp) { return functions.tanh(x); })
      .Case([&](math::ErfOp) { return functions.erf(x); })
      .Case([&](math::SinOp) { return functions.sin(x); })
      .Case([&](math::CosOp) { return functions.cos(x); })
      .Case([&](math::PowFOp power) { return functions.pow(x, power.getRhs()); });
}

bool isNarrow(Type type) { return isa<Float16Type, BFloat16Type>(getElementTypeOrSelf(type)); }

/// Whether an op computes in f16 or bf16, rather than converting them.
bool computesNarrow(Operation *op) {
  if (!isa_and_nonnull<arith::ArithDialect, math::MathDialect>(op->getDialect()))
    return false;
  if (isa<arith::ExtFOp, arith::TruncFOp, arith::BitcastOp, arith::ConstantOp, arith::SelectOp>(op))
    return false;
  return llvm::any_of(op->getOperandTypes(), isNarrow) || llvm::any_of(op->getResultTypes(), isNarrow);
}

/// `type` with other elements.
Type withElement(Type type, Type element) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? Type(vector.clone(element)) : element;
}

/// A vector of `value`s in the shape of `type`, whose elements are integers, or one.
Value integerConstant(int32_t value, Type type, ImplicitLocOpBuilder &b) {
  TypedAttr scalar = b.getI32IntegerAttr(value);
  auto vector = dyn_cast<VectorType>(type);
  return arith::ConstantOp::create(b, vector ? DenseElementsAttr::get(vector, scalar) : scalar);
}

/// A conversion of f32 to bf16 as integer arithmetic, to the nearest and to even ones.
Value roundToBf16(Value x, Type type, ImplicitLocOpBuilder &b) {
  Type i32 = withElement(type, b.getI32Type());
  auto constant = [&](int32_t value) { return integerConstant(value, i32, b); };
  Value bits = arith::BitcastOp::create(b, i32, x), shift = constant(16);
  Value odd = arith::AndIOp::create(b, arith::ShRUIOp::create(b, bits, shift), constant(1));
  Value rounded = arith::AddIOp::create(b, bits, arith::AddIOp::create(b, odd, constant(0x7fff)));
  // NaN stays one: rounding could carry it to an infinity.
  Value quiet = arith::OrIOp::create(b, bits, constant(0x400000));
  Value isNan = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, x, x);
  rounded = arith::SelectOp::create(b, isNan, quiet, rounded);
  Type i16 = withElement(type, b.getI16Type());
  Value upper = arith::TruncIOp::create(b, i16, arith::ShRUIOp::create(b, rounded, shift));
  return arith::BitcastOp::create(b, type, upper);
}

/// Whether code lacks a conversion: to and from bf16, and from f64 to any 16-bit float. What comes from bf16 has
/// an instruction, but without AVX-512 LLVM takes vectors of bf16 that live across a branch (each lane of a masked load
/// is one) apart into f32 and back, which is a call of libgcc.
bool lacksInstruction(arith::ExtFOp op) { return isa<BFloat16Type>(getElementTypeOrSelf(op.getIn().getType())); }
bool lacksInstruction(arith::TruncFOp op) {
  return isNarrow(op.getType()) && (isa<BFloat16Type>(getElementTypeOrSelf(op.getType())) ||
                                    isa<Float64Type>(getElementTypeOrSelf(op.getIn().getType())));
}

/// bf16 is the upper half of f32.
Value expand(arith::ExtFOp op) {
  ImplicitLocOpBuilder b(op.getLoc(), op);
  Type f32 = withElement(op.getType(), b.getF32Type()), i32 = withElement(op.getType(), b.getI32Type());
  Value bits = arith::BitcastOp::create(b, withElement(op.getType(), b.getI16Type()), op.getIn());
  bits = arith::ShLIOp::create(b, arith::ExtUIOp::create(b, i32, bits), integerConstant(16, i32, b));
  Value wide = arith::BitcastOp::create(b, f32, bits);
  return op.getType() == f32 ? wide : arith::ExtFOp::create(b, op.getType(), wide);
}

Value expand(arith::TruncFOp op) {
  ImplicitLocOpBuilder b(op.getLoc(), op);
  Type f32 = withElement(op.getType(), b.getF32Type());
  Value x = op.getIn();
  if (x.getType() != f32)
    x = arith::TruncFOp::create(b, f32, x);
  if (isa<BFloat16Type>(getElementTypeOrSelf(op.getType())))
    return roundToBf16(x, op.getType(), b);
  return arith::TruncFOp::create(b, op.getType(), x);
}

struct SeqExpandMath : seqc::impl::SeqExpandMathBase<SeqExpandMath> {
  using SeqExpandMathBase::SeqExpandMathBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(widen(module)))
      return signalPassFailure();
    SmallVector<Operation *> ops;
    module.walk([&](Operation *op) {
      auto truncation = dyn_cast<arith::TruncFOp>(op);
      auto extension = dyn_cast<arith::ExtFOp>(op);
      if (isFunction(op) || (truncation && lacksInstruction(truncation)) || (extension && lacksInstruction(extension)))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      replace(op);
  }

private:
  /// Arithmetic of f16 and bf16 becomes that of f32, rounded after each op.
  LogicalResult widen(ModuleOp module) {
    auto result = module.walk([](Operation *op) { return WalkResult(failure(computesNarrow(op))); });
    if (!result.wasInterrupted())
      return success();
    PassManager passes(&getContext());
    passes.addPass(math::createMathExtendToSupportedTypes());
    arith::ArithEmulateUnsupportedFloatsOptions options;
    options.sourceTypeStrs = {"bf16", "f16"};
    passes.addPass(arith::createArithEmulateUnsupportedFloats(options));
    return passes.run(module);
  }

  void replace(Operation *op) {
    Value result;
    if (auto truncation = dyn_cast<arith::TruncFOp>(op)) {
      result = expand(truncation);
    } else if (auto extension = dyn_cast<arith::ExtFOp>(op)) {
      result = expand(extension);
    } else if (getElementTypeOrSelf(op->getResult(0).getType()).isF32()) {
      ImplicitLocOpBuilder b(op->getLoc(), op);
      seqc::cpu::MathFunctions functions(b, op->getResult(0).getType(), avx512);
      result = expand(op, functions);
    } else {
      return; // seq-verify-callees names what is left
    }
    op->getResult(0).replaceAllUsesWith(result);
    op->erase();
  }
};

} // namespace
