//===- Activations.cpp - Activation functions as arithmetic ---------------===//

#include "seq/Conversion/Activations.h"
#include "Patterns.h"
#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace mlir::seq;

namespace {

/// Arithmetic on floats, or vectors of them, of one type.
class Arithmetic {
public:
  Arithmetic(OpBuilder &builder, Location loc, Type type) : b(loc, builder), type(type) {}

  Value constant(double value) {
    TypedAttr element = b.getFloatAttr(getElementTypeOrSelf(type), value);
    auto vector = dyn_cast<VectorType>(type);
    return arith::ConstantOp::create(b, vector ? DenseElementsAttr::get(vector, Attribute(element)) : element);
  }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
  Value neg(Value x) { return arith::NegFOp::create(b, x); }
  /// max(x, 0) as one instruction (vmaxps), which keeps NaN.
  Value positive(Value x) {
    Value zero = constant(0);
    Value isNegative = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, zero);
    return arith::SelectOp::create(b, isNegative, zero, x);
  }
  Value exp(Value x) { return math::ExpOp::create(b, x); }
  Value tanh(Value x) { return math::TanhOp::create(b, x); }
  Value erf(Value x) { return math::ErfOp::create(b, x); }
  Value log1p(Value x) { return math::Log1pOp::create(b, x); }
  Value abs(Value x) { return math::AbsFOp::create(b, x); }

  /// 1 / (1 + exp(-x)): exp overflows to inf for x below -88, which gives 0.
  Value sigmoid(Value x) { return div(constant(1), add(constant(1), exp(neg(x)))); }

  Value gelu(Value x) {
    Value cdf = add(constant(1), erf(mul(x, constant(0.70710678118654752))));
    return mul(mul(constant(0.5), x), cdf);
  }
  Value geluTanh(Value x) {
    Value cube = mul(mul(x, x), x);
    Value inner = mul(constant(0.79788456080286536), add(x, mul(constant(0.044715), cube)));
    return mul(mul(constant(0.5), x), add(constant(1), tanh(inner)));
  }
  /// max(x, 0) + log1p(exp(-|x|)) never overflows.
  Value softplus(Value x) { return add(positive(x), log1p(exp(neg(abs(x))))); }

  Value apply(Activation kind, Value x) {
    switch (kind) {
    case Activation::Silu:
      return div(x, add(constant(1), exp(neg(x))));
    case Activation::Gelu:
      return gelu(x);
    case Activation::GeluTanh:
      return geluTanh(x);
    case Activation::Relu:
      return positive(x);
    case Activation::Relu2: {
      Value root = positive(x);
      return mul(root, root);
    }
    case Activation::Sigmoid:
      return sigmoid(x);
    case Activation::Tanh:
      return tanh(x);
    case Activation::Softplus:
      return softplus(x);
    case Activation::Identity:
      return x;
    }
    llvm_unreachable("all kinds are handled");
  }

private:
  ImplicitLocOpBuilder b;
  Type type;
};

/// One elementwise loop over tensors of the same type. Narrow floats are computed in f32.
Value elementwise(PatternRewriter &rewriter, Location loc, ValueRange inputs,
                  llvm::function_ref<Value(Arithmetic &, ValueRange)> body) {
  auto type = cast<RankedTensorType>(inputs[0].getType());
  SmallVector<Value> extents;
  for (int64_t d = 0; d < type.getRank(); ++d)
    if (type.isDynamicDim(d))
      extents.push_back(tensor::DimOp::create(rewriter, loc, inputs[0], d));
  Value out = tensor::EmptyOp::create(rewriter, loc, type, extents);
  SmallVector<AffineMap> maps(inputs.size() + 1, rewriter.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> loops(type.getRank(), utils::IteratorType::parallel);
  Type element = type.getElementType();
  Type wide = element.getIntOrFloatBitWidth() < 32 ? rewriter.getF32Type() : element;
  auto generic = linalg::GenericOp::create(rewriter, loc, TypeRange{type}, inputs, ValueRange{out}, maps, loops,
                                           [&](OpBuilder &b, Location at, ValueRange args) {
                                             SmallVector<Value> values(args.drop_back());
                                             if (wide != element)
                                               for (Value &value : values)
                                                 value = arith::ExtFOp::create(b, at, wide, value);
                                             Arithmetic arithmetic(b, at, wide);
                                             Value result = body(arithmetic, values);
                                             if (wide != element)
                                               result = arith::TruncFOp::create(b, at, element, result);
                                             linalg::YieldOp::create(b, at, result);
                                           });
  return generic.getResult(0);
}

struct LowerActivation : OpRewritePattern<ActivationOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ActivationOp op, PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, elementwise(rewriter, op.getLoc(), op.getX(),
                                       [&](Arithmetic &a, ValueRange x) { return a.apply(op.getKind(), x[0]); }));
    return success();
  }
};

struct LowerGlu : OpRewritePattern<GluOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GluOp op, PatternRewriter &rewriter) const override {
    rewriter.replaceOp(
        op, elementwise(rewriter, op.getLoc(), {op.getGate(), op.getUp()},
                        [&](Arithmetic &a, ValueRange x) { return a.mul(a.apply(op.getKind(), x[0]), x[1]); }));
    return success();
  }
};

} // namespace

Value seqc::emitActivation(OpBuilder &builder, Location loc, Activation kind, Value x) {
  return Arithmetic(builder, loc, x.getType()).apply(kind, x);
}

void seqc::populateActivationPatterns(RewritePatternSet &patterns) {
  patterns.add<LowerActivation, LowerGlu>(patterns.getContext());
}
