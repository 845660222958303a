//===- NormOps.cpp - Norms over channels ----------------------------------===//

#include "dialects/Seq/Verify.h"

using namespace mlir;
using namespace mlir::seq;

/// What all norms ask for: a constant innermost extent, weight and bias of that
/// extent, and an eps that is not negative.
static LogicalResult verifyNorm(Operation *op, StringRef label, Value x, Value weight, Value bias, const APFloat &eps) {
  auto type = tensorType(x);
  if (!type || type.getRank() < 1 || type.getShape().back() <= 0)
    return violate(op, (label + "_c1").str(), "x has a constant innermost dimension that is not empty");
  if (!hasShape(weight, {type.getShape().back()}) || !hasShape(bias, {type.getShape().back()}))
    return violate(op, (label + "_c2").str(), "weight and bias are as long as x's innermost dimension");
  if (!(eps.convertToDouble() >= 0))
    return violate(op, (label + "_c3").str(), "eps is not negative");
  return success();
}

#define SAME_TYPE_AS_X(OP)                                                                                             \
  LogicalResult OP::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,                          \
                                     SmallVectorImpl<Type> &types) {                                                   \
    types.push_back(adaptor.getX().getType());                                                                         \
    return success();                                                                                                  \
  }
SAME_TYPE_AS_X(RmsNormOp)
SAME_TYPE_AS_X(LayerNormOp)
SAME_TYPE_AS_X(GroupNormOp)
SAME_TYPE_AS_X(L2NormOp)
#undef SAME_TYPE_AS_X

/// `groups` divides the innermost dimension; a gate has the shape of x.
static LogicalResult verifyGroupsAndGate(Operation *op, const std::string &label, Value x, int64_t groups, Value gate,
                                         bool gateFirst) {
  if (groups <= 0 || innermost(x) % groups != 0)
    return violate(op, label + "_c4", "groups divides the innermost dimension");
  if (!hasShape(gate, tensorType(x).getShape()))
    return violate(op, label + "_c5", "the gate has the shape of x");
  if (gateFirst && !gate)
    return violate(op, label + "_c6", "gate_first needs a gate");
  return success();
}

LogicalResult RmsNormOp::verify() {
  if (failed(verifyNorm(*this, "rms_norm", getX(), getWeight(), {}, getEps())))
    return failure();
  return verifyGroupsAndGate(*this, "rms_norm", getX(), static_cast<int64_t>(getGroups()), getGate(), getGateFirst());
}
void RmsNormOp::build(OpBuilder &builder, OperationState &state, Value x, Value weight, double eps, double weightOffset,
                      int64_t groups, Value gate, bool gateFirst) {
  build(builder, state, x.getType(), x, weight, gate, APFloat(eps), APFloat(weightOffset), groups, gateFirst);
}
LogicalResult LayerNormOp::verify() {
  return verifyNorm(*this, "layer_norm", getX(), getWeight(), getBias(), getEps());
}
LogicalResult L2NormOp::verify() { return verifyNorm(*this, "l2_norm", getX(), {}, {}, getEps()); }
LogicalResult GroupNormOp::verify() {
  if (failed(verifyNorm(*this, "group_norm", getX(), getWeight(), getBias(), getEps())))
    return failure();
  return verifyGroupsAndGate(*this, "group_norm", getX(), static_cast<int64_t>(getGroups()), getGate(), getGateFirst());
}
void GroupNormOp::build(OpBuilder &builder, OperationState &state, Value x, Value weight, Value bias, int64_t groups,
                        double eps, Value gate, bool gateFirst) {
  build(builder, state, x.getType(), x, weight, bias, gate, groups, APFloat(eps), gateFirst);
}
