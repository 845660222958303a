//===- ShapeOps.cpp - Heads, broadcasts, the last token -------------------===//

#include "dialects/Seq/Verify.h"

using namespace mlir;
using namespace mlir::seq;

LogicalResult SplitHeadsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX());
  int64_t heads = adaptor.getHeads();
  if (!x || x.getRank() < 1 || ShapedType::isDynamic(x.getShape().back()) || heads <= 0 ||
      x.getShape().back() % heads != 0)
    return emitOptionalError(loc, "split_heads_c1: heads divides the constant innermost dimension of x");
  SmallVector<int64_t> shape(x.getShape().drop_back());
  shape.append({heads, x.getShape().back() / heads});
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}
LogicalResult SplitHeadsOp::verify() { return success(); }

LogicalResult MergeHeadsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX());
  if (!x || x.getRank() < 2 || ShapedType::isDynamic(x.getShape().back()) ||
      ShapedType::isDynamic(x.getShape().drop_back().back()))
    return emitOptionalError(loc, "merge_heads_c1: the two innermost dimensions of x are constant");
  SmallVector<int64_t> shape(x.getShape().drop_back());
  shape.back() *= x.getShape().back();
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}
LogicalResult MergeHeadsOp::verify() { return success(); }
OpFoldResult MergeHeadsOp::fold(FoldAdaptor) {
  if (auto split = getX().getDefiningOp<SplitHeadsOp>())
    return split.getX();
  return {};
}

LogicalResult BroadcastOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  auto value = tensorType(adaptor.getValue()), like = tensorType(adaptor.getLike());
  if (!value || !like)
    return emitOptionalError(loc, "value and like are ranked tensors");
  SmallVector<int64_t> shape(like.getShape());
  if (std::optional<uint64_t> leading = adaptor.getLeading()) {
    if (*leading > shape.size())
      return emitOptionalError(loc, "broadcast_c2: leading is at most the number of like's dimensions");
    shape.truncate(*leading);
    llvm::append_range(shape, value.getShape());
  }
  types.push_back(RankedTensorType::get(shape, value.getElementType()));
  return success();
}
LogicalResult BroadcastOp::verify() {
  auto value = tensorType(getValue()), like = tensorType(getLike());
  if (!getLeading() &&
      (value.getRank() > like.getRank() || !hasShape(getValue(), like.getShape().take_back(value.getRank()))))
    return violate(*this, "broadcast_c1", "value's dimensions are the innermost ones of like");
  return success();
}
int64_t BroadcastOp::getLeadingCount() {
  if (std::optional<uint64_t> leading = getLeading())
    return static_cast<int64_t>(*leading);
  return tensorType(getLike()).getRank() - tensorType(getValue()).getRank();
}

LogicalResult LastOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX());
  if (!x || x.getRank() < 2)
    return emitOptionalError(loc, "last_c1: x is [B,T,...]");
  SmallVector<int64_t> shape(x.getShape());
  shape[1] = 1;
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}
LogicalResult LastOp::verify() { return success(); }
OpFoldResult LastOp::fold(FoldAdaptor) { return tensorType(getX()).getDimSize(1) == 1 ? getX() : Value(); }
