//===- StateBlocksTest.cpp - State mixes in blocks and token by token ------===//

#include "Compare.h"
#include "KernelHarness.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seqc::test;

namespace {

/// What the logarithms of decays look like.
enum Strength { Weak, Firm, Strong, Mixed };

struct Case {
  std::string update, decay; ///< as in the op's syntax, but "static_channel" for static [H,K]
  int64_t keyHeads, heads, keyDim, valueDim;
  Strength strength = Weak;
  bool pre = false;
  int64_t time = 53;
  bool segments = false; ///< with resets and lengths
  std::string form = "auto";
  int64_t chunk = 0;
  int64_t workers = 2;

  bool outer() const { return update == "outer"; }
  bool delta() const { return update == "delta"; }
  bool channels() const { return decay == "channel" || decay == "static_channel"; } // of g
  bool factored() const { return decay == "factored"; }
  bool isStatic() const { return decay == "static" || decay == "static_channel"; }
};

void PrintTo(const Case &c, std::ostream *stream) {
  static const char *strengths[] = {"weak", "firm", "strong", "mixed"};
  *stream << c.update << ", decay " << c.decay << ", " << strengths[c.strength] << ", " << c.keyHeads << "/" << c.heads
          << " heads, K " << c.keyDim << ", V " << c.valueDim << (c.pre ? ", pre" : "") << ", T " << c.time
          << (c.segments ? ", segments" : "") << ", form " << c.form << ' ' << c.chunk;
}

struct Operand {
  std::string name, type;
  std::vector<float> values;
  bool overTime;
};

constexpr int64_t kBatch = 2;
constexpr double kScale = 0.75;

/// The operands of a case and what they give.
struct Problem {
  Case c;
  std::vector<Operand> operands;
  std::vector<float> state; ///< the incoming one, [B,H,K,V]
  std::vector<double> outputs, finalState;

  explicit Problem(const Case &c) : c(c) {
    add("q", true, {c.keyHeads, c.keyDim});
    add("k", true, {c.keyHeads, c.keyDim});
    normalise(operands.back().values);
    add("v", true, {c.heads, c.valueDim});
    if (c.decay != "none")
      addDecays();
    if (c.factored())
      add("rate", false, {c.heads, c.keyDim}, 0, 2);
    if (c.delta()) {
      add("beta", true, {c.heads}, 0, 2);
    } else if (!c.outer()) {
      add("a", true, {c.heads, c.keyDim});
      normalise(operands.back().values);
      std::vector<float> rates = randomFloats(operands.back().values.size(), 99, -1, 0);
      for (size_t i = 0; i < rates.size(); ++i)
        rates[i] *= operands.back().values[i];
      add("b", true, {c.heads, c.keyDim});
      operands.back().values = rates;
    }
    if (c.pre)
      add("u", false, {c.heads, c.keyDim});
    if (c.segments)
      addSegments();
    state = randomFloats(kBatch * c.heads * c.keyDim * c.valueDim, 77);
    finalState.assign(state.begin(), state.end());
    outputs.resize(kBatch * c.time * c.heads * c.valueDim);
    for (int64_t row = 0; row < kBatch; ++row)
      for (int64_t h = 0; h < c.heads; ++h)
        solve(row, h);
  }

  bool resetAt(int64_t row, int64_t token) const { return c.segments && resets[row * c.time + token]; }
  int64_t lengthOf(int64_t row) const { return c.segments ? lengths[row] : c.time; }

  std::vector<uint8_t> resets;  ///< [B,T]
  std::vector<int64_t> lengths; ///< [B]

  const float *find(const std::string &name) const {
    for (const Operand &operand : operands)
      if (operand.name == name)
        return operand.values.data();
    return nullptr;
  }

private:
  void add(const std::string &name, bool overTime, std::vector<int64_t> shape, float low = -1, float high = 1) {
    std::string type = overTime ? "tensor<?x?x" : "tensor<";
    int64_t count = overTime ? kBatch * c.time : 1;
    for (int64_t extent : shape) {
      type += std::to_string(extent) + "x";
      count *= extent;
    }
    operands.push_back({name, type + "f32>", randomFloats(count, operands.size() + 1, low, high), overTime});
  }

  void normalise(std::vector<float> &rows) const {
    for (size_t i = 0; i < rows.size(); i += c.keyDim) {
      double sum = 0;
      for (int64_t d = 0; d < c.keyDim; ++d)
        sum += rows[i + d] * rows[i + d];
      for (int64_t d = 0; d < c.keyDim; ++d)
        rows[i + d] /= static_cast<float>(std::sqrt(sum));
    }
  }

  void addDecays() {
    add("g", !c.isStatic(), c.channels() ? std::vector<int64_t>{c.heads, c.keyDim} : std::vector<int64_t>{c.heads},
        c.strength == Strong ? -30
        : c.strength == Firm ? -7
                             : -0.6f,
        0);
    if (c.strength != Mixed)
      return;
    // Mostly weak, with a forgotten state, far decays and none in between.
    std::vector<float> &g = operands.back().values;
    std::vector<float> choice = randomFloats(g.size(), 55, 0, 1);
    for (size_t i = 0; i < g.size(); ++i)
      g[i] = choice[i] < 0.01f ? -INFINITY : choice[i] < 0.03f ? -200 : choice[i] < 0.1f ? 0 : g[i];
  }

  /// A reset at the start of one row, two in a row, others anywhere.
  void addSegments() {
    resets.assign(kBatch * c.time, 0);
    for (int64_t token : {int64_t(0), int64_t(17), int64_t(18), c.time + 3, c.time + 40})
      resets[token % (kBatch * c.time)] = 1;
    lengths = {c.time - 2, c.time};
  }

  double decayAt(int64_t token, int64_t h, int64_t d) const {
    const float *g = find("g");
    if (!g)
      return 1;
    int64_t at = (c.isStatic() ? 0 : token * c.heads) + h;
    if (c.factored())
      return std::exp(static_cast<double>(g[at]) * find("rate")[h * c.keyDim + d]);
    return std::exp(static_cast<double>(g[c.channels() ? at * c.keyDim + d : at]));
  }

  /// A head's recurrence as it is defined.
  void solve(int64_t row, int64_t h) {
    double *s = finalState.data() + (row * c.heads + h) * c.keyDim * c.valueDim;
    for (int64_t t = 0; t < lengthOf(row); ++t) {
      if (resetAt(row, t))
        std::fill_n(s, c.keyDim * c.valueDim, 0);
      int64_t token = row * c.time + t, headAt = token * c.heads + h;
      int64_t keyAt = token * c.keyHeads + h / (c.heads / c.keyHeads);
      const float *q = find("q") + keyAt * c.keyDim, *k = find("k") + keyAt * c.keyDim;
      const float *v = find("v") + headAt * c.valueDim;
      for (int64_t j = 0; j < c.valueDim; ++j) {
        auto at = [&](int64_t d) -> double & { return s[d * c.valueDim + j]; };
        double before = 0, projected = 0, after = 0;
        for (int64_t d = 0; d < c.keyDim; ++d) {
          before += at(d) * q[d];
          if (const float *u = find("u"))
            before += static_cast<double>(q[d]) * u[h * c.keyDim + d] * k[d] * v[j];
          if (!c.outer())
            projected += c.delta() ? decayAt(token, h, d) * at(d) * k[d] : at(d) * find("a")[headAt * c.keyDim + d];
        }
        for (int64_t d = 0; d < c.keyDim; ++d) {
          double old = decayAt(token, h, d) * at(d);
          at(d) = c.outer()   ? old + static_cast<double>(k[d]) * v[j]
                  : c.delta() ? old + k[d] * find("beta")[headAt] * (v[j] - projected)
                              : old + find("b")[headAt * c.keyDim + d] * projected + static_cast<double>(k[d]) * v[j];
          after += at(d) * q[d];
        }
        outputs[headAt * c.valueDim + j] = kScale * (c.pre ? before : after);
      }
    }
  }
};

std::string functionText(const Problem &p) {
  std::string state = llvm::formatv("!seq.state<{0}x{1}x{2}xf32>", p.c.heads, p.c.keyDim, p.c.valueDim);
  std::string signature, names, optional;
  for (const Operand &operand : p.operands) {
    signature += "%" + operand.name + ": " + operand.type + ", ";
    names += (names.empty() ? "\"" : ", \"") + operand.name + "\"";
  }
  for (const Operand &operand : llvm::ArrayRef(p.operands).drop_front(3))
    optional += " " + operand.name + "(%" + operand.name + " : " + operand.type + ")";
  std::string segments;
  if (p.c.segments) {
    signature += "%reset: tensor<?x?xi1>, %lengths: tensor<?xi64>, ";
    names += ", \"reset\", \"lengths\"";
    segments = " reset(%reset : tensor<?x?xi1>) lengths(%lengths : tensor<?xi64>)";
  }
  const std::string &q = p.operands[0].type, &v = p.operands[2].type;
  std::string decay = p.c.isStatic() ? "static" : p.c.decay;
  return llvm::formatv("func.func @f({0}%s: {1}) -> ({2}, {1}) {{\n"
                       "  %o, %n = seq.state_mix %q, %k, %v{3} states(%s : {1}){10} decay {4} update {5} read {6} "
                       "form {11} {{scale = {7}, chunk = {12} : i64} : {8}, {8}, {2}\n  return %o, %n : {2}, {1}\n}\n"
                       "seqm.export \"f\" = @f kind \"other\" arguments [{9}] results [\"o\"]\n",
                       signature, state, v, optional, decay, p.c.update, p.c.pre ? "pre" : "post",
                       llvm::formatv("{0:f6}", kScale), q, names, segments, p.c.form, p.c.chunk);
}

class StateBlocksTest : public testing::TestWithParam<Case> {
protected:
  Problem p{GetParam()};
  const Case &c = p.c;

  /// Tokens [from, to) of an operand.
  std::vector<float> part(const Operand &operand, int64_t from, int64_t to) {
    if (!operand.overTime)
      return operand.values;
    int64_t width = static_cast<int64_t>(operand.values.size()) / kBatch / c.time;
    std::vector<float> result;
    for (int64_t row = 0; row < kBatch; ++row) {
      auto start = operand.values.begin() + row * c.time * width;
      result.insert(result.end(), start + from * width, start + to * width);
    }
    return result;
  }

  void run(Compiled &compiled, int64_t from, int64_t to, State &state, std::vector<float> &o) {
    std::vector<std::vector<float>> values;
    std::vector<const void *> arguments;
    for (const Operand &operand : p.operands)
      values.push_back(part(operand, from, to));
    for (const auto &value : values)
      arguments.push_back(value.data());
    std::vector<uint8_t> resets;
    std::vector<int64_t> lengths;
    for (int64_t row = 0; c.segments && row < kBatch; ++row) {
      auto start = p.resets.begin() + row * c.time;
      resets.insert(resets.end(), start + from, start + to);
      lengths.push_back(std::clamp<int64_t>(p.lengths[row] - from, 0, to - from));
    }
    if (c.segments)
      arguments.insert(arguments.end(), {resets.data(), lengths.data()});
    int64_t width = c.heads * c.valueDim;
    std::vector<float> out(kBatch * (to - from) * width, NAN);
    ASSERT_EQ(compiled.call(arguments, {out.data()}, {kBatch, to - from}, {&state}), 0);
    for (int64_t row = 0; row < kBatch; ++row)
      std::copy_n(out.begin() + row * (to - from) * width, (to - from) * width,
                  o.begin() + (row * c.time + from) * width);
  }

  /// Runs all tokens, cut after those of `cuts`, and compares outputs and the final state.
  void check(Compiled &compiled, std::vector<int64_t> cuts) {
    State state(kBatch, 0, {static_cast<int64_t>(p.state.size())});
    std::copy(p.state.begin(), p.state.end(), state.component(0));
    std::vector<float> o(p.outputs.size(), NAN);
    cuts.push_back(c.time);
    int64_t from = 0;
    for (int64_t to : cuts) {
      run(compiled, from, to, state, o);
      from = to;
    }
    expectNear(o, p.outputs, 5e-6);
    expectNear({state.component(0), state.component(0) + p.state.size()}, p.finalState, 5e-6);
  }
};

TEST_P(StateBlocksTest, WholeAndInPieces) {
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled(functionText(p), target);
    compiled.workers = c.workers;
    check(compiled, {});
    if (c.time > 20)
      check(compiled, {1, 20});
  }
}

/// A case in one of the forms, with resets and lengths.
Case segmented(Case c, const char *form, int64_t chunk = 0) {
  c.segments = true;
  c.form = form;
  c.chunk = chunk;
  return c;
}

/// Small states, in both forms.
std::vector<Case> smallCases() {
  std::vector<Case> cases;
  for (const char *form : {"recurrent", "chunkwise"})
    for (Case c : {Case{"outer", "none", 2, 2, 13, 21},
                   Case{"outer", "static", 2, 2, 20, 40},
                   Case{"outer", "head", 4, 8, 24, 70, Mixed},
                   Case{"outer", "channel", 2, 2, 33, 40, Strong},
                   Case{"outer", "channel", 2, 2, 17, 10, Mixed, true},
                   Case{"delta", "none", 1, 1, 5, 3},
                   Case{"delta", "head", 2, 4, 64, 64},
                   Case{"delta", "head", 2, 2, 20, 37, Mixed},
                   Case{"delta", "static", 3, 3, 17, 16},
                   Case{"delta", "static_channel", 2, 2, 17, 33},
                   Case{"delta", "channel", 4, 8, 12, 72, Strong},
                   Case{"delta", "channel", 1, 1, 32, 40, Firm, false, 200},
                   Case{"delta", "channel", 2, 2, 31, 31, Mixed, true},
                   Case{"delta", "factored", 1, 2, 20, 16, Weak},
                   Case{"dplr", "none", 2, 2, 17, 5},
                   Case{"dplr", "channel", 2, 2, 64, 64, Mixed},
                   Case{"dplr", "head", 1, 2, 33, 20, Strong},
                   Case{"dplr", "static_channel", 2, 2, 16, 16},
                   Case{"dplr", "channel", 1, 3, 12, 50, Weak, true},
                   Case{"dplr", "factored", 2, 2, 12, 30, Weak},
                   Case{"delta", "head", 2, 2, 16, 16, Weak, false, 1},
                   Case{"dplr", "channel", 6, 6, 16, 16, Weak, false, 16},
                   Case{"delta", "channel", 2, 2, 16, 16, Weak, false, 1000}}) {
      c.form = form;
      cases.push_back(c);
    }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Small, StateBlocksTest, testing::ValuesIn(smallCases()));

INSTANTIATE_TEST_SUITE_P(Large, StateBlocksTest,
                         testing::Values(Case{"delta", "head", 1, 1, 33, 400},
                                         Case{"delta", "head", 1, 2, 128, 101, Strong},
                                         Case{"delta", "channel", 1, 1, 130, 100},
                                         Case{"dplr", "channel", 1, 1, 160, 170},
                                         Case{"dplr", "channel", 1, 1, 170, 155, Mixed}));

/// More workers than heads: time is cut into 3 blocks.
std::vector<Case> cutCases() {
  std::vector<Case> cases;
  for (Case c : {Case{"outer", "none", 1, 1, 17, 20}, Case{"outer", "static", 1, 2, 16, 16},
                 Case{"outer", "static_channel", 1, 1, 20, 3}, Case{"outer", "head", 1, 1, 16, 16, Mixed, true},
                 Case{"outer", "channel", 2, 2, 33, 7, Mixed}, Case{"outer", "channel", 1, 1, 16, 16, Strong, true}})
    for (bool segments : {false, true}) {
      c.form = "parallel";
      c.time = 401;
      c.workers = 7;
      c.segments = segments;
      cases.push_back(c);
    }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(CutTime, StateBlocksTest, testing::ValuesIn(cutCases()));

INSTANTIATE_TEST_SUITE_P(Segments, StateBlocksTest,
                         testing::Values(segmented({"outer", "channel", 1, 2, 24, 40}, "recurrent"),
                                         segmented({"outer", "head", 1, 2, 24, 40}, "chunkwise"),
                                         segmented({"delta", "head", 2, 4, 24, 40}, "recurrent"),
                                         segmented({"delta", "head", 2, 4, 24, 40}, "chunkwise"),
                                         segmented({"delta", "none", 1, 1, 16, 72}, "chunkwise"),
                                         segmented({"dplr", "channel", 2, 2, 17, 20}, "recurrent"),
                                         segmented({"dplr", "channel", 2, 2, 17, 20}, "chunkwise"),
                                         segmented({"outer", "channel", 1, 4, 17, 20}, "parallel"),
                                         segmented({"delta", "channel", 1, 1, 17, 20}, "parallel"),
                                         segmented({"delta", "head", 2, 4, 17, 20}, "chunkwise", 16),
                                         segmented({"delta", "head", 2, 4, 17, 20, Weak, false, 200}, "chunkwise", 48),
                                         segmented({"outer", "none", 1, 3, 17, 20}, "chunkwise", 1024),
                                         segmented({"dplr", "head", 1, 3, 17, 20}, "chunkwise", 7),
                                         segmented({"delta", "channel", 1, 3, 17, 20}, "chunkwise", 24)));

} // namespace
