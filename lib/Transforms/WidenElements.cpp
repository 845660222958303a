//===- WidenElements.cpp - Let kernels work in f32 ------------------------===//

#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "seq/Transforms/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQWIDENELEMENTS
#include "lib/Transforms/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace mlir::seq;

namespace {

bool isNarrow(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && isa<Float16Type, BFloat16Type>(tensor.getElementType());
}

Type widened(Type type) {
  return isNarrow(type) ? cast<RankedTensorType>(type).clone(Float32Type::get(type.getContext())) : type;
}

/// Matrices are packed in whatever type they are stored in.
bool isMatrix(OpOperand &operand) {
  if (auto linear = dyn_cast<LinearOp>(operand.getOwner()))
    return &operand == &linear.getWeightMutable();
  if (auto embedding = dyn_cast<EmbeddingOp>(operand.getOwner()))
    return &operand == &embedding.getTableMutable();
  if (auto experts = dyn_cast<ExpertLinearOp>(operand.getOwner()))
    return &operand == &experts.getWeightMutable();
  return false;
}

/// Whether an op computes by a kernel, and not only moves elements or becomes arithmetic.
bool computesByKernel(Operation *op) {
  return isa<TimeInterface>(op) &&
         !isa<LastOp, PositionsOp, SplitHeadsOp, MergeHeadsOp, BroadcastOp, ActivationOp, GluOp>(op);
}

/// Whether states that the op was given fix the type that it works in.
bool isGivenStates(Operation *op) { return llvm::any_of(op->getOperandTypes(), llvm::IsaPred<StateType, KVType>); }

bool hasNarrow(Operation *op) {
  return llvm::any_of(op->getResultTypes(), isNarrow) || llvm::any_of(op->getOpOperands(), [](OpOperand &operand) {
           return isNarrow(operand.get().getType()) && !isMatrix(operand);
         });
}

void widen(Operation *op) {
  OpBuilder builder(op);
  for (OpOperand &operand : op->getOpOperands())
    if (Type type = operand.get().getType(); isNarrow(type) && !isMatrix(operand))
      operand.set(arith::ExtFOp::create(builder, op->getLoc(), widened(type), operand.get()));
  builder.setInsertionPointAfter(op);
  for (Value result : op->getResults()) {
    Type type = result.getType();
    if (!isNarrow(type))
      continue;
    result.setType(widened(type));
    Value narrow = arith::TruncFOp::create(builder, op->getLoc(), type, result);
    result.replaceAllUsesExcept(narrow, narrow.getDefiningOp());
  }
}

struct SeqWidenElements : seqc::impl::SeqWidenElementsBase<SeqWidenElements> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (computesByKernel(op) && !isGivenStates(op) && hasNarrow(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      widen(op);
  }
};

} // namespace
