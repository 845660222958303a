// The op helpers of ModelBuilder.h.

#include "ModelBuilder.h"
#include "dialects/Module/Module.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace seqc::importer {

static RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The type of `x` with `size` channels.
static RankedTensorType withChannels(Value x, int64_t size) {
  RankedTensorType type = tensorType(x);
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = size;
  return RankedTensorType::get(shape, type.getElementType());
}

Value Graph::use(const Weight &weight) {
  if (!weight)
    return {};
  auto [it, isNew] = values.try_emplace(weight.symbol);
  if (!isNew)
    return it->second;
  if (isBlock) {
    it->second = function.getBody().front().addArgument(weight.type, location);
    used.push_back(weight);
  } else {
    it->second = seqm::LoadOp::create(builder, location, weight.type,
                                      FlatSymbolRefAttr::get(builder.getContext(), weight.symbol));
  }
  return it->second;
}

Value Graph::embedding(Value ids, const Weight &table) {
  SmallVector<int64_t> shape(tensorType(ids).getShape());
  shape.push_back(table.type.getDimSize(1));
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return mlir::seq::EmbeddingOp::create(builder, location, type, ids, use(table));
}

Value Graph::positions(Value x) {
  return mlir::seq::PositionsOp::create(builder, location, x, ValueRange()).getPositions();
}

Value Graph::linear(Value x, const Weight &weight, const Weight &bias) {
  Value matrix = use(weight);
  return mlir::seq::LinearOp::create(builder, location, withChannels(x, weight.type.getDimSize(0)), x, matrix,
                                     use(bias), /*transposed=*/false);
}

Value Graph::rmsNorm(Value x, const Weight &weight, double eps, double weightOffset) {
  return mlir::seq::RmsNormOp::create(builder, location, x, use(weight), eps, weightOffset);
}

Value Graph::layerNorm(Value x, const Weight &weight, const Weight &bias, double eps) {
  Value scale = use(weight);
  return mlir::seq::LayerNormOp::create(builder, location, x, scale, use(bias), APFloat(eps));
}

Value Graph::groupNorm(Value x, const Weight &weight, const Weight &bias, int64_t groups, double eps) {
  Value scale = use(weight);
  return mlir::seq::GroupNormOp::create(builder, location, x, scale, use(bias), groups, eps);
}

Value Graph::l2Norm(Value x, double eps) {
  return mlir::seq::L2NormOp::create(builder, location, x, APFloat(eps), mlir::seq::EpsMode::Add);
}

Value Graph::activation(Value x, mlir::seq::Activation kind) {
  return mlir::seq::ActivationOp::create(builder, location, x, kind);
}

Value Graph::glu(Value gate, Value up, mlir::seq::Activation kind) {
  return mlir::seq::GluOp::create(builder, location, gate, up, kind);
}

Value Graph::rotary(Value x, Value positions, const Rotary &rotary, mlir::seq::RotaryLayout layout) {
  // Few digits for what can be said by few: all channels are 0, plain
  // frequencies follow from the base.
  int64_t dims = rotary.dims == tensorType(x).getShape().back() ? 0 : rotary.dims;
  DenseF64ArrayAttr frequencies;
  if (!rotary.frequencies.empty())
    frequencies = builder.getDenseF64ArrayAttr(rotary.frequencies);
  return mlir::seq::RotaryOp::create(builder, location, x, positions, layout, APFloat(rotary.base),
                                     static_cast<uint64_t>(dims), frequencies, APFloat(rotary.magnitude));
}

Value Graph::splitHeads(Value x, int64_t heads) { return mlir::seq::SplitHeadsOp::create(builder, location, x, heads); }

Value Graph::mergeHeads(Value x) { return mlir::seq::MergeHeadsOp::create(builder, location, x); }

Value Graph::forHeads(Value x, int64_t heads) {
  RankedTensorType type = tensorType(x);
  SmallVector<int64_t> shape{type.getDimSize(0), type.getDimSize(1), heads, type.getDimSize(2)};
  SmallVector<Value> extents;
  for (int64_t d : {0, 1})
    if (type.isDynamicDim(d))
      extents.push_back(tensor::DimOp::create(builder, location, x, d));
  Value empty = tensor::EmptyOp::create(builder, location, shape, type.getElementType(), extents);
  return linalg::BroadcastOp::create(builder, location, x, empty, /*dimensions=*/{2}).getResult().front();
}

Value Graph::tokenShift(Value x) { return mlir::seq::TokenShiftOp::create(builder, location, x).getY(); }

Value Graph::concat(ValueRange parts) {
  int64_t innermost = tensorType(parts.front()).getRank() - 1;
  return tensor::ConcatOp::create(builder, location, innermost, parts);
}

void Graph::match(Value &a, Value &b) {
  auto broadcast = [&](Value value, Value like) -> Value {
    return mlir::seq::BroadcastOp::create(builder, location, value, like);
  };
  if (tensorType(a).getRank() < tensorType(b).getRank())
    a = broadcast(a, b);
  else if (tensorType(b).getRank() < tensorType(a).getRank())
    b = broadcast(b, a);
}

Value Graph::add(Value a, Value b) {
  match(a, b);
  return arith::AddFOp::create(builder, location, a, b);
}

Value Graph::sub(Value a, Value b) {
  match(a, b);
  return arith::SubFOp::create(builder, location, a, b);
}

Value Graph::mul(Value a, Value b) {
  match(a, b);
  return arith::MulFOp::create(builder, location, a, b);
}

Value Graph::scale(Value x, double factor) {
  return factor == 1 ? x : mul(x, constant(tensorType(x).getShape().back(), factor));
}

Value Graph::negExp(Value x) {
  Value exp = math::ExpOp::create(builder, location, x);
  return arith::NegFOp::create(builder, location, exp);
}

Value Graph::constant(int64_t size, double value) {
  auto type = RankedTensorType::get({size}, builder.getF32Type());
  auto values = DenseElementsAttr::get(type, static_cast<float>(value));
  return arith::ConstantOp::create(builder, location, values);
}

Value Graph::perToken(Value value, Value x) {
  return mlir::seq::BroadcastOp::create(builder, location, value, x, builder.getI64IntegerAttr(2));
}

} // namespace seqc::importer
