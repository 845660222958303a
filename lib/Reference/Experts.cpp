//===- Experts.cpp - Mixtures of experts ----------------------------------===//

#include "Frame.h"
#include "dialects/Seq/Seq.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace seqc::reference;

//===----------------------------------------------------------------------===//
// route
//===----------------------------------------------------------------------===//

static std::vector<double> scoresOf(ArrayRef<double> logits, mlir::seq::Scores kind) {
  std::vector<double> scores(logits.begin(), logits.end());
  if (kind == mlir::seq::Scores::Sigmoid) {
    for (double &score : scores)
      score = 1 / (1 + std::exp(-score));
    return scores;
  }
  double largest = *std::max_element(scores.begin(), scores.end()), sum = 0;
  for (double &score : scores)
    sum += score = std::exp(score - largest);
  for (double &score : scores)
    score /= sum;
  return scores;
}

/// The `count` numbers of the greatest keys among `candidates`, best first; of equal keys the
/// lower number is better.
static std::vector<int64_t> best(ArrayRef<double> keys, std::vector<int64_t> candidates, int64_t count) {
  llvm::sort(candidates);
  std::vector<int64_t> result;
  while (static_cast<int64_t>(result.size()) < count) {
    auto chosen = candidates.begin();
    for (auto it = candidates.begin(); it != candidates.end(); ++it)
      if (keys[*it] > keys[*chosen])
        chosen = it;
    result.push_back(*chosen);
    candidates.erase(chosen);
  }
  return result;
}

static std::vector<int64_t> numbers(int64_t first, int64_t count) {
  std::vector<int64_t> result(count);
  std::iota(result.begin(), result.end(), first);
  return result;
}

/// The experts of the groups that take part.
static std::vector<int64_t> candidatesOf(mlir::seq::RouteOp op, ArrayRef<double> keys) {
  int64_t groups = op.getGroups(), size = static_cast<int64_t>(keys.size()) / groups;
  std::vector<double> values(groups);
  for (int64_t g = 0; g < groups; ++g)
    for (int64_t e : best(keys, numbers(g * size, size), op.getGroupTop()))
      values[g] += keys[e];
  std::vector<int64_t> candidates;
  for (int64_t g : best(values, numbers(0, groups), op.getKeepGroups()))
    llvm::append_range(candidates, numbers(g * size, size));
  return candidates;
}

static LogicalResult route(mlir::seq::RouteOp op, Frame &frame) {
  const Tensor &logits = frame.tensor(op.getLogits());
  const Tensor *bias = frame.optional(op.getBias());
  int64_t experts = logits.shape().back(), top = op.getTop();
  Tensor::Shape shape(logits.shape());
  shape.back() = top;
  Tensor indices = Tensor::integers(shape), weights = Tensor::reals(shape);
  for (int64_t row = 0; row < logits.size() / experts; ++row) {
    ArrayRef<double> own = logits.reals().slice(row * experts, experts);
    std::vector<double> scores = scoresOf(own, op.getScores());
    bool addsUp = bias || (op.getGroups() > 1 && op.getGroupTop() > 1);
    std::vector<double> keys = addsUp ? scores : std::vector<double>(own.begin(), own.end());
    for (int64_t e = 0; bias && e < experts; ++e)
      keys[e] += (*bias)(e);
    std::vector<int64_t> chosen = best(keys, candidatesOf(op, keys), top);
    double sum = op.getEps().convertToDouble();
    for (int64_t e : chosen)
      sum += scores[e];
    double factor = op.getScale().convertToDouble() / (op.getRenormalise() ? sum : 1);
    for (int64_t k = 0; k < top; ++k) {
      indices.integers()[row * top + k] = chosen[k];
      weights.reals()[row * top + k] = scores[chosen[k]] * factor;
    }
  }
  frame.set(op.getIndices(), std::move(indices));
  frame.set(op.getWeights(), std::move(weights));
  return success();
}

//===----------------------------------------------------------------------===//
// expert_linear
//===----------------------------------------------------------------------===//

static LogicalResult expertLinear(mlir::seq::ExpertLinearOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX()), &indices = frame.tensor(op.getIndices());
  const Tensor &weight = frame.tensor(op.getWeight());
  const Tensor *bias = frame.optional(op.getBias()), *combine = frame.optional(op.getCombine());
  int64_t outputs = weight.dim(1), inputs = weight.dim(2), chosen = indices.shape().back();
  bool oneInput = x.rank() == indices.rank();
  int64_t tokens = indices.size() / chosen;
  if (x.size() != tokens * (oneInput ? 1 : chosen) * inputs || (combine && combine->shape() != indices.shape()))
    return op.emitOpError() << "x is " << shapeText(x.shape()) << " and indices are " << shapeText(indices.shape());
  Tensor::Shape shape(combine ? indices.shape().drop_back() : indices.shape());
  shape.push_back(outputs);
  Tensor y = Tensor::reals(shape);
  for (int64_t i = 0; i < indices.size(); ++i) {
    int64_t e = indices.integers()[i], from = oneInput ? i / chosen : i, to = combine ? i / chosen : i;
    if (e < 0 || e >= weight.dim(0))
      return op.emitOpError() << "has the index " << e << " (number " << i << "), outside [0, " << weight.dim(0) << ")";
    for (int64_t n = 0; n < outputs; ++n) {
      double sum = bias ? (*bias)(e, n) : 0;
      for (int64_t k = 0; k < inputs; ++k)
        sum += x.reals()[from * inputs + k] * weight(e, n, k);
      y.reals()[to * outputs + n] += combine ? combine->reals()[i] * sum : sum;
    }
  }
  frame.set(op.getY(), std::move(y));
  return success();
}

void seqc::reference::addExperts(Handlers &handlers) {
  handlers.add(route);
  handlers.add(expertLinear);
}
