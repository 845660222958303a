//===- PackedOps.cpp - Packed weights and what kernels use ----------------===//

#include "dialects/Seq/Seq.h"

using namespace mlir;
using namespace mlir::seq;

int64_t PackingType::getRecordBytes() {
  if (isa<Q4_0Type>(getFormat()))
    return kPanel * 2 + kPanel * 32 / 2;
  if (isa<Q4_1Type>(getFormat()))
    return kPanel * 4 + kPanel * 32 / 2;
  if (isa<Q8_0Type>(getFormat()))
    return kPanel * 2 + kPanel * 32;
  return kPanel * getFormat().getIntOrFloatBitWidth() / 8;
}

int64_t PackingType::getPanelBytes() {
  auto block = getBlockFormat(getFormat());
  return getRecordBytes() * (block ? getInputs() / block->elements : getInputs());
}

void ParallelOp::build(OpBuilder &builder, OperationState &state, Value count, Value grain) {
  state.addOperands({count, grain});
  Type index = builder.getIndexType();
  Region *body = state.addRegion();
  Block *block = new Block;
  body->push_back(block);
  block->addArguments({index, index, index}, {state.location, state.location, state.location});
  ensureTerminator(*body, builder, state.location);
}
