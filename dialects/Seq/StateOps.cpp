//===- StateOps.cpp - Making, choosing and shortening states --------------===//

#include "dialects/Seq/Verify.h"

using namespace mlir;
using namespace mlir::seq;

using Effects = SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

LogicalResult StateInitOp::verify() {
  if (isa<KVType>(getState().getType()) != static_cast<bool>(getCapacity()))
    return violate(*this, "state_init_c1", "a KV state needs a capacity, and only it");
  return success();
}
void StateInitOp::getEffects(Effects &effects) {
  effects.emplace_back(MemoryEffects::Allocate::get(), cast<OpResult>(getState()));
}

#define UPDATES_STATE(OP)                                                                                              \
  LogicalResult OP::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,                          \
                                     SmallVectorImpl<Type> &types) {                                                   \
    types.push_back(adaptor.getState().getType());                                                                     \
    return success();                                                                                                  \
  }                                                                                                                    \
  void OP::getEffects(Effects &effects) { effects.emplace_back(MemoryEffects::Write::get(), &getStateMutable()); }
UPDATES_STATE(StateSelectOp)
UPDATES_STATE(StateRollbackOp)
#undef UPDATES_STATE

LogicalResult StateSelectOp::verify() {
  if (!hasShape(getRows(), {ShapedType::kDynamic}))
    return violate(*this, "state_select_c1", "rows is [B]: the old row of each new one");
  return success();
}

LogicalResult StateRollbackOp::verify() {
  if (!isa<KVType>(getState().getType()))
    return violate(*this, "state_rollback_c1",
                   "only a KV state can forget its newest tokens: keep a copy of any other and go back to it");
  if (!hasShape(getLengths(), {ShapedType::kDynamic}))
    return violate(*this, "state_rollback_c2", "lengths is [B]: the tokens that each row keeps");
  return success();
}
