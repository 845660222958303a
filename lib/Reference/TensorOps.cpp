//===- TensorOps.cpp - The tensor dialect ---------------------------------===//

#include "Frame.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace seqc::reference;

/// A tensor for a result of this type, filled with zeros.
static FailureOr<Tensor> zeros(Operation *op, Type type, ArrayRef<int64_t> shape) {
  if (failed(checkShape(op, shape)))
    return failure();
  return getElementTypeOrSelf(type).isIntOrIndex() ? Tensor::integers(shape) : Tensor::reals(shape);
}

/// Sets every element to `datum`.
static void fill(Tensor &tensor, const Datum &datum) {
  if (tensor.isReal())
    llvm::fill(tensor.reals(), std::get<double>(datum));
  else
    llvm::fill(tensor.integers(), std::get<int64_t>(datum));
}

static void setElement(Tensor &tensor, int64_t offset, const Datum &datum) {
  if (tensor.isReal())
    tensor.reals()[offset] = std::get<double>(datum);
  else
    tensor.integers()[offset] = std::get<int64_t>(datum);
}

/// A type's shape with its dynamic extents filled in, in order.
static Tensor::Shape shapeOf(RankedTensorType type, ValueRange dynamic, const Frame &frame) {
  Tensor::Shape shape(type.getShape());
  for (int64_t &extent : shape)
    if (ShapedType::isDynamic(extent)) {
      extent = frame.integer(dynamic.front());
      dynamic = dynamic.drop_front();
    }
  return shape;
}

//===----------------------------------------------------------------------===//
// Making tensors
//===----------------------------------------------------------------------===//

static LogicalResult runEmpty(tensor::EmptyOp op, Frame &frame) {
  auto tensor = zeros(op, op.getType(), shapeOf(op.getType(), op.getDynamicSizes(), frame));
  if (failed(tensor))
    return failure();
  frame.set(op.getResult(), std::move(*tensor));
  return success();
}

static LogicalResult runSplat(tensor::SplatOp op, Frame &frame) {
  auto tensor = zeros(op, op.getType(), shapeOf(op.getType(), op.getDynamicSizes(), frame));
  if (failed(tensor))
    return failure();
  fill(*tensor, frame.get(op.getInput()));
  frame.set(op.getResult(), std::move(*tensor));
  return success();
}

static LogicalResult runFromElements(tensor::FromElementsOp op, Frame &frame) {
  auto tensor = zeros(op, op.getType(), op.getType().getShape());
  if (failed(tensor))
    return failure();
  for (auto [i, element] : llvm::enumerate(op.getElements()))
    setElement(*tensor, static_cast<int64_t>(i), frame.get(element));
  frame.set(op.getResult(), std::move(*tensor));
  return success();
}

/// Sets the elements of `tensor` by running a body on their indices.
static LogicalResult generate(Tensor &tensor, Region &body, Frame &frame) {
  for (int64_t i = 0; i < tensor.size(); ++i) {
    Tensor::Shape index = tensor.indexOf(i);
    auto yielded = frame.run(body, llvm::map_to_vector(index, [](int64_t x) { return Datum(x); }));
    if (failed(yielded))
      return failure();
    setElement(tensor, i, yielded->front());
  }
  return success();
}

static LogicalResult runGenerate(tensor::GenerateOp op, Frame &frame) {
  auto type = cast<RankedTensorType>(op.getType());
  auto tensor = zeros(op, type, shapeOf(type, op.getDynamicExtents(), frame));
  if (failed(tensor) || failed(generate(*tensor, op.getBody(), frame)))
    return failure();
  frame.set(op.getResult(), std::move(*tensor));
  return success();
}

//===----------------------------------------------------------------------===//
// Elements, extents, shapes
//===----------------------------------------------------------------------===//

/// The row-major offset of an index that a program computed; fails outside the tensor.
static FailureOr<int64_t> offsetOf(Operation *op, const Tensor &tensor, ValueRange indices, const Frame &frame) {
  Tensor::Shape index;
  for (auto [d, value] : llvm::enumerate(indices)) {
    index.push_back(frame.integer(value));
    if (index.back() < 0 || index.back() >= tensor.dim(static_cast<int64_t>(d)))
      return op->emitOpError() << "has the index " << index.back() << " in dimension " << d << " of "
                               << shapeText(tensor.shape());
  }
  return tensor.offset(index);
}

static LogicalResult runExtract(tensor::ExtractOp op, Frame &frame) {
  const Tensor &tensor = frame.tensor(op.getTensor());
  auto offset = offsetOf(op, tensor, op.getIndices(), frame);
  if (failed(offset))
    return failure();
  frame.set(op.getResult(), tensor.isReal() ? Datum(tensor.reals()[*offset]) : Datum(tensor.integers()[*offset]));
  return success();
}

static LogicalResult runInsert(tensor::InsertOp op, Frame &frame) {
  Tensor tensor = frame.tensor(op.getDest());
  auto offset = offsetOf(op, tensor, op.getIndices(), frame);
  if (failed(offset))
    return failure();
  setElement(tensor, *offset, frame.get(op.getScalar()));
  frame.set(op.getResult(), std::move(tensor));
  return success();
}

static LogicalResult runDim(tensor::DimOp op, Frame &frame) {
  const Tensor &tensor = frame.tensor(op.getSource());
  int64_t index = frame.integer(op.getIndex());
  if (index < 0 || index >= tensor.rank())
    return op.emitOpError() << "asks for dimension " << index << " of " << shapeText(tensor.shape());
  frame.set(op.getResult(), tensor.dim(index));
  return success();
}

static LogicalResult runCast(tensor::CastOp op, Frame &frame) {
  frame.set(op.getResult(), frame.get(op.getOperand()));
  return success();
}

static LogicalResult runCollapse(tensor::CollapseShapeOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getSrc());
  Tensor::Shape shape;
  for (const auto &group : op.getReassociationIndices()) {
    int64_t extent = 1;
    for (int64_t d : group)
      extent *= x.dim(d);
    shape.push_back(extent);
  }
  frame.set(op.getResult(), x.reshaped(shape));
  return success();
}

static LogicalResult runExpand(tensor::ExpandShapeOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getSrc());
  Tensor::Shape shape = frame.fold(op.getMixedOutputShape());
  if (failed(checkShape(op, shape)))
    return failure();
  for (auto [d, group] : llvm::enumerate(op.getReassociationIndices())) {
    int64_t extent = 1;
    for (int64_t target : group)
      extent *= shape[target];
    if (extent != x.dim(static_cast<int64_t>(d)))
      return op.emitOpError() << "expands " << shapeText(x.shape()) << " to " << shapeText(shape);
  }
  frame.set(op.getResult(), x.reshaped(shape));
  return success();
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

namespace {

/// A box inside a tensor.
struct Slice {
  Tensor::Shape offsets, sizes, strides;

  /// Whether the box lies inside a tensor of this shape.
  bool isInside(ArrayRef<int64_t> shape) const {
    for (size_t d = 0; d < shape.size(); ++d) {
      int64_t reach;
      if (offsets[d] < 0 || sizes[d] < 0 || strides[d] <= 0 ||
          __builtin_mul_overflow(std::max<int64_t>(sizes[d] - 1, 0), strides[d], &reach) ||
          __builtin_add_overflow(reach, offsets[d], &reach) || (sizes[d] > 0 ? reach >= shape[d] : reach > shape[d]))
        return false;
    }
    return true;
  }

  /// Calls `visit` with each element's offset in the tensor, in row-major order.
  template <class Visit> void each(const Tensor &tensor, Visit visit) const {
    if (llvm::is_contained(sizes, 0))
      return;
    Tensor::Shape index(sizes.size(), 0), at(sizes.size());
    do {
      for (size_t d = 0; d < index.size(); ++d)
        at[d] = offsets[d] + index[d] * strides[d];
      visit(tensor.offset(at));
    } while (advance(index, sizes));
  }
};

} // namespace

template <class SliceOp> static FailureOr<Slice> sliceOf(SliceOp op, const Tensor &whole, const Frame &frame) {
  Slice slice{frame.fold(op.getMixedOffsets()), frame.fold(op.getMixedSizes()), frame.fold(op.getMixedStrides())};
  if (!slice.isInside(whole.shape()))
    return op.emitOpError() << "takes a part at " << shapeText(slice.offsets) << " of " << shapeText(slice.sizes)
                            << " outside " << shapeText(whole.shape());
  return slice;
}

static LogicalResult runExtractSlice(tensor::ExtractSliceOp op, Frame &frame) {
  const Tensor &source = frame.tensor(op.getSource());
  auto slice = sliceOf(op, source, frame);
  if (failed(slice))
    return failure();
  // Dimensions of extent 1 that the result does not have are dropped.
  llvm::SmallBitVector dropped = op.getDroppedDims();
  Tensor::Shape shape;
  for (auto [d, size] : llvm::enumerate(slice->sizes))
    if (!dropped.test(d))
      shape.push_back(size);
  Tensor part = Tensor::zerosLike(source, shape);
  int64_t to = 0;
  slice->each(source, [&](int64_t from) { part.copyElement(to++, source, from); });
  frame.set(op.getResult(), std::move(part));
  return success();
}

static LogicalResult runInsertSlice(tensor::InsertSliceOp op, Frame &frame) {
  const Tensor &part = frame.tensor(op.getSource());
  Tensor whole = frame.tensor(op.getDest());
  auto slice = sliceOf(op, whole, frame);
  if (failed(slice))
    return failure();
  if (Tensor::count(slice->sizes) != part.size())
    return op.emitOpError() << "puts " << shapeText(part.shape()) << " into a part of " << shapeText(slice->sizes);
  int64_t from = 0;
  slice->each(whole, [&](int64_t to) { whole.copyElement(to, part, from++); });
  frame.set(op.getResult(), std::move(whole));
  return success();
}

static LogicalResult runConcat(tensor::ConcatOp op, Frame &frame) {
  auto axis = static_cast<int64_t>(op.getDim());
  const Tensor &first = frame.tensor(op.getInputs()[0]);
  Tensor::Shape shape(first.shape());
  shape[axis] = 0;
  for (Value input : op.getInputs()) {
    Tensor::Shape expected(shape), part(frame.tensor(input).shape());
    shape[axis] += part[axis];
    expected[axis] = part[axis];
    if (part != expected)
      return op.emitOpError() << "joins " << shapeText(first.shape()) << " and " << shapeText(part)
                              << " along dimension " << axis;
  }
  Tensor whole = Tensor::zerosLike(first, shape);
  Slice slice{Tensor::Shape(shape.size(), 0), shape, Tensor::Shape(shape.size(), 1)};
  for (Value input : op.getInputs()) {
    const Tensor &part = frame.tensor(input);
    slice.sizes[axis] = part.dim(axis);
    int64_t from = 0;
    slice.each(whole, [&](int64_t to) { whole.copyElement(to, part, from++); });
    slice.offsets[axis] += part.dim(axis);
  }
  frame.set(op.getResult(), std::move(whole));
  return success();
}

static LogicalResult runPad(tensor::PadOp op, Frame &frame) {
  const Tensor &source = frame.tensor(op.getSource());
  Tensor::Shape low = frame.fold(op.getMixedLowPad()), high = frame.fold(op.getMixedHighPad());
  Tensor::Shape shape(source.shape());
  for (auto [d, extent] : llvm::enumerate(shape)) {
    if (low[d] < 0 || high[d] < 0)
      return op.emitOpError() << "pads by a negative number";
    extent += low[d] + high[d];
  }
  auto padded = zeros(op, op.getType(), shape);
  if (failed(padded) || failed(generate(*padded, op.getRegion(), frame)))
    return failure();
  Slice slice{low, Tensor::Shape(source.shape()), Tensor::Shape(shape.size(), 1)};
  int64_t from = 0;
  slice.each(*padded, [&](int64_t to) { padded->copyElement(to, source, from++); });
  frame.set(op.getResult(), std::move(*padded));
  return success();
}

void seqc::reference::addTensorOps(Handlers &handlers) {
  handlers.add(runEmpty);
  handlers.add(runSplat);
  handlers.add(runFromElements);
  handlers.add(runGenerate);
  handlers.add(runExtract);
  handlers.add(runInsert);
  handlers.add(runDim);
  handlers.add(runCast);
  handlers.add(runCollapse);
  handlers.add(runExpand);
  handlers.add(runExtractSlice);
  handlers.add(runInsertSlice);
  handlers.add(runConcat);
  handlers.add(runPad);
}
