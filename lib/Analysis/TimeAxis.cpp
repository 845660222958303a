//===- TimeAxis.cpp - Which dimension of a tensor is time -----------------===//

#include "TimeAxisBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::seq;
using namespace seqc;

//===----------------------------------------------------------------------===//
// The result
//===----------------------------------------------------------------------===//

LogicalResult TimeAxes::addEntry(func::FuncOp entry) {
  SmallVector<Axis> arguments;
  for (Type type : entry.getArgumentTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    arguments.push_back(tensor && tensor.getRank() >= 2 ? Axis(TimeAxis{1, false}) : std::nullopt);
  }
  return TimeAxisBuilder(*this).addFunction(entry, arguments, entry);
}

std::optional<TimeAxis> TimeAxes::operator[](Value value) const {
  auto found = axes.find(value);
  return found == axes.end() ? std::nullopt : Axis(found->second);
}

void TimeAxes::copy(Value from, Value to) {
  if (Axis axis = (*this)[from])
    axes[to] = *axis;
}

//===----------------------------------------------------------------------===//
// Functions and dispatch
//===----------------------------------------------------------------------===//

void TimeAxisBuilder::set(Value value, Axis axis) {
  if (axis)
    result.axes[value] = *axis;
}

LogicalResult TimeAxisBuilder::mixes(Operation *op, const Twine &how) {
  return op->emitOpError() << how
                           << "; it can not be cut into steps: say it by seq ops, or export the function with "
                              "kind \"other\", for which no steps are derived";
}

LogicalResult TimeAxisBuilder::addFunction(func::FuncOp function, ArrayRef<Axis> arguments, Operation *user) {
  auto [known, isNew] = result.functions.try_emplace(function, false);
  if (!isNew) {
    if (!known->second)
      return user->emitOpError("is part of a recursion through @")
             << function.getSymName() << ", which seqc does not compile";
    for (auto [argument, axis] : llvm::zip_equal(function.getArguments(), arguments))
      if (result[argument] != axis)
        return user->emitOpError("passes argument ")
               << argument.getArgNumber() << " of @" << function.getSymName()
               << " with another time dimension than an earlier use: give each its own function";
    return success();
  }
  for (auto [argument, axis] : llvm::zip_equal(function.getArguments(), arguments))
    set(argument, axis);
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("has branches between blocks: use scf inside linalg bodies, or seq ops");
  for (Operation &op : function.getBody().front())
    if (failed(transfer(&op)))
      return failure();
  result.functions[function] = true;
  return success();
}

bool TimeAxisBuilder::readsTime(Operation *op) const {
  auto dependsOnTime = [&](Value value) { return axis(value) || isLength(value); };
  if (llvm::any_of(op->getOperands(), dependsOnTime))
    return true;
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegions(), captured);
  return llvm::any_of(captured, dependsOnTime);
}

LogicalResult TimeAxisBuilder::transfer(Operation *op) {
  if (auto call = dyn_cast<func::CallOp>(op))
    return transferCall(call);
  if (auto dim = dyn_cast<tensor::DimOp>(op))
    return transferDim(dim);
  if (!readsTime(op) || isa<func::ReturnOp>(op))
    return success();
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](LastOp last) { return transferLast(last); })
      .Case([&](tensor::ExpandShapeOp expand) { return transferExpand(expand); })
      .Case([&](tensor::CollapseShapeOp collapse) { return transferCollapse(collapse); })
      .Case([&](tensor::ExtractSliceOp slice) { return transferExtractSlice(slice); })
      .Case([&](tensor::InsertSliceOp slice) { return transferInsertSlice(slice); })
      .Case([&](tensor::ConcatOp concat) { return transferConcat(concat); })
      .Case<tensor::EmptyOp, tensor::SplatOp>([&](auto sized) { return transferSized(sized, sized.getDynamicSizes()); })
      .Case([&](linalg::LinalgOp linalg) { return transferLinalg(linalg); })
      .Case([&](tensor::CastOp cast) {
        set(cast.getResult(), axis(cast.getSource()));
        return success();
      })
      .Default([&](Operation *other) {
        if (isa<TimeInterface, KvAppendOp>(other))
          return transferSeq(other);
        if (OpTrait::hasElementwiseMappableTraits(other))
          return transferElementwise(other);
        return mixes(other, "does not say what it carries along time (it has no TimeInterface)");
      });
}

LogicalResult TimeAxisBuilder::transferCall(func::CallOp call) {
  auto callee = result.module.lookupSymbol<func::FuncOp>(call.getCallee());
  if (!callee || callee.isExternal())
    return call.emitOpError("calls @") << call.getCallee() << ", which has no body";
  if (llvm::any_of(call.getOperands(), [&](Value operand) { return isLength(operand); }))
    return mixes(call, "passes the number of positions to a function");
  SmallVector<Axis> arguments = llvm::map_to_vector(call.getOperands(), [&](Value operand) { return axis(operand); });
  if (failed(addFunction(callee, arguments, call)))
    return failure();
  Operation *terminator = callee.getBody().front().getTerminator();
  for (auto [value, returned] : llvm::zip_equal(call.getResults(), terminator->getOperands()))
    set(value, axis(returned));
  return success();
}

//===----------------------------------------------------------------------===//
// seq ops
//===----------------------------------------------------------------------===//

LogicalResult TimeAxisBuilder::transferLast(LastOp last) {
  Axis from = axis(last.getX());
  if (from && from->dim != 1)
    return last.emitOpError("takes a tensor whose time is in dimension ") << from->dim << ", not 1: transpose it first";
  if (from && from->rows != 1)
    return last.emitOpError("takes a tensor with ")
           << from->rows << " rows a position: give them a dimension of their own first (tensor.expand_shape)";
  if (from)
    set(last.getY(), TimeAxis{1, true});
  return success();
}

/// The innermost dimensions over which an op reduces or which it reshapes; these can not
/// be time.
static int64_t innermostDimsTaken(Operation *op) {
  if (isa<MergeHeadsOp>(op))
    return 2;
  return isa<RmsNormOp, LayerNormOp, GroupNormOp, L2NormOp, LinearOp, PackedLinearOp, SplitHeadsOp, RouteOp,
             ExpertLinearOp, PackedExpertLinearOp>(op);
}

/// Whether an op counts tokens, by which a runtime bounds and forgets them.
static bool countsTokens(Operation *op) {
  auto time = dyn_cast<TimeInterface>(op);
  return time && llvm::any_of(time.getCarriedStates(), [](Type type) {
           auto state = dyn_cast<StateType>(type);
           return !state || state.getElementType().isInteger();
         });
}

LogicalResult TimeAxisBuilder::transferSeq(Operation *op) {
  Axis joined;
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    if (isLength(operand))
      return mixes(op, "computes with the number of positions");
    Axis from = axis(operand);
    if (!from)
      continue;
    int64_t rank = cast<RankedTensorType>(operand.getType()).getRank();
    if (from->dim != 1)
      return op->emitOpError("takes sequences [batch, time, ...], but time is dimension ")
             << from->dim << " of operand " << i << ": transpose it first";
    if (from->dim >= rank - innermostDimsTaken(op))
      return mixes(op, "has time as the channels of operand " + Twine(i));
    if (joined && from->rows != joined->rows)
      return op->emitOpError("combines sequences with ")
             << joined->rows << " and " << from->rows << " rows a position (operand " << i << ")";
    joined = {1, from->isLast || (joined && joined->isLast), from->rows};
  }
  if (joined->rows != 1 && countsTokens(op))
    return mixes(op, "counts tokens, but its input has " + Twine(joined->rows) + " rows for each of them");
  auto time = dyn_cast<TimeInterface>(op);
  if (joined->isLast && (!time || !time.getCarriedStates().empty()))
    return mixes(op,
                 "carries something along time, but its input is behind seq.last, which drops all positions but one");
  for (Value value : op->getResults())
    if (auto type = dyn_cast<RankedTensorType>(value.getType()); type && type.getRank() >= 2)
      set(value, joined);
  return success();
}

//===----------------------------------------------------------------------===//
// Elementwise ops
//===----------------------------------------------------------------------===//

bool TimeAxisBuilder::isUniform(Value value) {
  if (!isa<ShapedType>(value.getType()) || value.getDefiningOp<tensor::SplatOp>() ||
      value.getDefiningOp<tensor::EmptyOp>() || value.getDefiningOp<linalg::FillOp>())
    return true;
  DenseElementsAttr constant;
  return matchPattern(value, m_Constant(&constant)) && constant.isSplat();
}

LogicalResult TimeAxisBuilder::transferElementwise(Operation *op) {
  Axis joined;
  for (Value operand : op->getOperands()) {
    if (isLength(operand))
      return mixes(op, "computes with the number of positions");
    Axis from = axis(operand);
    if (from && joined && *from != *joined)
      return op->emitOpError("combines tensors whose time is in different dimensions, or has several rows a position "
                             "in one of them");
    joined = from ? from : joined;
  }
  for (Value operand : op->getOperands())
    if (!axis(operand) && !isUniform(operand))
      return mixes(
          op,
          "adds values that differ by position in the call; seq.positions and seq.embedding make a table of positions");
  for (Value value : op->getResults())
    set(value, joined);
  return success();
}
