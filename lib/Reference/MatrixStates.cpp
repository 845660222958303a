//===- MatrixStates.cpp - state_mix and retention --------------------------===//

#include "Segments.h"
#include "dialects/Seq/Seq.h"
#include <cmath>

using namespace mlir;
using namespace seqc::reference;

//===----------------------------------------------------------------------===//
// state_mix
//===----------------------------------------------------------------------===//

namespace {

/// The operands of a state_mix; absent ones are null.
struct MixInputs {
  const Tensor &q, &k, &v;
  const Tensor *g, *rate, *a, *b, *beta, *u, *i;
  Segments segments;
  mlir::seq::StateMixOp op;
  mlir::seq::Decay decay;
  bool expOfU;

  int64_t batch = -1, time = -1, heads = -1, keyDim = -1, valueDim = -1;

  MixInputs(mlir::seq::StateMixOp op, Frame &frame)
      : q(frame.tensor(op.getQ())), k(frame.tensor(op.getK())), v(frame.tensor(op.getV())),
        g(frame.optional(op.getG())), rate(frame.optional(op.getRate())), a(frame.optional(op.getA())),
        b(frame.optional(op.getB())), beta(frame.optional(op.getBeta())), u(frame.optional(op.getU())),
        i(frame.optional(op.getI())), segments(op, frame), op(op), decay(op.getDecay()), expOfU(op.getUExp()) {}

  /// Sets the extents; fails with an error if operands do not agree.
  LogicalResult checkExtents();
  /// Every log decay lies between g_min and 0, where g_min is given.
  LogicalResult checkDecays();

  int64_t keyHead(int64_t h) const { return h / (heads / q.dim(2)); }

  /// The logarithm of the decay of row d of the state.
  double logDecay(int64_t row, int64_t t, int64_t h, int64_t d) const {
    switch (decay) {
    case mlir::seq::Decay::None:
      return 0;
    case mlir::seq::Decay::Static:
      return g->rank() == 1 ? (*g)(h) : (*g)(h, d);
    case mlir::seq::Decay::Head:
      return (*g)(row, t, h);
    case mlir::seq::Decay::Channel:
      return (*g)(row, t, h, d);
    case mlir::seq::Decay::Factored:
      return (*g)(row, t, h) * (*rate)(h, d);
    }
    llvm_unreachable("all kinds are above");
  }

  /// The weight of the token's own key in a read before the update.
  double bonus(int64_t h, int64_t d) const {
    if (!u)
      return 0;
    return expOfU ? std::exp((*u)(h, d)) : (*u)(h, d);
  }
};

/// The state of one head of one row: S [K][V], its normaliser n [K], and the maximum m.
/// With an input gate the true state is exp(m) times what S and n hold.
struct HeadState {
  std::vector<std::vector<double>> s;
  std::vector<double> n;
  double m = 0;

  void clear(double freshMaximum) {
    for (std::vector<double> &row : s)
      std::fill(row.begin(), row.end(), 0.0);
    std::fill(n.begin(), n.end(), 0.0);
    m = freshMaximum;
  }
};

/// The m of a fresh state with an input gate: exp of it is 0.
constexpr double kFreshMaximum = -1e38;

/// What a query reads: S^T q and n^T q, relative to exp(m).
struct Read {
  std::vector<double> value;
  double norm = 0;
  double m = 0;
};

} // namespace

LogicalResult MixInputs::checkExtents() {
  int64_t keyHeads = -1;
  if (failed(unify(op, "q", q, {&batch, &time, &keyHeads, &keyDim})) ||
      failed(unify(op, "k", k, {&batch, &time, &keyHeads, &keyDim})) ||
      failed(unify(op, "v", v, {&batch, &time, &heads, &valueDim})))
    return failure();
  for (auto [name, tensor] : {std::pair("a", a), std::pair("b", b)})
    if (tensor && failed(unify(op, name, *tensor, {&batch, &time, &heads, &keyDim})))
      return failure();
  for (auto [name, tensor] : {std::pair("beta", beta), std::pair("i", i)})
    if (tensor && failed(unify(op, name, *tensor, {&batch, &time, &heads})))
      return failure();
  bool perHead = decay == mlir::seq::Decay::Head || decay == mlir::seq::Decay::Factored;
  bool perChannel = decay == mlir::seq::Decay::Channel;
  if (perHead && failed(unify(op, "g", *g, {&batch, &time, &heads})))
    return failure();
  if (perChannel && failed(unify(op, "g", *g, {&batch, &time, &heads, &keyDim})))
    return failure();
  return failed(segments.check(op, batch, time)) ? failure() : checkDecays();
}

LogicalResult MixInputs::checkDecays() {
  if (!op.getGMin())
    return success();
  double least = op.getGMin()->convertToDouble();
  for (int64_t row = 0; row < batch; ++row)
    for (int64_t t = 0; t < time; ++t)
      for (int64_t h = 0; h < heads; ++h)
        for (int64_t d = 0; d < keyDim; ++d)
          if (double log = logDecay(row, t, h, d); log > 0 || log < least)
            return op.emitOpError() << "state_mix_c20: a log decay lies between " << least << " and 0, not at " << log
                                    << " (row " << row << ", token " << t << ", head " << h << ")";
  return success();
}

/// S^T q + weight ((q * u) . k) v, and the same of n.
static Read readState(const MixInputs &in, const HeadState &state, int64_t row, int64_t t, int64_t h, bool pre) {
  int64_t hk = in.keyHead(h);
  double gate = in.i ? (*in.i)(row, t, h) : 0;
  Read read{std::vector<double>(in.valueDim, 0.0), 0, state.m};
  double held = 1, own = 0;
  if (pre) {
    read.m = in.i ? std::max(state.m, gate) : 0;
    held = std::exp(state.m - read.m);
    for (int64_t d = 0; d < in.keyDim; ++d)
      own += in.q(row, t, hk, d) * in.bonus(h, d) * in.k(row, t, hk, d);
    own *= std::exp(gate - read.m);
  }
  for (int64_t d = 0; d < in.keyDim; ++d) {
    double query = in.q(row, t, hk, d);
    for (int64_t c = 0; c < in.valueDim; ++c)
      read.value[c] += held * state.s[d][c] * query;
    read.norm += held * state.n[d] * query;
  }
  for (int64_t c = 0; c < in.valueDim; ++c)
    read.value[c] += own * in.v(row, t, h, c);
  read.norm += own;
  return read;
}

/// S' = D S + …, n' and m'.
static void updateState(const MixInputs &in, HeadState &state, int64_t row, int64_t t, int64_t h) {
  int64_t hk = in.keyHead(h), keyDim = in.keyDim, valueDim = in.valueDim;
  std::vector<double> logDecay(keyDim);
  for (int64_t d = 0; d < keyDim; ++d)
    logDecay[d] = in.logDecay(row, t, h, d);

  // The maximum moves with the slowest channel, so that neither factor exceeds 1.
  double input = 1, rescale = 0;
  if (in.i) {
    double slowest = *llvm::max_element(logDecay), gate = (*in.i)(row, t, h);
    double m = std::max(state.m + slowest, gate);
    input = std::exp(gate - m);
    rescale = state.m - m;
    state.m = m;
  }

  // a^T S of the state before the decay (dplr).
  std::vector<double> projected(valueDim, 0.0);
  for (int64_t d = 0; in.a && d < keyDim; ++d)
    for (int64_t c = 0; c < valueDim; ++c)
      projected[c] += (*in.a)(row, t, h, d) * state.s[d][c];

  for (int64_t d = 0; d < keyDim; ++d) {
    double decay = std::exp(logDecay[d] + rescale);
    for (double &element : state.s[d])
      element *= decay;
    state.n[d] = decay * state.n[d] + input * in.k(row, t, hk, d);
  }

  // What the token adds: v, or (delta) beta times what v differs by from what its key reads.
  std::vector<double> added(valueDim);
  for (int64_t c = 0; c < valueDim; ++c) {
    added[c] = in.v(row, t, h, c) * input;
    if (!in.beta)
      continue;
    double remembered = 0;
    for (int64_t d = 0; d < keyDim; ++d)
      remembered += state.s[d][c] * in.k(row, t, hk, d);
    added[c] = (*in.beta)(row, t, h) * (in.v(row, t, h, c) - remembered);
  }
  for (int64_t d = 0; d < keyDim; ++d)
    for (int64_t c = 0; c < valueDim; ++c) {
      state.s[d][c] += in.k(row, t, hk, d) * added[c];
      if (in.b)
        state.s[d][c] += (*in.b)(row, t, h, d) * projected[c];
    }
}

/// The states of a state_mix as tensors: S [B,H,K,V], n [B,H,K], m [B,H].
struct MixStates {
  Tensor s, n, m;
};

static HeadState loadHead(const MixStates &states, int64_t row, int64_t h) {
  int64_t keyDim = states.s.dim(2), valueDim = states.s.dim(3);
  HeadState head{std::vector(keyDim, std::vector<double>(valueDim)), std::vector<double>(keyDim), states.m(row, h)};
  for (int64_t d = 0; d < keyDim; ++d) {
    head.n[d] = states.n(row, h, d);
    for (int64_t c = 0; c < valueDim; ++c)
      head.s[d][c] = states.s(row, h, d, c);
  }
  return head;
}

static void storeHead(MixStates &states, const HeadState &head, int64_t row, int64_t h) {
  states.m(row, h) = head.m;
  for (int64_t d = 0; d < states.s.dim(2); ++d) {
    states.n(row, h, d) = head.n[d];
    for (int64_t c = 0; c < states.s.dim(3); ++c)
      states.s(row, h, d, c) = head.s[d][c];
  }
}

/// The states that the op is given (or fresh ones). Without a normaliser n is not used,
/// without an input gate m stays 0.
static FailureOr<MixStates> loadStates(MixInputs &in, Frame &frame) {
  MixStates states{Tensor::reals({in.batch, in.heads, in.keyDim, in.valueDim}),
                   Tensor::reals({in.batch, in.heads, in.keyDim}),
                   Tensor::reals({in.batch, in.heads}, in.i ? kFreshMaximum : 0)};
  auto given = in.op.getStates();
  if (given.empty())
    return states;
  size_t next = 0;
  states.s = frame.state(given[next++]).values;
  if (in.op.getNormaliser() != mlir::seq::Normaliser::None)
    states.n = frame.state(given[next++]).values;
  if (in.i)
    states.m = frame.state(given[next]).values;
  if (failed(unify(in.op, "the state", states.s, {&in.batch, &in.heads, &in.keyDim, &in.valueDim})) ||
      failed(unify(in.op, "the normaliser", states.n, {&in.batch, &in.heads, &in.keyDim})) ||
      failed(unify(in.op, "the maximum", states.m, {&in.batch, &in.heads})))
    return failure();
  return states;
}

static void returnStates(mlir::seq::StateMixOp op, Frame &frame, MixStates states) {
  if (op.getStates().empty())
    return;
  size_t next = 0;
  frame.set(op.getNewStates()[next++], State{std::move(states.s)});
  if (op.getNormaliser() != mlir::seq::Normaliser::None)
    frame.set(op.getNewStates()[next++], State{std::move(states.n)});
  if (op.getI())
    frame.set(op.getNewStates()[next], State{std::move(states.m)});
}

/// What the values that a query reads are multiplied by.
static double outputFactor(mlir::seq::StateMixOp op, const Read &read) {
  double scale = op.getScale().convertToDouble(), eps = op.getEps().convertToDouble();
  switch (op.getNormaliser()) {
  case mlir::seq::Normaliser::None:
    return scale * std::exp(read.m);
  case mlir::seq::Normaliser::Ratio:
    // exp(m) is a factor of both reads and cancels (an eps goes with m = 0).
    return scale / (scale * read.norm + eps);
  case mlir::seq::Normaliser::Max:
    return scale / (std::max(std::abs(scale * read.norm), std::exp(-read.m)) + eps);
  }
  llvm_unreachable("all kinds are above");
}

/// Runs one head of one row over all tokens.
static void mixHead(MixInputs &in, HeadState &head, int64_t row, int64_t h, Tensor &o) {
  bool pre = in.op.getRead() == mlir::seq::Read::Pre;
  for (int64_t t = 0; t < in.time && in.segments.counts(row, t); ++t) {
    if (in.segments.startsAt(row, t))
      head.clear(in.i ? kFreshMaximum : 0);
    Read read;
    if (pre)
      read = readState(in, head, row, t, h, pre);
    updateState(in, head, row, t, h);
    if (!pre)
      read = readState(in, head, row, t, h, pre);
    double factor = outputFactor(in.op, read);
    for (int64_t c = 0; c < in.valueDim; ++c)
      o(row, t, h, c) = factor * read.value[c];
  }
}

static LogicalResult stateMix(mlir::seq::StateMixOp op, Frame &frame) {
  MixInputs in(op, frame);
  if (failed(in.checkExtents()))
    return failure();
  auto states = loadStates(in, frame);
  if (failed(states))
    return failure();
  Tensor o = Tensor::reals({in.batch, in.time, in.heads, in.valueDim});
  for (int64_t row = 0; row < in.batch; ++row)
    for (int64_t h = 0; h < in.heads; ++h) {
      HeadState head = loadHead(*states, row, h);
      mixHead(in, head, row, h, o);
      storeHead(*states, head, row, h);
    }
  frame.set(op.getO(), std::move(o));
  returnStates(op, frame, std::move(*states));
  return success();
}

//===----------------------------------------------------------------------===//
// retention
//===----------------------------------------------------------------------===//

static LogicalResult retention(mlir::seq::RetentionOp op, Frame &frame) {
  const Tensor &q = frame.tensor(op.getQ()), &k = frame.tensor(op.getK()), &v = frame.tensor(op.getV());
  int64_t batch = -1, time = -1, keyHeads = -1, keyDim = -1, heads = -1, valueDim = -1;
  if (failed(unify(op, "q", q, {&batch, &time, &keyHeads, &keyDim})) ||
      failed(unify(op, "k", k, {&batch, &time, &keyHeads, &keyDim})) ||
      failed(unify(op, "v", v, {&batch, &time, &heads, &valueDim})))
    return failure();
  Tensor s =
      op.getStates().empty() ? Tensor::reals({batch, heads, keyDim, valueDim}) : frame.state(op.getStates()[0]).values;
  Segments segments(op, frame);
  if (failed(unify(op, "the state", s, {&batch, &heads, &keyDim, &valueDim})) ||
      failed(segments.check(op, batch, time)))
    return failure();
  auto given = op.getLogDecay();
  double scale = op.getScale().convertToDouble();
  Tensor o = Tensor::reals({batch, time, heads, valueDim});
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t t = 0; t < time && segments.counts(b, t); ++t)
      for (int64_t h = 0; h < heads; ++h) {
        int64_t hk = h / (heads / keyHeads);
        double gamma = given ? std::exp((*given)[h]) : 1 - std::exp2(-5.0 - static_cast<double>(h));
        for (int64_t d = 0; d < keyDim; ++d)
          for (int64_t c = 0; c < valueDim; ++c) {
            double &element = s(b, h, d, c);
            element = (segments.startsAt(b, t) ? 0 : gamma * element) + k(b, t, hk, d) * v(b, t, h, c);
            o(b, t, h, c) += scale * element * q(b, t, hk, d);
          }
      }
  frame.set(op.getO(), std::move(o));
  if (!op.getStates().empty())
    frame.set(op.getNewStates()[0], State{std::move(s)});
  return success();
}

void seqc::reference::addMatrixStates(Handlers &handlers) {
  handlers.add(stateMix);
  handlers.add(retention);
}
