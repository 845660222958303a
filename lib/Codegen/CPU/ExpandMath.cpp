//===- ExpandMath.cpp - Expand mathematical functions into arithmetic -----===//

#include "MathFunctions.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "seq/Codegen/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

namespace seqc {
#define GEN_PASS_DEF_SEQEXPANDMATH
#include "lib/Codegen/CPU/Passes.h.inc"
} // namespace seqc

using namespace mlir;

namespace {

/// The arithmetic of `op`, whose operands are `x` in f32; null if it is not expanded.
Value expand(Operation *op, Value x, seqc::cpu::MathFunctions &functions) {
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
      .Default(Value());
}

bool isExpanded(Operation *op) {
  return isa<math::ExpOp, math::Exp2Op, math::ExpM1Op, math::LogOp, math::Log2Op, math::Log1pOp, math::TanhOp,
             math::ErfOp, math::SinOp, math::CosOp>(op);
}

Type withElement(Type type, Type element) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? Type(vector.clone(element)) : element;
}

struct SeqExpandMath : seqc::impl::SeqExpandMathBase<SeqExpandMath> {
  using SeqExpandMathBase::SeqExpandMathBase;

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isExpanded(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      replace(op);
    // Processors without a conversion to bf16 would call a function.
    RewritePatternSet patterns(&getContext());
    arith::populateExpandBFloat16Patterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }

private:
  void replace(Operation *op) {
    Type type = op->getResult(0).getType(), element = getElementTypeOrSelf(type);
    if (!isa<Float32Type, Float16Type, BFloat16Type>(element))
      return; // the gate names what is left
    ImplicitLocOpBuilder b(op->getLoc(), op);
    Type f32 = withElement(type, b.getF32Type());
    Value x = op->getOperand(0);
    if (type != f32)
      x = arith::ExtFOp::create(b, f32, x);
    seqc::cpu::MathFunctions functions(b, f32, avx512);
    Value result = expand(op, x, functions);
    if (type != f32)
      result = arith::TruncFOp::create(b, type, result);
    op->getResult(0).replaceAllUsesWith(result);
    op->erase();
  }
};

} // namespace
