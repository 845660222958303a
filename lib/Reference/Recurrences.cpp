//===- Recurrences.cpp - Matrix states, retention, shifts -----------------===//

#include "Frame.h"
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
  const Tensor *g, *a, *b, *beta, *u, *i;
  mlir::seq::StateMixOp op;
  mlir::seq::Decay decay;
  bool expOfU;

  int64_t batch = -1, time = -1, heads = -1, keyDim = -1, valueDim = -1;

  MixInputs(mlir::seq::StateMixOp op, Frame &frame)
      : q(frame.tensor(op.getQ())), k(frame.tensor(op.getK())), v(frame.tensor(op.getV())),
        g(frame.optional(op.getG())), a(frame.optional(op.getA())), b(frame.optional(op.getB())),
        beta(frame.optional(op.getBeta())), u(frame.optional(op.getU())), i(frame.optional(op.getI())), op(op),
        decay(op.getDecay()), expOfU(op.getUExp()) {}

  /// Sets the extents; fails with an error if operands do not agree.
  LogicalResult checkExtents();

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
};

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
  bool perHead = decay == mlir::seq::Decay::Head, perChannel = decay == mlir::seq::Decay::Channel;
  if (perHead && failed(unify(op, "g", *g, {&batch, &time, &heads})))
    return failure();
  return perChannel ? unify(op, "g", *g, {&batch, &time, &heads, &keyDim}) : success();
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
                   Tensor::reals({in.batch, in.heads}, in.i ? -1e38 : 0)};
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

static LogicalResult stateMix(mlir::seq::StateMixOp op, Frame &frame) {
  MixInputs in(op, frame);
  if (failed(in.checkExtents()))
    return failure();
  auto states = loadStates(in, frame);
  if (failed(states))
    return failure();
  bool pre = op.getRead() == mlir::seq::Read::Pre, ratio = op.getNormaliser() == mlir::seq::Normaliser::Ratio;
  double scale = op.getScale().convertToDouble();
  Tensor o = Tensor::reals({in.batch, in.time, in.heads, in.valueDim});
  for (int64_t row = 0; row < in.batch; ++row)
    for (int64_t h = 0; h < in.heads; ++h) {
      HeadState head = loadHead(*states, row, h);
      for (int64_t t = 0; t < in.time; ++t) {
        Read read;
        if (pre)
          read = readState(in, head, row, t, h, pre);
        updateState(in, head, row, t, h);
        if (!pre)
          read = readState(in, head, row, t, h, pre);
        // The scale and exp(m) are factors of both reads and cancel in their ratio.
        double factor = ratio ? 1 / read.norm : scale * std::exp(read.m);
        for (int64_t c = 0; c < in.valueDim; ++c)
          o(row, t, h, c) = factor * read.value[c];
      }
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
  if (failed(unify(op, "the state", s, {&batch, &heads, &keyDim, &valueDim})))
    return failure();
  auto given = op.getLogDecay();
  double scale = op.getScale().convertToDouble();
  Tensor o = Tensor::reals({batch, time, heads, valueDim});
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t t = 0; t < time; ++t)
      for (int64_t h = 0; h < heads; ++h) {
        int64_t hk = h / (heads / keyHeads);
        double gamma = given ? std::exp((*given)[h]) : 1 - std::exp2(-5.0 - static_cast<double>(h));
        for (int64_t d = 0; d < keyDim; ++d)
          for (int64_t c = 0; c < valueDim; ++c) {
            double &element = s(b, h, d, c);
            element = gamma * element + k(b, t, hk, d) * v(b, t, h, c);
            o(b, t, h, c) += scale * element * q(b, t, hk, d);
          }
      }
  frame.set(op.getO(), std::move(o));
  if (!op.getStates().empty())
    frame.set(op.getNewStates()[0], State{std::move(s)});
  return success();
}

//===----------------------------------------------------------------------===//
// token_shift and state_init
//===----------------------------------------------------------------------===//

static LogicalResult tokenShift(mlir::seq::TokenShiftOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX());
  int64_t batch = x.dim(0), time = x.dim(1), channels = x.dim(2);
  Tensor last = op.getStates().empty() ? Tensor::reals({batch, channels}) : frame.state(op.getStates()[0]).values;
  if (failed(unify(op, "the state", last, {&batch, &channels})))
    return failure();
  Tensor y = Tensor::reals(x.shape());
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t t = 0; t < time; ++t)
      for (int64_t c = 0; c < channels; ++c) {
        y(b, t, c) = last(b, c);
        last(b, c) = x(b, t, c);
      }
  frame.set(op.getY(), std::move(y));
  if (!op.getStates().empty())
    frame.set(op.getNewStates()[0], State{std::move(last)});
  return success();
}

static LogicalResult stateInit(mlir::seq::StateInitOp op, Frame &frame) {
  int64_t capacity = op.getCapacity() ? frame.integer(op.getCapacity()) : 0;
  auto state = freshState(op, op.getState().getType(), frame.integer(op.getBatch()), capacity);
  if (failed(state))
    return failure();
  frame.set(op.getState(), std::move(*state));
  return success();
}

FailureOr<Datum> seqc::reference::freshState(Operation *op, Type type, int64_t batch, int64_t capacity) {
  SmallVector<int64_t> shape{batch};
  if (auto state = dyn_cast<mlir::seq::StateType>(type))
    llvm::append_range(shape, state.getShape());
  if (capacity < 0)
    return op->emitOpError() << "has room for " << capacity << " tokens";
  if (failed(checkShape(op, shape)))
    return failure();
  if (isa<mlir::seq::KVType>(type)) {
    KvState state;
    state.capacity = capacity;
    state.rows.resize(batch);
    return asDatum(std::move(state));
  }
  auto state = cast<mlir::seq::StateType>(type);
  double init = state.getInit().convertToDouble();
  return asDatum(State{state.getElementType().isInteger() ? Tensor::integers(shape, static_cast<int64_t>(init))
                                                          : Tensor::reals(shape, init)});
}

void seqc::reference::addRecurrences(Handlers &handlers) {
  handlers.add(stateMix);
  handlers.add(retention);
  handlers.add(tokenShift);
  handlers.add(stateInit);
}
