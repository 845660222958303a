//===- Elementwise.cpp - Loops of scalar arithmetic -----------------------===//

#include "Elementwise.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "seq/Conversion/Activations.h"

using namespace mlir;
using namespace mlir::seq;
using namespace seqc;

Value Arithmetic::constant(double value) {
  TypedAttr element = b.getFloatAttr(getElementTypeOrSelf(type), value);
  auto vector = dyn_cast<VectorType>(type);
  return arith::ConstantOp::create(b, vector ? DenseElementsAttr::get(vector, Attribute(element)) : element);
}
Value Arithmetic::add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
Value Arithmetic::mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
Value Arithmetic::div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
Value Arithmetic::neg(Value x) { return arith::NegFOp::create(b, x); }
Value Arithmetic::max(Value x, double bound) {
  Value limit = constant(bound), isBelow = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, limit);
  return arith::SelectOp::create(b, isBelow, limit, x);
}
Value Arithmetic::min(Value x, double bound) {
  Value limit = constant(bound), isAbove = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, x, limit);
  return arith::SelectOp::create(b, isAbove, limit, x);
}
Value Arithmetic::exp(Value x) { return math::ExpOp::create(b, x); }
Value Arithmetic::tanh(Value x) { return math::TanhOp::create(b, x); }
Value Arithmetic::erf(Value x) { return math::ErfOp::create(b, x); }

/// 1 / (1 + exp(-x)): exp overflows to inf for x below -88, which gives 0.
Value Arithmetic::sigmoid(Value x) { return div(constant(1), add(constant(1), exp(neg(x)))); }

Value Arithmetic::gelu(Value x) {
  Value cdf = add(constant(1), erf(mul(x, constant(0.70710678118654752))));
  return mul(mul(constant(0.5), x), cdf);
}

/// (1 + tanh z) / 2 is 1 / (1 + exp(-2 z)), which stays exact where the sum cancels.
Value Arithmetic::geluTanh(Value x) {
  Value cube = mul(mul(x, x), x);
  Value inner = mul(constant(0.79788456080286536), add(x, mul(constant(0.044715), cube)));
  return div(x, add(constant(1), exp(mul(constant(-2), inner))));
}

/// max(x, 0) + log1p(exp(-|x|)) never overflows.
Value Arithmetic::softplus(Value x) {
  Value magnitude = math::AbsFOp::create(b, x);
  return add(max(x, 0), math::Log1pOp::create(b, exp(neg(magnitude))));
}

Value Arithmetic::apply(Activation kind, Value x) {
  switch (kind) {
  case Activation::Silu:
    return div(x, add(constant(1), exp(neg(x))));
  case Activation::Gelu:
    return gelu(x);
  case Activation::GeluTanh:
    return geluTanh(x);
  case Activation::Relu:
    return max(x, 0);
  case Activation::Relu2: {
    Value root = max(x, 0);
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

Value Arithmetic::before(Value end, unsigned dim, Value x) {
  Value at = arith::IndexCastOp::create(b, b.getI64Type(), linalg::IndexOp::create(b, dim));
  Value counts = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, at, end);
  return arith::SelectOp::create(b, counts, x, constant(0));
}

Value seqc::elementwise(PatternRewriter &rewriter, Location loc, ValueRange inputs,
                        ArrayRef<SmallVector<unsigned>> dims,
                        llvm::function_ref<Value(Arithmetic &, ValueRange)> body) {
  auto type = cast<RankedTensorType>(inputs[0].getType());
  SmallVector<Value> extents;
  for (int64_t d = 0; d < type.getRank(); ++d)
    if (type.isDynamicDim(d))
      extents.push_back(tensor::DimOp::create(rewriter, loc, inputs[0], d));
  Value out = tensor::EmptyOp::create(rewriter, loc, type, extents);
  SmallVector<AffineMap> maps(inputs.size() + 1, rewriter.getMultiDimIdentityMap(type.getRank()));
  for (auto [i, ofInput] : llvm::enumerate(dims))
    maps[i] = AffineMap::getMultiDimMapWithTargets(type.getRank(), ofInput, rewriter.getContext());
  SmallVector<utils::IteratorType> loops(type.getRank(), utils::IteratorType::parallel);
  Type element = type.getElementType();
  Type wide = element.getIntOrFloatBitWidth() < 32 ? rewriter.getF32Type() : element;
  auto generic = linalg::GenericOp::create(rewriter, loc, TypeRange{type}, inputs, ValueRange{out}, maps, loops,
                                           [&](OpBuilder &b, Location at, ValueRange args) {
                                             SmallVector<Value> values(args.drop_back());
                                             if (wide != element)
                                               for (Value &value : values)
                                                 if (isa<FloatType>(value.getType()))
                                                   value = arith::ExtFOp::create(b, at, wide, value);
                                             Arithmetic arithmetic(b, at, wide);
                                             Value result = body(arithmetic, values);
                                             if (wide != element)
                                               result = arith::TruncFOp::create(b, at, element, result);
                                             linalg::YieldOp::create(b, at, result);
                                           });
  return generic.getResult(0);
}

Value seqc::emitActivation(OpBuilder &builder, Location loc, Activation kind, Value x) {
  return Arithmetic(builder, loc, x.getType()).apply(kind, x);
}
