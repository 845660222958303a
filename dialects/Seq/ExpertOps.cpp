//===- ExpertOps.cpp - Mixtures of experts --------------------------------===//

#include "dialects/Seq/Verify.h"

using namespace mlir;
using namespace mlir::seq;

//===----------------------------------------------------------------------===//
// route
//===----------------------------------------------------------------------===//

int64_t RouteOp::getExperts() { return innermost(getLogits()); }

LogicalResult RouteOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  auto logits = tensorType(adaptor.getLogits());
  if (!logits || logits.getRank() < 1 || logits.getShape().back() <= 0)
    return emitOptionalError(loc, "route_c1: logits are [...,E] with a positive constant E");
  int64_t top = static_cast<int64_t>(adaptor.getTop());
  if (top <= 0 || top > logits.getShape().back())
    return emitOptionalError(loc, "route_c2: top is at least 1 and at most the number of experts, ",
                             logits.getShape().back());
  SmallVector<int64_t> shape(logits.getShape());
  shape.back() = top;
  types.push_back(RankedTensorType::get(shape, IntegerType::get(context, 32)));
  types.push_back(RankedTensorType::get(shape, logits.getElementType()));
  return success();
}

LogicalResult RouteOp::verify() {
  int64_t experts = getExperts(), groups = getGroups(), kept = getKeepGroups(), groupTop = getGroupTop();
  if (!hasShape(getBias(), {experts}))
    return violate(*this, "route_c3", "bias is [E]");
  if (groups <= 0 || experts % groups != 0 || kept <= 0 || kept > groups)
    return violate(*this, "route_c4", "groups divides the experts, and keep_groups is at least 1 and at most groups");
  int64_t size = experts / groups;
  if (groupTop <= 0 || groupTop > size)
    return violate(*this, "route_c5", "group_top is at least 1 and at most the experts of a group, " + Twine(size));
  if (static_cast<int64_t>(getTop()) > kept * size)
    return violate(*this, "route_c6", "the groups that are kept have at least top experts");
  if (!(getEps().convertToDouble() >= 0))
    return violate(*this, "route_c7", "eps is not negative");
  return success();
}

//===----------------------------------------------------------------------===//
// expert_linear
//===----------------------------------------------------------------------===//

int64_t ExpertLinearOp::getExperts() { return tensorType(getWeight()).getDimSize(0); }
int64_t ExpertLinearOp::getOutputs() { return tensorType(getWeight()).getDimSize(1); }
int64_t ExpertLinearOp::getInputs() { return tensorType(getWeight()).getDimSize(2); }

LogicalResult ExpertLinearOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX()), indices = tensorType(adaptor.getIndices());
  auto weight = tensorType(adaptor.getWeight());
  if (!weight || weight.getRank() != 3 || !weight.hasStaticShape())
    return emitOptionalError(loc, "expert_linear_c1: the weight is a stack [E,N,K] of constant shape");
  if (!x || !indices || indices.getRank() < 1 || indices.getShape().back() <= 0)
    return emitOptionalError(loc, "expert_linear_c2: indices are [...,C] with a positive constant C");
  SmallVector<int64_t> shape(adaptor.getCombine() ? indices.getShape().drop_back() : indices.getShape());
  shape.push_back(weight.getDimSize(1));
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult ExpertLinearOp::verify() {
  auto weight = tensorType(getWeight()), indices = tensorType(getIndices());
  SmallVector<int64_t> forAll(indices.getShape().drop_back()), forEach(indices.getShape());
  forAll.push_back(getInputs());
  forEach.push_back(getInputs());
  if (!hasShape(getX(), forAll) && !hasShape(getX(), forEach))
    return violate(*this, "expert_linear_c3", "x is [...,K] or [...,C,K] with the K of the weight");
  if (!hasShape(getBias(), {getExperts(), getOutputs()}))
    return violate(*this, "expert_linear_c4", "bias is [E,N]");
  if (!hasShape(getCombine(), indices.getShape()))
    return violate(*this, "expert_linear_c5", "combine has the shape of indices");
  if (auto format = getBlockFormat(weight.getElementType()); format && getInputs() % format->elements != 0)
    return violate(*this, "expert_linear_c6", "a block-quantised weight has inputs in whole blocks");
  return success();
}
