//===- Linalg.cpp - Structured ops on tensors -----------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "Frame.h"

using namespace mlir;
using namespace seqc::reference;

/// The value of an affine expression of dimensions; nothing where it divides by zero.
static std::optional<int64_t> evaluate(AffineExpr expression, ArrayRef<int64_t> point) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expression))
    return constant.getValue();
  if (auto dimension = dyn_cast<AffineDimExpr>(expression))
    return point[dimension.getPosition()];
  auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
  auto a = binary ? evaluate(binary.getLHS(), point) : std::nullopt;
  auto b = binary ? evaluate(binary.getRHS(), point) : std::nullopt;
  if (!a || !b)
    return std::nullopt;
  switch (expression.getKind()) {
  case AffineExprKind::Add:
    return *a + *b;
  case AffineExprKind::Mul:
    return *a * *b;
  case AffineExprKind::Mod:
    return *b > 0 ? std::optional(llvm::mod(*a, *b)) : std::nullopt;
  case AffineExprKind::FloorDiv:
    return *b > 0 ? std::optional(llvm::divideFloorSigned(*a, *b)) : std::nullopt;
  case AffineExprKind::CeilDiv:
    return *b > 0 ? std::optional(llvm::divideCeilSigned(*a, *b)) : std::nullopt;
  default:
    return std::nullopt;
  }
}

namespace {

/// An operand of a linalg op: a tensor read through its map, or a scalar.
struct Accessed {
  OpOperand *operand;
  AffineMap map;
  const Tensor *tensor; ///< null for scalars
};

} // namespace

/// Where `accessed` is read or written at `point`; fails outside the tensor.
static FailureOr<int64_t> locate(linalg::LinalgOp op, const Accessed &accessed, ArrayRef<int64_t> point) {
  Tensor::Shape index;
  for (AffineExpr expression : accessed.map.getResults()) {
    auto position = evaluate(expression, point);
    int64_t extent = accessed.tensor->dim(static_cast<int64_t>(index.size()));
    if (!position || *position < 0 || *position >= extent)
      return op->emitOpError() << "leaves operand " << accessed.operand->getOperandNumber() << " of "
                               << shapeText(accessed.tensor->shape()) << " at the point " << shapeText(point);
    index.push_back(*position);
  }
  return accessed.tensor->offset(index);
}

static Datum elementOf(const Tensor &tensor, int64_t offset) {
  return tensor.isReal() ? Datum(tensor.reals()[offset]) : Datum(tensor.integers()[offset]);
}

/// Operands that a loop runs along have its extent.
static LogicalResult checkExtents(linalg::LinalgOp op, ArrayRef<Accessed> operands, ArrayRef<int64_t> extents) {
  for (const Accessed &accessed : operands)
    for (auto [d, expression] : llvm::enumerate(accessed.map.getResults())) {
      auto loop = dyn_cast<AffineDimExpr>(expression);
      int64_t extent = loop ? accessed.tensor->dim(static_cast<int64_t>(d)) : 0;
      if (loop && extent != extents[loop.getPosition()])
        return op->emitOpError() << "loops over " << extents[loop.getPosition()] << " elements where operand "
                                 << accessed.operand->getOperandNumber() << " has " << extent;
    }
  return success();
}

/// The extents of the loops, from the operands' shapes.
static FailureOr<Tensor::Shape> loopExtents(linalg::LinalgOp op, ArrayRef<Accessed> operands) {
  SmallVector<int64_t> shapes;
  for (const Accessed &accessed : operands)
    if (accessed.tensor)
      llvm::append_range(shapes, accessed.tensor->shape());
  AffineMap map = op.getShapesToLoopsMap();
  Tensor::Shape extents;
  for (AffineExpr expression : map ? map.getResults() : ArrayRef<AffineExpr>()) {
    auto extent = evaluate(expression, shapes);
    if (!extent)
      return op->emitOpError() << "has a loop whose extent no operand gives";
    extents.push_back(*extent);
  }
  if (!map)
    return op->emitOpError() << "has a loop whose extent no operand gives";
  if (failed(checkExtents(op, operands, extents)))
    return failure();
  return extents;
}

/// Runs the body at one point and stores what it yields into `results`.
static LogicalResult runPoint(linalg::LinalgOp op, Frame &frame, ArrayRef<Accessed> operands, ArrayRef<int64_t> point,
                              MutableArrayRef<Tensor> results) {
  SmallVector<Datum> arguments(op.getBlock()->getNumArguments(), Datum(int64_t(0)));
  SmallVector<int64_t> targets;
  for (const Accessed &accessed : operands) {
    Datum datum = frame.get(accessed.operand->get());
    if (accessed.tensor) {
      auto offset = locate(op, accessed, point);
      if (failed(offset))
        return failure();
      bool isResult = op.isDpsInit(accessed.operand);
      datum = elementOf(isResult ? results[targets.size()] : *accessed.tensor, *offset);
      if (isResult)
        targets.push_back(*offset);
    }
    if (BlockArgument argument = op.getMatchingBlockArgument(accessed.operand))
      arguments[argument.getArgNumber()] = std::move(datum);
  }
  auto yielded = frame.run(*op.getBlock(), arguments);
  if (failed(yielded))
    return failure();
  for (auto [result, offset, datum] : llvm::zip_equal(results, targets, *yielded)) {
    if (result.isReal())
      result.reals()[offset] = std::get<double>(datum);
    else
      result.integers()[offset] = std::get<int64_t>(datum);
  }
  return success();
}

static LogicalResult runLinalg(linalg::LinalgOp op, Frame &frame) {
  if (!op.hasPureTensorSemantics())
    return op->emitOpError() << "works on buffers; the oracle knows tensors only";
  SmallVector<Accessed> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    bool shaped = isa<RankedTensorType>(operand.get().getType());
    operands.push_back(
        {&operand, op.getMatchingIndexingMap(&operand), shaped ? &frame.tensor(operand.get()) : nullptr});
  }
  auto extents = loopExtents(op, operands);
  if (failed(extents))
    return failure();
  SmallVector<Tensor> results;
  for (Value init : op.getDpsInits())
    results.push_back(frame.tensor(init));
  Tensor::Shape point(extents->size(), 0);
  bool empty = llvm::is_contained(*extents, 0);
  for (bool more = !empty; more; more = advance(point, *extents)) {
    frame.points.push_back(point);
    LogicalResult ran = runPoint(op, frame, operands, point, results);
    frame.points.pop_back();
    if (failed(ran))
      return failure();
  }
  for (auto [value, result] : llvm::zip_equal(op->getResults(), results))
    frame.set(value, std::move(result));
  return success();
}

static LogicalResult runIndex(linalg::IndexOp op, Frame &frame) {
  frame.set(op.getResult(), frame.points.back()[op.getDim()]);
  return success();
}

void seqc::reference::addLinalg(Handlers &handlers) {
  handlers.add(linalg::GenericOp::getOperationName(),
               [](Operation *op, Frame &frame) { return runLinalg(cast<linalg::LinalgOp>(op), frame); });
  handlers.add(runIndex);
}
