//===- Linear.cpp - Linear layers, embeddings, activations ----------------===//

#include "Activate.h"
#include "Frame.h"
#include "dialects/Seq/Seq.h"

using namespace mlir;
using namespace seqc::reference;

static LogicalResult linear(mlir::seq::LinearOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX()), &weight = frame.tensor(op.getWeight());
  const Tensor *bias = frame.optional(op.getBias());
  bool transposed = op.getTransposed();
  int64_t inputs = weight.dim(transposed ? 0 : 1), outputs = weight.dim(transposed ? 1 : 0);
  Tensor::Shape shape(x.shape());
  shape.back() = outputs;
  Tensor y = Tensor::reals(shape);
  Tensor rows = x.reshaped({Tensor::count(x.shape().drop_back()), inputs});
  for (int64_t r = 0; r < rows.dim(0); ++r)
    for (int64_t n = 0; n < outputs; ++n) {
      double sum = bias ? (*bias)(n) : 0;
      for (int64_t k = 0; k < inputs; ++k)
        sum += rows(r, k) * (transposed ? weight(k, n) : weight(n, k));
      y.reals()[r * outputs + n] = sum;
    }
  frame.set(op.getY(), std::move(y));
  return success();
}

static LogicalResult embedding(mlir::seq::EmbeddingOp op, Frame &frame) {
  const Tensor &ids = frame.tensor(op.getIds()), &table = frame.tensor(op.getTable());
  int64_t rows = table.dim(0), channels = table.dim(1);
  Tensor::Shape shape(ids.shape());
  shape.push_back(channels);
  Tensor y = Tensor::reals(shape);
  for (int64_t i = 0; i < ids.size(); ++i) {
    int64_t id = ids.integers()[i];
    if (id < 0 || id >= rows)
      return op.emitOpError() << "looks up the id " << id << " (number " << i << "), outside [0, " << rows << ")";
    for (int64_t c = 0; c < channels; ++c)
      y.reals()[i * channels + c] = table(id, c);
  }
  frame.set(op.getY(), std::move(y));
  return success();
}

static LogicalResult activation(mlir::seq::ActivationOp op, Frame &frame) {
  Tensor y = frame.tensor(op.getX());
  for (double &x : y.reals())
    x = activate(op.getKind(), x);
  frame.set(op.getY(), std::move(y));
  return success();
}

static LogicalResult glu(mlir::seq::GluOp op, Frame &frame) {
  const Tensor &gate = frame.tensor(op.getGate());
  Tensor y = frame.tensor(op.getUp());
  if (gate.shape() != y.shape())
    return op.emitOpError() << "gate is " << shapeText(gate.shape()) << " and up is " << shapeText(y.shape());
  for (auto [result, x] : llvm::zip_equal(y.reals(), gate.reals()))
    result *= activate(op.getKind(), x);
  frame.set(op.getY(), std::move(y));
  return success();
}

void seqc::reference::addLinear(Handlers &handlers) {
  handlers.add(linear);
  handlers.add(embedding);
  handlers.add(activation);
  handlers.add(glu);
}
