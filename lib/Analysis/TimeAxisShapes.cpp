//===- TimeAxisShapes.cpp - Time through tensor ops and linalg ------------===//

#include "TimeAxisBuilder.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace seqc;

LogicalResult TimeAxisBuilder::transferDim(tensor::DimOp dim) {
  Axis from = axis(dim.getSource());
  if (!from)
    return success();
  std::optional<int64_t> index = dim.getConstantIndex();
  if (!index)
    return mixes(dim, "asks for a dimension that is no constant");
  if (*index == from->dim && from->rows != 1)
    return mixes(dim, "asks for " + Twine(from->rows) + " times the number of positions");
  if (*index == from->dim)
    result.lengths.insert(dim.getResult());
  return success();
}

/// tensor.empty and tensor.splat: the dimension that is as long as time is time.
LogicalResult TimeAxisBuilder::transferSized(Operation *op, ValueRange dynamicSizes) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  unsigned next = 0;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    if (!type.isDynamicDim(d) || !isLength(dynamicSizes[next++]))
      continue;
    if (axis(op->getResult(0)))
      return mixes(op, "has time in two dimensions");
    set(op->getResult(0), TimeAxis{d, false});
  }
  if (!axis(op->getResult(0)))
    return mixes(op, "makes a tensor of the number of positions");
  return success();
}

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

/// The product of some constant dimensions; nothing if one is dynamic or 0.
static std::optional<int64_t> elementsOf(RankedTensorType type, ArrayRef<int64_t> dims) {
  int64_t product = 1;
  for (int64_t d : dims) {
    if (type.isDynamicDim(d) || type.getDimSize(d) == 0)
      return std::nullopt;
    product *= type.getDimSize(d);
  }
  return product;
}

LogicalResult TimeAxisBuilder::transferExpand(tensor::ExpandShapeOp expand) {
  Axis from = axis(expand.getSrc());
  if (!from)
    return mixes(expand, "makes a dimension as long as time of a tensor without time");
  ReassociationIndices group = expand.getReassociationIndices()[from->dim];
  RankedTensorType type = expand.getResultType();
  auto *time = llvm::find_if_not(group, [&](int64_t d) { return type.getDimSize(d) == 1; });
  if (time == group.end())
    time = group.begin();
  std::optional<int64_t> inner = elementsOf(type, ArrayRef<int64_t>(time + 1, group.end()));
  if (!inner || from->rows % *inner != 0)
    return mixes(expand, "splits time into several dimensions");
  set(expand.getResult(), TimeAxis{*time, from->isLast, from->rows / *inner});
  return success();
}

LogicalResult TimeAxisBuilder::transferCollapse(tensor::CollapseShapeOp collapse) {
  Axis from = axis(collapse.getSrc());
  for (auto [d, group] : llvm::enumerate(collapse.getReassociationIndices())) {
    const int64_t *time = llvm::find(group, from->dim);
    if (time == group.end())
      continue;
    RankedTensorType type = collapse.getSrcType();
    std::optional<int64_t> outer = elementsOf(type, ArrayRef<int64_t>(group.begin(), time)),
                           inner = elementsOf(type, ArrayRef<int64_t>(time + 1, group.end()));
    if (from->isLast && (outer != 1 || inner != 1))
      return success(); // the last position, as a tensor without time
    if (outer != 1 || !inner)
      return mixes(collapse, "merges time with another dimension");
    set(collapse.getResult(), TimeAxis{static_cast<int64_t>(d), from->isLast, from->rows * *inner});
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

/// Whether a slice of a tensor takes all of time, dimension `time` of it, and computes
/// nothing else from its length.
bool TimeAxisBuilder::isWholeTime(OffsetSizeAndStrideOpInterface slice, TimeAxis time) {
  auto lengthOf = [&](OpFoldResult size) {
    auto value = dyn_cast<Value>(size);
    return value && isLength(value);
  };
  SmallVector<OpFoldResult> offsets = slice.getMixedOffsets(), sizes = slice.getMixedSizes(),
                            strides = slice.getMixedStrides();
  if (!isConstantIntValue(offsets[time.dim], 0) || !isConstantIntValue(strides[time.dim], 1) ||
      !(time.isLast ? isConstantIntValue(sizes[time.dim], 1) : lengthOf(sizes[time.dim])))
    return false;
  sizes.erase(sizes.begin() + time.dim);
  return llvm::none_of(offsets, lengthOf) && llvm::none_of(sizes, lengthOf) && llvm::none_of(strides, lengthOf);
}

LogicalResult TimeAxisBuilder::transferExtractSlice(tensor::ExtractSliceOp slice) {
  Axis from = axis(slice.getSource());
  if (!from || !isWholeTime(slice, *from))
    return mixes(slice, "takes part of the positions");
  llvm::SmallBitVector dropped = slice.getDroppedDims();
  if (dropped.test(from->dim))
    return success(); // the last position, as a tensor without time
  int64_t dim = from->dim;
  for (int64_t d = 0; d < from->dim; ++d)
    dim -= dropped.test(d);
  set(slice.getResult(), TimeAxis{dim, from->isLast});
  return success();
}

LogicalResult TimeAxisBuilder::transferInsertSlice(tensor::InsertSliceOp slice) {
  Axis source = axis(slice.getSource()), into = axis(slice.getDest());
  if (!source || source != into || slice.getSourceType().getRank() != slice.getDestType().getRank() ||
      !isWholeTime(slice, *into))
    return mixes(slice, "writes part of the positions");
  set(slice.getResult(), into);
  return success();
}

LogicalResult TimeAxisBuilder::transferConcat(tensor::ConcatOp concat) {
  Axis first = axis(concat.getInputs().front());
  if (!first || llvm::any_of(concat.getInputs(), [&](Value input) { return axis(input) != first; }) ||
      first->dim == static_cast<int64_t>(concat.getDim()))
    return mixes(concat, "puts positions behind one another");
  set(concat.getResult(), first);
  return success();
}

//===----------------------------------------------------------------------===//
// linalg
//===----------------------------------------------------------------------===//

/// The loop that runs over a dimension of an operand, if the access is plain.
static std::optional<unsigned> loopOf(AffineMap map, int64_t dim) {
  auto loop = dyn_cast<AffineDimExpr>(map.getResult(dim));
  return loop ? std::optional(loop.getPosition()) : std::nullopt;
}

FailureOr<TimeAxisBuilder::TimeLoop> TimeAxisBuilder::findTimeLoop(linalg::LinalgOp linalg) {
  std::optional<TimeLoop> found;
  for (OpOperand &operand : linalg->getOpOperands()) {
    Axis from = axis(operand.get());
    if (!from)
      continue;
    std::optional<unsigned> loop = loopOf(linalg.getMatchingIndexingMap(&operand), from->dim);
    if (!loop)
      return mixes(linalg, "reads neighbouring positions of operand " + Twine(operand.getOperandNumber()));
    if (found && (found->loop != *loop || found->isLast != from->isLast || found->rows != from->rows))
      return mixes(linalg, "pairs positions of operand " + Twine(operand.getOperandNumber()) + " with others");
    found = {*loop, from->isLast, from->rows};
  }
  if (!found)
    return mixes(linalg, "computes with the number of positions");
  return *found;
}

LogicalResult TimeAxisBuilder::transferLinalg(linalg::LinalgOp linalg) {
  FailureOr<TimeLoop> time = findTimeLoop(linalg);
  if (failed(time))
    return failure();
  if (linalg.getIteratorTypesArray()[time->loop] != utils::IteratorType::parallel)
    return mixes(linalg, "reduces over time");
  auto index = linalg->walk(
      [&](linalg::IndexOp op) { return op.getDim() == time->loop ? WalkResult::interrupt() : WalkResult::advance(); });
  if (index.wasInterrupted())
    return mixes(linalg, "computes with the number of a position in the call (seq.positions counts from the start)");
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(linalg->getRegions(), captured);
  if (llvm::any_of(captured, [&](Value value) { return axis(value) || isLength(value); }))
    return mixes(linalg, "reads a sequence from inside its body");
  for (OpOperand *input : linalg.getDpsInputOperands()) {
    AffineMap map = linalg.getMatchingIndexingMap(input);
    if (!axis(input->get()) && map.isFunctionOfDim(time->loop) && !isUniform(input->get()))
      return mixes(linalg, "reads operand " + Twine(input->getOperandNumber()) + " by the position in the call");
  }
  for (OpOperand &init : linalg.getDpsInitsMutable()) {
    if (!isa<RankedTensorType>(init.get().getType()))
      continue;
    AffineMap map = linalg.getMatchingIndexingMap(&init);
    for (int64_t d = 0; d < map.getNumResults(); ++d)
      if (loopOf(map, d) == time->loop)
        set(linalg.getTiedOpResult(&init), TimeAxis{d, time->isLast, time->rows});
  }
  return success();
}
