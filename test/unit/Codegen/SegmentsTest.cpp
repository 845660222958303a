//===- SegmentsTest.cpp - Resets and lengths of rows, factored decays -----===//

#include "Sequences.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seqc::test;

namespace {

//===----------------------------------------------------------------------===//
// state_mix and the head form of selective_scan
//===----------------------------------------------------------------------===//

enum Kind { Factored, Head, Gated, Ratio, Selective };

struct MixCase {
  Kind kind;
  int64_t keyHeads, heads, keyDim, valueDim;
  bool pre = false, resets = true, limits = true;
};

void PrintTo(const MixCase &c, std::ostream *stream) {
  static const char *names[] = {"factored", "head", "gated", "ratio", "selective"};
  *stream << names[c.kind] << ", " << c.keyHeads << "/" << c.heads << " heads, K " << c.keyDim << ", V " << c.valueDim
          << (c.pre ? ", pre" : "") << (c.resets ? ", resets" : "") << (c.limits ? ", lengths" : "");
}

class SegmentedMixTest : public testing::TestWithParam<MixCase> {
protected:
  static constexpr double kScale = 0.5, kEps = 0.25;
  MixCase c = GetParam();
  Problem p;
  bool selective = c.kind == Selective, normalised = c.kind == Gated || c.kind == Ratio;

  void SetUp() override {
    if (selective)
      addSelective();
    else
      addMix();
    p.outputShape = {c.heads, c.valueDim};
    // The harness keeps one state: those with a normaliser run from zeros.
    if (!normalised)
      p.stateShape = {c.heads, c.keyDim, c.valueDim};
    p.addSegments(c.resets, c.limits);
  }

  void addSelective() {
    p.add("v", true, {c.heads, c.valueDim}, -1, 1);
    p.add("g", true, {c.heads}, -4, 1);
    p.add("rate", false, {c.heads}, -2, -0.01f);
    p.add("k", true, {c.keyHeads, c.keyDim}, -1, 1);
    p.add("q", true, {c.keyHeads, c.keyDim}, -1, 1);
    p.op = "seq.selective_scan %v, %g, %rate, %k, %q";
    listTypes();
    p.add("skip", false, c.limits ? std::vector<int64_t>{c.heads} : std::vector<int64_t>{c.heads, c.valueDim}, -1, 1);
    p.add("z", true, {c.heads, c.valueDim}, -3, 3);
    p.add("dt_bias", false, {c.heads}, -1, 1);
    for (const char *name : {"skip", "z", "dt_bias"})
      p.op += llvm::formatv(" {0}(%{0} : {1})", name, p.find(name).type);
    p.attributes = " {dt_softplus, dt_max = 0.9}";
  }

  void addMix() {
    p.add("q", true, {c.keyHeads, c.keyDim}, c.kind == Ratio ? 0.1f : -1, 1);
    p.add("k", true, {c.keyHeads, c.keyDim}, c.kind == Ratio ? 0.1f : -1, 1);
    p.add("v", true, {c.heads, c.valueDim}, -1, 1);
    p.op = "seq.state_mix %q, %k, %v";
    listTypes();
    p.add("g", true, {c.heads}, c.kind == Factored ? 0 : -1, c.kind == Factored ? 0.5f : 0);
    p.op += " g(%g : " + p.find("g").type + ")";
    if (c.kind == Factored) {
      p.add("rate", false, {c.heads, c.keyDim}, -4, 0);
      p.op += " rate(%rate : " + p.find("rate").type + ")";
    }
    if (c.kind == Gated) {
      p.add("i", true, {c.heads}, -20, 20);
      p.op += " i(%i : " + p.find("i").type + ")";
    }
    p.attributes = llvm::formatv(" decay {0} update outer read {1}", c.kind == Factored ? "factored" : "head",
                                 c.pre ? "pre" : "post");
    if (normalised)
      p.attributes += c.kind == Gated ? " normaliser max" : " normaliser ratio";
    p.attributes += llvm::formatv(" {{scale = {0:f6}{1}}", kScale, normalised ? ", eps = 0.25" : "");
  }

  void listTypes() {
    for (const Operand &operand : p.operands)
      p.types += (p.types.empty() ? "" : ", ") + operand.type;
  }

  double value(const char *name, int64_t at) const { return p.find(name).values[at]; }

  /// dt after bias, softplus and bound; or g.
  double step(int64_t token, int64_t h) const {
    double g = value("g", token * c.heads + h);
    return selective ? std::min(std::log1p(std::exp(g + value("dt_bias", h))), 0.9) : g;
  }

  std::pair<std::vector<double>, std::vector<double>> solve(const std::vector<float> &initial) const {
    std::vector<double> o(p.batch * p.time * c.heads * c.valueDim), last(initial.size());
    int64_t size = c.keyDim * c.valueDim;
    for (int64_t row = 0; row < p.batch; ++row)
      for (int64_t h = 0; h < c.heads; ++h) {
        auto start = initial.begin() + (row * c.heads + h) * size;
        std::vector<long double> s(start, start + size), n(c.keyDim);
        for (int64_t t = 0; t < p.length(row); ++t)
          solveToken(row, t, h, s, n, o.data() + ((row * p.time + t) * c.heads + h) * c.valueDim);
        std::copy(s.begin(), s.end(), last.begin() + (row * c.heads + h) * size);
      }
    return {o, last};
  }

  /// The definition, with states as they are: of a maximum nothing is needed in long double but that a gated
  /// output is divided by max(|n^T q|, 1) of what is relative to it.
  void solveToken(int64_t row, int64_t t, int64_t h, std::vector<long double> &s, std::vector<long double> &n,
                  double *o) const {
    int64_t token = row * p.time + t, keys = c.keyDim, columns = c.valueDim;
    if (p.isReset(row, t)) {
      std::fill(s.begin(), s.end(), 0);
      std::fill(n.begin(), n.end(), 0);
      maximum = -1e38L;
    }
    if (t == 0)
      maximum = -1e38L;
    int64_t keyAt = (token * c.keyHeads + h / (c.heads / c.keyHeads)) * keys;
    double dt = step(token, h), input = selective ? dt : 1;
    std::vector<long double> read(columns + 1);
    auto readState = [&] {
      for (int64_t d = 0; d < keys; ++d) {
        for (int64_t j = 0; j < columns; ++j)
          read[j] += s[d * columns + j] * value("q", keyAt + d);
        read[columns] += n[d] * value("q", keyAt + d);
      }
    };
    if (c.pre)
      readState();
    long double gate = 1;
    if (c.kind == Gated) {
      long double i = value("i", token * c.heads + h);
      gate = std::exp(i);
      maximum = std::max(maximum + dt, i);
    }
    for (int64_t d = 0; d < keys; ++d) {
      double g = c.kind == Factored ? dt * value("rate", h * keys + d) : selective ? dt * value("rate", h) : dt;
      long double k = gate * input * value("k", keyAt + d);
      for (int64_t j = 0; j < columns; ++j)
        s[d * columns + j] = std::exp(static_cast<long double>(g)) * s[d * columns + j] +
                             k * value("v", (token * c.heads + h) * columns + j);
      n[d] = std::exp(static_cast<long double>(g)) * n[d] + k;
    }
    if (!c.pre)
      readState();
    for (int64_t j = 0; j < columns; ++j)
      o[j] = static_cast<double>(finish(read, j, (token * c.heads + h) * columns + j, h));
  }

  long double finish(const std::vector<long double> &read, int64_t j, int64_t at, int64_t h) const {
    if (selective) {
      double skip = value("skip", c.limits ? h : h * c.valueDim + j);
      return (read[j] + skip * value("v", at)) * silu(value("z", at));
    }
    long double o = kScale * read[j], norm = kScale * read.back();
    if (c.kind == Ratio)
      return o / (norm + kEps);
    if (c.kind == Gated) {
      // What is stored is exp(-m) times the state.
      long double held = std::exp(-maximum);
      return o * held / (std::max(std::abs(norm * held), held) + kEps);
    }
    return o;
  }

  mutable long double maximum = 0;
};

TEST_P(SegmentedMixTest, AgreesWithDoubles) {
  size_t count = p.batch * c.heads * c.keyDim * c.valueDim;
  std::vector<float> zeros(count), initial = randomFloats(count, 99);
  auto [o, last] = solve(zeros);
  auto [continued, end] = solve(initial);
  p.check(o, initial, continued, end, 5e-6);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SegmentedMixTest,
                         testing::Values(MixCase{Factored, 1, 37, 16, 1},
                                         MixCase{Factored, 4, 12, 20, 1, false, false, false},
                                         MixCase{Factored, 1, 2, 5, 7}, MixCase{Factored, 2, 2, 12, 1, true},
                                         MixCase{Head, 2, 4, 12, 20}, MixCase{Head, 5, 5, 1, 1},
                                         MixCase{Head, 1, 3, 64, 64}, MixCase{Gated, 2, 2, 20, 16},
                                         MixCase{Gated, 1, 2, 9, 5, false, false, false}, MixCase{Ratio, 1, 2, 12, 16},
                                         MixCase{Ratio, 3, 3, 1, 1}, MixCase{Selective, 1, 4, 16, 24},
                                         MixCase{Selective, 2, 6, 8, 5, false, true, false}));

//===----------------------------------------------------------------------===//
// token_shift
//===----------------------------------------------------------------------===//

TEST(SegmentedShiftTest, AgreesWithTheDefinition) {
  Problem p;
  p.add("x", true, {19}, -1, 1);
  p.op = "seq.token_shift %x";
  p.types = p.operands[0].type;
  p.outputShape = {19};
  p.addSegments(true, true);
  std::vector<double> y(p.batch * p.time * 19);
  for (int64_t row = 0; row < p.batch; ++row)
    for (int64_t t = 1; t < p.length(row); ++t)
      for (int64_t d = 0; d < 19; ++d)
        if (!p.isReset(row, t))
          y[(row * p.time + t) * 19 + d] = p.operands[0].values[(row * p.time + t - 1) * 19 + d];
  p.check(y, {}, {}, {}, 0);
}

//===----------------------------------------------------------------------===//
// Gated norms
//===----------------------------------------------------------------------===//

struct GatedNormCase {
  int64_t width, groups;
  bool first, centred;
};

void PrintTo(const GatedNormCase &c, std::ostream *stream) {
  *stream << (c.centred ? "group_norm" : "rms_norm") << " of " << c.width << " in " << c.groups << " groups"
          << (c.first ? ", gate first" : "");
}

class GatedNormTest : public testing::TestWithParam<GatedNormCase> {};

TEST_P(GatedNormTest, AgreesWithDoubles) {
  GatedNormCase c = GetParam();
  Problem p;
  p.time = 5;
  p.add("x", true, {c.width}, -2, 3);
  p.add("gate", true, {c.width}, -3, 3);
  p.add("weight", false, {c.width}, -1, 1);
  const std::string &type = p.operands[0].type, &weight = p.operands[2].type;
  std::string first = c.first ? " {gate_first}" : "", rms = c.first ? ", gate_first" : "";
  if (c.centred) {
    p.op = "seq.group_norm %x weight %weight gate(%gate : " + type + ")";
    p.op += llvm::formatv(" groups {0} eps 1.0e-5", c.groups);
    p.attributes = first;
    p.types = type + " weight " + weight;
  } else {
    p.op = "seq.rms_norm %x weight %weight gate(%gate : " + type + ") eps 1.0e-5";
    p.attributes = llvm::formatv(" {{groups = {0}{1}}", c.groups, rms);
    p.types = type + ", " + weight;
  }
  p.outputShape = {c.width};
  std::vector<double> y(p.batch * p.time * c.width);
  int64_t size = c.width / c.groups;
  auto gate = [&](int64_t at) { return silu(p.operands[1].values[at]); };
  for (int64_t start = 0; start < static_cast<int64_t>(y.size()); start += size) {
    double sum = 0, squares = 0;
    auto value = [&](int64_t at) { return p.operands[0].values[at] * (c.first ? gate(at) : 1); };
    for (int64_t at = start; at < start + size; ++at)
      sum += value(at);
    double mean = c.centred ? sum / size : 0;
    for (int64_t at = start; at < start + size; ++at)
      squares += (value(at) - mean) * (value(at) - mean);
    for (int64_t at = start; at < start + size; ++at)
      y[at] = (value(at) - mean) / std::sqrt(squares / size + 1e-5) * p.operands[2].values[at % c.width] *
              (c.first ? 1 : gate(at));
  }
  p.check(y, {}, {}, {}, 2e-6);
}

INSTANTIATE_TEST_SUITE_P(Kinds, GatedNormTest,
                         testing::Values(GatedNormCase{37, 1, false, false}, GatedNormCase{96, 3, true, false},
                                         GatedNormCase{60, 4, false, true}, GatedNormCase{64, 1, true, true},
                                         GatedNormCase{200, 2, false, false}));

} // namespace
