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
  shape[axis->dim] = axis->rows;
  return tensor.clone(shape);
}

/// Makes the entry of time in a list of sizes that of one position: `constants` has
/// kDynamic where the next of `operands` counts. Returns the new constants.
static SmallVector<int64_t> withOnePositionOf(ArrayRef<int64_t> constants, MutableOperandRange operands,
                                              TimeAxis time) {
  SmallVector<int64_t> sizes(constants);
  if (ShapedType::isDynamic(sizes[time.dim]))
    operands.erase(llvm::count_if(ArrayRef(sizes).take_front(time.dim), ShapedType::isDynamic));
  sizes[time.dim] = time.rows;
  return sizes;
}

void seqc::setOnePosition(Operation *original, Operation *clone, const TimeAxes &axes) {
  if (original->getNumResults() == 0)
    return;
  if (std::optional<TimeAxis> axis = axes[original->getResult(0)])
    llvm::TypeSwitch<Operation *>(clone)
        .Case<tensor::EmptyOp, tensor::SplatOp>(
            [&](auto op) { (void)withOnePositionOf(op.getType().getShape(), op.getDynamicSizesMutable(), *axis); })
        .Case([&](tensor::ExpandShapeOp op) {
          op.setStaticOutputShape(withOnePositionOf(op.getStaticOutputShape(), op.getOutputShapeMutable(), *axis));
        })
        .Case([&](tensor::ExtractSliceOp op) {
          // Sizes count the dimensions of the source, of which some may be dropped.
          TimeAxis source = *axes[cast<tensor::ExtractSliceOp>(original).getSource()];
          op.setStaticSizes(withOnePositionOf(op.getStaticSizes(), op.getSizesMutable(), source));
        })
        .Case([&](tensor::InsertSliceOp op) {
          op.setStaticSizes(withOnePositionOf(op.getStaticSizes(), op.getSizesMutable(), *axis));
        });
  for (auto [from, to] : llvm::zip_equal(original->getResults(), clone->getResults()))
    to.setType(withOnePosition(from.getType(), axes[from]));
}
