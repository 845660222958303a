//===- Norms.cpp - Norms over channels ------------------------------------===//

#include "Activate.h"
#include "Frame.h"
#include "dialects/Seq/Seq.h"
#include <cmath>

using namespace mlir;
using namespace seqc::reference;

/// Norms every run of `length` elements of x: `normRow` gets the run, to change in place.
/// Then element c of each innermost row is times weight[c] + offset and plus bias[c].
template <class NormRow>
static Tensor normRows(const Tensor &x, int64_t length, NormRow normRow, const Tensor *weight, const Tensor *bias,
                       double offset = 0) {
  Tensor y = x;
  MutableArrayRef<double> all = y.reals();
  for (int64_t begin = 0; begin + length <= y.size() && length > 0; begin += length)
    normRow(all.slice(begin, length));
  int64_t channels = x.shape().back();
  for (int64_t i = 0; i < y.size(); ++i) {
    if (weight)
      all[i] *= (*weight)(i % channels) + offset;
    if (bias)
      all[i] += (*bias)(i % channels);
  }
  return y;
}

static double meanSquare(ArrayRef<double> row) {
  double sum = 0;
  for (double x : row)
    sum += x * x;
  return sum / static_cast<double>(row.size());
}

/// (x - mean) / sqrt(variance + eps), with the population variance.
static void standardise(MutableArrayRef<double> row, double eps) {
  double mean = 0;
  for (double x : row)
    mean += x;
  mean /= static_cast<double>(row.size());
  for (double &x : row)
    x -= mean;
  double length = std::sqrt(meanSquare(row) + eps);
  for (double &x : row)
    x /= length;
}

/// Weight and bias must be as long as a row of x.
static LogicalResult checkAffine(Operation *op, const Tensor &x, const Tensor *weight, const Tensor *bias) {
  int64_t channels = x.shape().back();
  if ((weight && failed(unify(op, "weight", *weight, {&channels}))) ||
      (bias && failed(unify(op, "bias", *bias, {&channels}))))
    return failure();
  return success();
}

/// x times silu(gate); fails with an error at `op` if their shapes differ.
static FailureOr<Tensor> gated(Operation *op, Tensor x, const Tensor &gate) {
  if (x.shape() != gate.shape())
    return op->emitOpError() << "x is " << shapeText(x.shape()) << " and its gate is " << shapeText(gate.shape());
  for (auto [element, z] : llvm::zip_equal(x.reals(), gate.reals()))
    element *= activate(mlir::seq::Activation::Silu, z);
  return x;
}

/// Sets the result of a norm that can be gated: `norm` is applied to x, which is gated before
/// it or after it, or not at all.
template <class OpTy, class Norm> static LogicalResult setGated(OpTy op, Frame &frame, Norm norm) {
  const Tensor *gate = frame.optional(op.getGate());
  FailureOr<Tensor> y = frame.tensor(op.getX());
  if (gate && op.getGateFirst())
    y = gated(op, *y, *gate);
  if (succeeded(y))
    y = norm(*y);
  if (succeeded(y) && gate && !op.getGateFirst())
    y = gated(op, *y, *gate);
  if (failed(y))
    return failure();
  frame.set(op.getY(), std::move(*y));
  return success();
}

static LogicalResult rmsNorm(mlir::seq::RmsNormOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX()), *weight = frame.optional(op.getWeight());
  if (failed(checkAffine(op, x, weight, nullptr)))
    return failure();
  double eps = op.getEps().convertToDouble();
  auto normRow = [eps](MutableArrayRef<double> row) {
    double length = std::sqrt(meanSquare(row) + eps);
    for (double &element : row)
      element /= length;
  };
  int64_t length = x.shape().back() / static_cast<int64_t>(op.getGroups());
  return setGated(op, frame, [&](const Tensor &input) {
    return normRows(input, length, normRow, weight, nullptr, op.getWeightOffset().convertToDouble());
  });
}

static LogicalResult layerNorm(mlir::seq::LayerNormOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX());
  const Tensor *weight = frame.optional(op.getWeight()), *bias = frame.optional(op.getBias());
  if (failed(checkAffine(op, x, weight, bias)))
    return failure();
  auto normRow = [eps = op.getEps().convertToDouble()](MutableArrayRef<double> row) { standardise(row, eps); };
  frame.set(op.getY(), normRows(x, x.shape().back(), normRow, weight, bias));
  return success();
}

static LogicalResult groupNorm(mlir::seq::GroupNormOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX());
  const Tensor *weight = frame.optional(op.getWeight()), *bias = frame.optional(op.getBias());
  if (failed(checkAffine(op, x, weight, bias)))
    return failure();
  int64_t length = x.shape().back() / static_cast<int64_t>(op.getGroups());
  auto normRow = [eps = op.getEps().convertToDouble()](MutableArrayRef<double> row) { standardise(row, eps); };
  return setGated(op, frame, [&](const Tensor &input) { return normRows(input, length, normRow, weight, bias); });
}

static LogicalResult l2Norm(mlir::seq::L2NormOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX());
  double eps = op.getEps().convertToDouble();
  bool adds = op.getMode() == mlir::seq::EpsMode::Add;
  auto normRow = [eps, adds](MutableArrayRef<double> row) {
    double squares = meanSquare(row) * static_cast<double>(row.size());
    double length = adds ? std::sqrt(squares + eps) : std::max(std::sqrt(squares), eps);
    for (double &element : row)
      element /= length;
  };
  frame.set(op.getY(), normRows(x, x.shape().back(), normRow, nullptr, nullptr));
  return success();
}

void seqc::reference::addNorms(Handlers &handlers) {
  handlers.add(rmsNorm);
  handlers.add(layerNorm);
  handlers.add(groupNorm);
  handlers.add(l2Norm);
}
