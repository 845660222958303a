//===- Scans.cpp - Diagonal scans, short convolutions, shifts --------------===//

#include "Activate.h"
#include "Segments.h"
#include "dialects/Seq/Seq.h"
#include <cmath>
#include <complex>

using namespace mlir;
using namespace seqc::reference;

using Complex = std::complex<double>;

/// The state that an op with one state is given, or a fresh one of zeros.
template <class OpTy> static Tensor givenState(OpTy op, Frame &frame, ArrayRef<int64_t> shape) {
  return op.getStates().empty() ? Tensor::reals(shape) : frame.state(op.getStates()[0]).values;
}

/// Sets the state that an op with one state returns, if it does.
template <class OpTy> static void returnState(OpTy op, Frame &frame, Tensor state) {
  if (!op.getStates().empty())
    frame.set(op.getNewStates()[0], State{std::move(state)});
}

//===----------------------------------------------------------------------===//
// selective_scan
//===----------------------------------------------------------------------===//

namespace {

/// A selective_scan; absent operands are null. P is 1 in the channel form, whose channels stand
/// in the place of heads.
struct Selective {
  mlir::seq::SelectiveScanOp op;
  const Tensor &x, &dt, &a, &b, &c;
  const Tensor *skip, *z, *dtBias;
  Segments segments;
  bool perHead, isComplex;
  int64_t batch = -1, time = -1, heads = -1, width, groups = -1, states = -1;

  Selective(mlir::seq::SelectiveScanOp op, Frame &frame)
      : op(op), x(frame.tensor(op.getX())), dt(frame.tensor(op.getDt())), a(frame.tensor(op.getA())),
        b(frame.tensor(op.getB())), c(frame.tensor(op.getC())), skip(frame.optional(op.getSkip())),
        z(frame.optional(op.getZ())), dtBias(frame.optional(op.getDtBias())), segments(op, frame),
        perHead(op.isHeadForm()), isComplex(op.getComplex()), width(perHead ? -1 : 1) {}

  LogicalResult checkExtents();

  /// dt of a token as it acts.
  double step(int64_t row, int64_t t, int64_t h) {
    double value = dt(row, t, h) + (dtBias ? (*dtBias)(h) : 0);
    if (op.getDtSoftplus())
      value = activate(mlir::seq::Activation::Softplus, value);
    if (op.getDtMin())
      value = std::max(value, op.getDtMin()->convertToDouble());
    if (op.getDtMax())
      value = std::min(value, op.getDtMax()->convertToDouble());
    return value;
  }
  Complex rate(int64_t h, int64_t n) const {
    if (perHead)
      return a(h);
    return isComplex ? Complex(a(h, n, 0), a(h, n, 1)) : a(h, n);
  }
  /// Element n of the B or C that head h uses.
  Complex element(const Tensor &from, int64_t row, int64_t t, int64_t h, int64_t n) const {
    int64_t group = h / (heads / groups);
    return isComplex ? Complex(from(row, t, group, n, 0), from(row, t, group, n, 1)) : from(row, t, group, n);
  }
  double input(int64_t row, int64_t t, int64_t h, int64_t p) const { return perHead ? x(row, t, h, p) : x(row, t, h); }

  /// y from C . h'.
  double output(double read, int64_t row, int64_t t, int64_t h, int64_t p) const {
    double y = read;
    if (skip)
      y += (skip->rank() == 2 ? (*skip)(h, p) : (*skip)(h)) * input(row, t, h, p);
    if (z)
      y *= activate(mlir::seq::Activation::Silu, perHead ? (*z)(row, t, h, p) : (*z)(row, t, h));
    return y;
  }

  /// Where the state of head h, state n and channel p stands: [H,N,P], or [D,N] and [D,N,2].
  int64_t position(int64_t row, int64_t h, int64_t n, int64_t p) const {
    return (((row * heads + h) * states + n) * width + p) * (isComplex ? 2 : 1);
  }
};

} // namespace

LogicalResult Selective::checkExtents() {
  int64_t two = 2;
  if (perHead)
    width = -1;
  auto sized = [&](StringRef name, const Tensor *tensor, std::initializer_list<int64_t *> extents) {
    return !tensor || succeeded(unify(op, name, *tensor, extents));
  };
  bool xAndZ = perHead
                   ? sized("x", &x, {&batch, &time, &heads, &width}) && sized("z", z, {&batch, &time, &heads, &width})
                   : sized("x", &x, {&batch, &time, &heads}) && sized("z", z, {&batch, &time, &heads});
  bool bAndC = isComplex ? sized("B", &b, {&batch, &time, &groups, &states, &two}) &&
                               sized("C", &c, {&batch, &time, &groups, &states, &two})
                         : sized("B", &b, {&batch, &time, &groups, &states}) &&
                               sized("C", &c, {&batch, &time, &groups, &states});
  bool isA = perHead     ? sized("A", &a, {&heads})
             : isComplex ? sized("A", &a, {&heads, &states, &two})
                         : sized("A", &a, {&heads, &states});
  bool others = sized("dt", &dt, {&batch, &time, &heads}) && sized("dt_bias", dtBias, {&heads}) &&
                (!skip || skip->rank() == 1 ? sized("skip", skip, {&heads}) : sized("skip", skip, {&heads, &width}));
  return success(xAndZ && bAndC && isA && others && succeeded(segments.check(op, batch, time)));
}

/// One token of one channel of a head: h' = exp(dt A) h + dt x B; returns C . h'.
static double selectiveToken(Selective &in, MutableArrayRef<double> state, int64_t row, int64_t t, int64_t h,
                             int64_t p) {
  double dt = in.step(row, t, h);
  Complex read = 0;
  for (int64_t n = 0; n < in.states; ++n) {
    double *element = &state[in.position(row, h, n, p)];
    Complex old(element[0], in.isComplex ? element[1] : 0);
    if (in.segments.startsAt(row, t))
      old = 0;
    Complex next = std::exp(dt * in.rate(h, n)) * old + dt * in.input(row, t, h, p) * in.element(in.b, row, t, h, n);
    element[0] = next.real();
    if (in.isComplex)
      element[1] = next.imag();
    read += in.element(in.c, row, t, h, n) * next;
  }
  return in.isComplex ? 2 * read.real() : read.real();
}

static LogicalResult selectiveScan(mlir::seq::SelectiveScanOp op, Frame &frame) {
  Selective in(op, frame);
  if (failed(in.checkExtents()))
    return failure();
  Tensor::Shape shape{in.batch, in.heads, in.states};
  if (in.perHead)
    shape.push_back(in.width);
  if (in.isComplex)
    shape.push_back(2);
  Tensor state = givenState(op, frame, shape);
  if (state.shape() != ArrayRef<int64_t>(shape))
    return op.emitOpError() << "the state is " << shapeText(state.shape()) << ", not " << shapeText(shape);
  Tensor y = Tensor::reals(in.x.shape());
  for (int64_t row = 0; row < in.batch; ++row)
    for (int64_t t = 0; t < in.time && in.segments.counts(row, t); ++t)
      for (int64_t h = 0; h < in.heads; ++h)
        for (int64_t p = 0; p < in.width; ++p)
          y.reals()[((row * in.time + t) * in.heads + h) * in.width + p] =
              in.output(selectiveToken(in, state.reals(), row, t, h, p), row, t, h, p);
  frame.set(op.getY(), std::move(y));
  returnState(op, frame, std::move(state));
  return success();
}

//===----------------------------------------------------------------------===//
// scan
//===----------------------------------------------------------------------===//

/// h = exp(g) h + x, of one number or of a pair (re, im).
static void scanElement(double *h, const double *g, const double *x, bool isComplex) {
  if (!isComplex) {
    *h = std::exp(*g) * *h + *x;
    return;
  }
  // exp(re) alone decides whether something is left: exp of (-inf, 1) is 0.
  double length = std::exp(g[0]), re = length * std::cos(g[1]), im = length * std::sin(g[1]);
  double real = re * h[0] - im * h[1] + x[0];
  h[1] = re * h[1] + im * h[0] + x[1];
  h[0] = real;
}

static LogicalResult scan(mlir::seq::ScanOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX()), &g = frame.tensor(op.getG());
  Segments segments(op, frame);
  int64_t batch = x.dim(0), time = x.dim(1), elements = Tensor::count(x.shape().drop_front(2));
  bool isStatic = g.rank() < x.rank();
  if (g.shape() != (isStatic ? x.shape().drop_front(2) : x.shape()))
    return op.emitOpError() << "x is " << shapeText(x.shape()) << " and g is " << shapeText(g.shape());
  Tensor::Shape shape(x.shape().drop_front(2));
  shape.insert(shape.begin(), batch);
  Tensor state = givenState(op, frame, shape);
  if (state.shape() != ArrayRef<int64_t>(shape) || failed(segments.check(op, batch, time)))
    return op.emitOpError() << "the state is " << shapeText(state.shape()) << ", not " << shapeText(shape);
  int64_t width = op.getComplex() ? 2 : 1;
  Tensor h = Tensor::reals(x.shape());
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t t = 0; t < time && segments.counts(b, t); ++t)
      for (int64_t e = 0; e < elements; e += width) {
        int64_t at = (b * time + t) * elements + e;
        double *now = &state.reals()[b * elements + e];
        if (segments.startsAt(b, t))
          std::fill(now, now + width, 0.0);
        scanElement(now, &g.reals()[isStatic ? e : at], &x.reals()[at], op.getComplex());
        std::copy(now, now + width, &h.reals()[at]);
      }
  frame.set(op.getH(), std::move(h));
  returnState(op, frame, std::move(state));
  return success();
}

//===----------------------------------------------------------------------===//
// conv and token_shift
//===----------------------------------------------------------------------===//

/// Moves the tokens of row b of a history [B,W-1,D], the oldest first, by one to the past and
/// puts token t of x behind them.
static void remember(Tensor &history, const Tensor &x, int64_t b, int64_t t) {
  int64_t length = history.dim(1);
  for (int64_t c = 0; length > 0 && c < x.dim(2); ++c) {
    for (int64_t j = 0; j + 1 < length; ++j)
      history(b, j, c) = history(b, j + 1, c);
    history(b, length - 1, c) = x(b, t, c);
  }
}

static void forget(Tensor &history, int64_t b) {
  int64_t length = history.dim(0) ? history.size() / history.dim(0) : 0;
  for (double &element : history.reals().slice(b * length, length))
    element = 0;
}

static LogicalResult conv(mlir::seq::ConvOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX()), &w = frame.tensor(op.getW()), *bias = frame.optional(op.getBias());
  Segments segments(op, frame);
  int64_t batch = x.dim(0), time = x.dim(1), channels = x.dim(2), taps = -1, before = w.dim(1) - 1;
  Tensor history = givenState(op, frame, {batch, before, channels});
  if (failed(unify(op, "w", w, {&channels, &taps})) || (bias && failed(unify(op, "bias", *bias, {&channels}))) ||
      failed(unify(op, "the state", history, {&batch, &before, &channels})) || failed(segments.check(op, batch, time)))
    return failure();
  Tensor y = Tensor::reals(x.shape());
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t t = 0; t < time && segments.counts(b, t); ++t) {
      if (segments.startsAt(b, t))
        forget(history, b);
      for (int64_t c = 0; c < channels; ++c) {
        double sum = (bias ? (*bias)(c) : 0) + w(c, before) * x(b, t, c);
        for (int64_t j = 0; j < before; ++j)
          sum += w(c, j) * history(b, j, c);
        y(b, t, c) = activate(op.getActivation(), sum);
      }
      remember(history, x, b, t);
    }
  frame.set(op.getY(), std::move(y));
  returnState(op, frame, std::move(history));
  return success();
}

static LogicalResult tokenShift(mlir::seq::TokenShiftOp op, Frame &frame) {
  const Tensor &x = frame.tensor(op.getX());
  Segments segments(op, frame);
  int64_t batch = x.dim(0), time = x.dim(1), channels = x.dim(2);
  Tensor last = givenState(op, frame, {batch, channels});
  if (failed(unify(op, "the state", last, {&batch, &channels})) || failed(segments.check(op, batch, time)))
    return failure();
  Tensor y = Tensor::reals(x.shape());
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t t = 0; t < time && segments.counts(b, t); ++t) {
      if (segments.startsAt(b, t))
        forget(last, b);
      for (int64_t c = 0; c < channels; ++c) {
        y(b, t, c) = last(b, c);
        last(b, c) = x(b, t, c);
      }
    }
  frame.set(op.getY(), std::move(y));
  returnState(op, frame, std::move(last));
  return success();
}

void seqc::reference::addScans(Handlers &handlers) {
  handlers.add(selectiveScan);
  handlers.add(scan);
  handlers.add(conv);
  handlers.add(tokenShift);
}
