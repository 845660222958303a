//===- Linear.cpp - Linear layers, embeddings, activations ----------------===//

#include "Frame.h"
#include "dialects/Seq/Seq.h"
#include <cmath>
#include <numbers>

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

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

static double activate(mlir::seq::Activation kind, double x) {
  using mlir::seq::Activation;
  switch (kind) {
  case Activation::Silu:
    return x * sigmoid(x);
  case Activation::Gelu:
    return x * 0.5 * std::erfc(-x / std::numbers::sqrt2);
  case Activation::GeluTanh:
    return x * 0.5 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
  case Activation::Relu:
    return std::isnan(x) ? x : std::max(x, 0.0);
  case Activation::Relu2:
    return std::isnan(x) ? x : std::max(x, 0.0) * std::max(x, 0.0);
  case Activation::Sigmoid:
    return sigmoid(x);
  case Activation::Tanh:
    return std::tanh(x);
  case Activation::Softplus:
    // The same as log(1 + exp(x)), without overflow.
    return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
  case Activation::Identity:
    return x;
  }
  llvm_unreachable("all kinds are above");
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
