//===- NarrowFloats.cpp - Masked accesses of 16-bit floats ----------------===//

#include "NarrowFloats.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

/// The vector of i16 with the bits of a vector of 16-bit floats; null for other types.
static VectorType integersLike(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  if (!vector || !isa<BFloat16Type, Float16Type>(vector.getElementType()))
    return VectorType();
  return cast<VectorType>(vector.clone(IntegerType::get(type.getContext(), 16)));
}

static void castOperands(Operation *op) {
  OpBuilder builder(op);
  for (OpOperand &operand : op->getOpOperands())
    if (VectorType integers = integersLike(operand.get().getType()))
      operand.set(LLVM::BitcastOp::create(builder, op->getLoc(), integers, operand.get()));
}

static void castResult(LLVM::MaskedLoadOp load) {
  VectorType integers = integersLike(load.getType());
  if (!integers)
    return;
  OpBuilder builder(load.getContext());
  builder.setInsertionPointAfter(load);
  Type floats = load.getType();
  load.getRes().setType(integers);
  Value cast = LLVM::BitcastOp::create(builder, load.getLoc(), floats, load.getRes());
  load.getRes().replaceAllUsesExcept(cast, cast.getDefiningOp());
}

void seqc::maskNarrowFloatsAsIntegers(ModuleOp module) {
  module.walk([](Operation *op) {
    if (!isa<LLVM::MaskedLoadOp, LLVM::MaskedStoreOp>(op))
      return;
    castOperands(op);
    if (auto load = dyn_cast<LLVM::MaskedLoadOp>(op))
      castResult(load);
  });
}
