//===- OnePosition.cpp - Ops on one position of time ----------------------===//

#include "OnePosition.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace seqc;

Type seqc::withOnePosition(Type type, std::optional<TimeAxis> axis) {
  if (!axis)
    return type;
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  shape[axis->dim] = 1;
  return tensor.clone(shape);
}

/// Makes entry `dim` of a list of sizes the constant 1: `constants` has kDynamic where
/// the next of `operands` counts. Returns the new constants.
static SmallVector<int64_t> setToOne(ArrayRef<int64_t> constants, MutableOperandRange operands, int64_t dim) {
  SmallVector<int64_t> sizes(constants);
  if (ShapedType::isDynamic(sizes[dim]))
    operands.erase(llvm::count_if(ArrayRef(sizes).take_front(dim), ShapedType::isDynamic));
  sizes[dim] = 1;
  return sizes;
}

void seqc::setOnePosition(Operation *original, Operation *clone, const TimeAxes &axes) {
  if (original->getNumResults() == 0)
    return;
  if (std::optional<TimeAxis> axis = axes[original->getResult(0)])
    llvm::TypeSwitch<Operation *>(clone)
        .Case<tensor::EmptyOp, tensor::SplatOp>(
            [&](auto op) { (void)setToOne(op.getType().getShape(), op.getDynamicSizesMutable(), axis->dim); })
        .Case([&](tensor::ExpandShapeOp op) {
          op.setStaticOutputShape(setToOne(op.getStaticOutputShape(), op.getOutputShapeMutable(), axis->dim));
        })
        .Case([&](tensor::ExtractSliceOp op) {
          // Sizes count the dimensions of the source, of which some may be dropped.
          int64_t dim = axes[cast<tensor::ExtractSliceOp>(original).getSource()]->dim;
          op.setStaticSizes(setToOne(op.getStaticSizes(), op.getSizesMutable(), dim));
        })
        .Case([&](tensor::InsertSliceOp op) {
          op.setStaticSizes(setToOne(op.getStaticSizes(), op.getSizesMutable(), axis->dim));
        });
  for (auto [from, to] : llvm::zip_equal(original->getResults(), clone->getResults()))
    to.setType(withOnePosition(from.getType(), axes[from]));
}
