//===- ShapeOps.cpp - Heads, broadcasts, the last token -------------------===//

#include "Frame.h"
#include "dialects/Seq/Seq.h"

using namespace mlir;
using namespace seqc::reference;

static LogicalResult splitHeads(mlir::seq::SplitHeadsOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX());
  int64_t heads = static_cast<int64_t>(op.getHeads());
  Tensor::Shape shape(x.shape().drop_back());
  shape.append({heads, x.shape().back() / heads});
  frame.set(op.getY(), x.reshaped(shape));
  return success();
}

static LogicalResult mergeHeads(mlir::seq::MergeHeadsOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX());
  Tensor::Shape shape(x.shape().drop_back());
  shape.back() *= x.shape().back();
  frame.set(op.getY(), x.reshaped(shape));
  return success();
}

static LogicalResult broadcast(mlir::seq::BroadcastOp op, Frame &frame) {
  const Tensor &value = frame.tensor(op.getValue());
  Tensor::Shape shape(frame.tensor(op.getLike()).shape());
  if (std::optional<uint64_t> leading = op.getLeading()) {
    shape.truncate(*leading);
    shape.append(value.shape().begin(), value.shape().end());
  } else if (ArrayRef(shape).take_back(value.rank()) != value.shape()) {
    return op.emitOpError() << "repeats " << shapeText(value.shape()) << " over " << shapeText(shape);
  }
  Tensor y = Tensor::zerosLike(value, shape);
  for (int64_t i = 0; i < y.size(); ++i)
    y.copyElement(i, value, i % value.size());
  frame.set(op.getY(), std::move(y));
  return success();
}

static LogicalResult last(mlir::seq::LastOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX());
  int64_t batch = x.dim(0), time = x.dim(1);
  if (time == 0)
    return op.emitOpError() << "has no last token: x is " << shapeText(x.shape());
  Tensor::Shape shape(x.shape());
  shape[1] = 1;
  Tensor y = Tensor::zerosLike(x, shape);
  int64_t channels = Tensor::count(x.shape().drop_front(2));
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t c = 0; c < channels; ++c)
      y.copyElement(b * channels + c, x, (b * time + time - 1) * channels + c);
  frame.set(op.getY(), std::move(y));
  return success();
}

void seqc::reference::addShapeOps(Handlers &handlers) {
  handlers.add(splitHeads);
  handlers.add(mergeHeads);
  handlers.add(broadcast);
  handlers.add(last);
}
