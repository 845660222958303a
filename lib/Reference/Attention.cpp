//===- Attention.cpp - Attention, rotary positions, KV states -------------===//

#include "Frame.h"
#include "KvStates.h"
#include "dialects/Seq/Seq.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace seqc::reference;

//===----------------------------------------------------------------------===//
// KV states
//===----------------------------------------------------------------------===//

std::pair<Tensor, Tensor> seqc::reference::keysAndValues(const KvState &state, mlir::seq::KVType type) {
  int64_t batch = static_cast<int64_t>(state.rows.size()), time = state.tokens();
  Tensor keys = Tensor::reals({batch, time, type.getHeads(), type.getKeyDim()});
  Tensor values = Tensor::reals({batch, time, type.getHeads(), type.getValueDim()});
  double *key = keys.reals().data(), *value = values.reals().data();
  for (const auto &row : state.rows)
    for (const KvState::Token &token : row) {
      key = llvm::copy(token.key, key);
      value = llvm::copy(token.value, value);
    }
  return {std::move(keys), std::move(values)};
}

LogicalResult seqc::reference::append(Operation *op, KvState &state, const Tensor &k, const Tensor &v) {
  int64_t time = k.dim(1);
  int64_t keySize = Tensor::count(k.shape().drop_front(2)), valueSize = Tensor::count(v.shape().drop_front(2));
  for (auto [b, row] : llvm::enumerate(state.rows)) {
    int64_t held = static_cast<int64_t>(row.size());
    if (held + time > state.capacity)
      return op->emitOpError() << "appends " << time << " tokens to a state that holds " << held << " of "
                               << state.capacity;
    for (int64_t t = 0; t < time; ++t) {
      int64_t token = static_cast<int64_t>(b) * time + t;
      ArrayRef<double> key = k.reals().slice(token * keySize, keySize);
      ArrayRef<double> value = v.reals().slice(token * valueSize, valueSize);
      row.push_back({{key.begin(), key.end()}, {value.begin(), value.end()}});
    }
  }
  return success();
}

static LogicalResult kvAppend(mlir::seq::KvAppendOp op, Frame &frame) {
  KvState state = frame.kv(op.getState());
  const Tensor &k = frame.tensor(op.getK()), &v = frame.tensor(op.getV());
  int64_t batch = static_cast<int64_t>(state.rows.size()), time = -1;
  int64_t heads = op.getState().getType().getHeads(), keyDim = -1, valueDim = -1;
  if (failed(unify(op, "k", k, {&batch, &time, &heads, &keyDim})) ||
      failed(unify(op, "v", v, {&batch, &time, &heads, &valueDim})) || failed(append(op, state, k, v)))
    return failure();
  frame.set(op.getNewState(), std::move(state));
  return success();
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

namespace {

/// One query of one head: its scores over all keys, -inf where a key is hidden.
struct Row {
  std::vector<double> scores;
  std::optional<double> sink;

  /// The logarithm of the softmax's denominator; -inf without anything visible.
  double logSumExp() const {
    double top = sink.value_or(-std::numeric_limits<double>::infinity());
    for (double score : scores)
      top = std::max(top, score);
    if (std::isinf(top) && top < 0)
      return top;
    double sum = sink ? std::exp(*sink - top) : 0;
    for (double score : scores)
      sum += std::exp(score - top);
    return top + std::log(sum);
  }
};

} // namespace

static Row scoresOf(mlir::seq::AttentionOp op, const Tensor &q, const Tensor &k, int64_t position, int64_t b, int64_t i,
                    int64_t h) {
  int64_t window = static_cast<int64_t>(op.getWindow()), keys = k.dim(1);
  int64_t kvHead = h / (q.dim(2) / k.dim(2));
  double scale = op.getEffectiveScale(), cap = op.getSoftcap().convertToDouble();
  Row row{std::vector<double>(keys, -std::numeric_limits<double>::infinity()), std::nullopt};
  for (int64_t j = 0; j < keys; ++j) {
    if ((op.getCausal() && j > position) || (window != 0 && position - j >= window))
      continue;
    double score = 0;
    for (int64_t d = 0; d < q.dim(3); ++d)
      score += q(b, i, h, d) * k(b, j, kvHead, d);
    score *= scale;
    row.scores[j] = cap == 0 ? score : cap * std::tanh(score / cap);
  }
  return row;
}

static LogicalResult attend(mlir::seq::AttentionOp op, Frame &frame, const Tensor &k, const Tensor &v) {
  const Tensor &q = frame.tensor(op.getQ());
  const Tensor *sink = frame.optional(op.getSink()), *positions = frame.optional(op.getPositions());
  int64_t batch = -1, queries = -1, heads = -1, keyDim = -1, keys = -1, kvHeads = -1, valueDim = -1;
  if (failed(unify(op, "q", q, {&batch, &queries, &heads, &keyDim})) ||
      failed(unify(op, "k", k, {&batch, &keys, &kvHeads, &keyDim})) ||
      failed(unify(op, "v", v, {&batch, &keys, &kvHeads, &valueDim})) ||
      (sink && failed(unify(op, "sink", *sink, {&heads}))) ||
      (positions && failed(unify(op, "positions", *positions, {&batch, &queries}))))
    return failure();
  Tensor o = Tensor::reals({batch, queries, heads, valueDim}), lse = Tensor::reals({batch, queries, heads});
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t i = 0; i < queries; ++i)
      for (int64_t h = 0; h < heads; ++h) {
        int64_t position = positions ? positions->integer(b, i) : i + keys - queries;
        Row row = scoresOf(op, q, k, position, b, i, h);
        if (sink)
          row.sink = (*sink)(h);
        double total = row.logSumExp();
        lse(b, i, h) = total;
        // A hidden key has the score -inf, and so has a row without any its total.
        for (int64_t j = 0; j < keys && !(std::isinf(total) && total < 0); ++j)
          for (int64_t c = 0; c < valueDim && !(std::isinf(row.scores[j]) && row.scores[j] < 0); ++c)
            o(b, i, h, c) += std::exp(row.scores[j] - total) * v(b, j, h / (heads / kvHeads), c);
      }
  frame.set(op.getO(), std::move(o));
  if (op.getLogSumExp())
    frame.set(op.getLogSumExp(), std::move(lse));
  return success();
}

static LogicalResult attention(mlir::seq::AttentionOp op, Frame &frame) {
  if (Value state = op.getKv()) {
    auto [keys, values] = keysAndValues(frame.kv(state), cast<mlir::seq::KVType>(state.getType()));
    return attend(op, frame, keys, values);
  }
  return attend(op, frame, frame.tensor(op.getMemory()[0]), frame.tensor(op.getMemory()[1]));
}

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

static LogicalResult positions(mlir::seq::PositionsOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX());
  int64_t batch = x.dim(0), time = x.dim(1);
  Tensor counts = op.getStates().empty() ? Tensor::integers({batch}) : frame.state(op.getStates()[0]).values;
  if (failed(unify(op, "the state", counts, {&batch})))
    return failure();
  Tensor y = Tensor::integers({batch, time});
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t t = 0; t < time; ++t)
      y.integers()[b * time + t] = counts.integer(b) + t;
    counts.integers()[b] += time;
  }
  frame.set(op.getPositions(), std::move(y));
  if (!op.getStates().empty())
    frame.set(op.getNewStates()[0], State{std::move(counts)});
  return success();
}

static LogicalResult rotary(mlir::seq::RotaryOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX()), &positions = frame.tensor(op.getPositions());
  int64_t batch = x.dim(0), time = x.dim(1), pairs = op.getRotatedDims() / 2;
  if (failed(unify(op, "positions", positions, {&batch, &time})))
    return failure();
  auto given = op.getFrequencies();
  double base = op.getBase().convertToDouble(), magnitude = op.getMagnitude().convertToDouble();
  bool half = op.getLayout() == mlir::seq::RotaryLayout::Half;
  Tensor y = x;
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t t = 0; t < time; ++t)
      for (int64_t h = 0; h < x.dim(2); ++h)
        for (int64_t i = 0; i < pairs; ++i) {
          double frequency = given ? (*given)[i] : std::pow(base, -static_cast<double>(i) / static_cast<double>(pairs));
          double angle = static_cast<double>(positions.integer(b, t)) * frequency;
          double cosine = magnitude * std::cos(angle), sine = magnitude * std::sin(angle);
          int64_t first = half ? i : 2 * i, second = half ? i + pairs : 2 * i + 1;
          y(b, t, h, first) = x(b, t, h, first) * cosine - x(b, t, h, second) * sine;
          y(b, t, h, second) = x(b, t, h, second) * cosine + x(b, t, h, first) * sine;
        }
  frame.set(op.getY(), std::move(y));
  return success();
}

void seqc::reference::addAttention(Handlers &handlers) {
  handlers.add(kvAppend);
  handlers.add(attention);
  handlers.add(positions);
  handlers.add(rotary);
}
