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

  bool outer() const { return update == "outer"; }
  bool delta() const { return update == "delta"; }
  bool channels() const { return decay == "channel" || decay == "static_channel"; }
  bool isStatic() const { return decay == "static" || decay == "static_channel"; }
};

void PrintTo(const Case &c, std::ostream *stream) {
  static const char *strengths[] = {"weak", "firm", "strong", "mixed"};
  *stream << c.update << ", decay " << c.decay << ", " << strengths[c.strength] << ", " << c.keyHeads << "/" << c.heads
          << " heads, K " << c.keyDim << ", V " << c.valueDim << (c.pre ? ", pre" : "") << ", T " << c.time;
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
    state = randomFloats(kBatch * c.heads * c.keyDim * c.valueDim, 77);
    finalState.assign(state.begin(), state.end());
    outputs.resize(kBatch * c.time * c.heads * c.valueDim);
    for (int64_t row = 0; row < kBatch; ++row)
      for (int64_t h = 0; h < c.heads; ++h)
        solve(row, h);
  }

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

  double decayAt(int64_t token, int64_t h, int64_t d) const {
    const float *g = find("g");
    if (!g)
      return 1;
    int64_t at = (c.isStatic() ? 0 : token * c.heads) + h;
    return std::exp(static_cast<double>(g[c.channels() ? at * c.keyDim + d : at]));
  }

  /// A head's recurrence as it is defined.
  void solve(int64_t row, int64_t h) {
    double *s = finalState.data() + (row * c.heads + h) * c.keyDim * c.valueDim;
    for (int64_t t = 0; t < c.time; ++t) {
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
  const std::string &q = p.operands[0].type, &v = p.operands[2].type;
  std::string decay = p.c.isStatic() ? "static" : p.c.decay;
  return llvm::formatv("func.func @f({0}%s: {1}) -> ({2}, {1}) {{\n"
                       "  %o, %n = seq.state_mix %q, %k, %v{3} states(%s : {1}) decay {4} update {5} read {6} "
                       "{{scale = {7}} : {8}, {8}, {2}\n  return %o, %n : {2}, {1}\n}\n"
                       "seqm.export \"f\" = @f kind \"other\" arguments [{9}] results [\"o\"]\n",
                       signature, state, v, optional, decay, p.c.update, p.c.pre ? "pre" : "post",
                       llvm::formatv("{0:f6}", kScale), q, names);
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
    check(compiled, {});
    if (c.time > 20)
      check(compiled, {1, 20});
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, StateBlocksTest,
    testing::Values(
        // Token by token.
        Case{"delta", "none", 1, 1, 5, 3}, Case{"delta", "head", 2, 4, 64, 64},
        Case{"delta", "head", 2, 2, 20, 37, Mixed}, Case{"delta", "static", 3, 3, 17, 16},
        Case{"delta", "static_channel", 2, 2, 17, 33}, Case{"delta", "channel", 4, 8, 12, 72, Strong},
        Case{"delta", "channel", 2, 2, 31, 31, Weak, true}, Case{"dplr", "none", 2, 2, 17, 5},
        Case{"dplr", "channel", 2, 2, 64, 64, Mixed}, Case{"dplr", "head", 1, 2, 33, 20, Strong},
        Case{"dplr", "static_channel", 2, 2, 16, 16}, Case{"dplr", "channel", 1, 3, 12, 50, Weak, true},
        Case{"delta", "head", 2, 2, 16, 16, Weak, false, 1}, Case{"dplr", "channel", 6, 6, 16, 16, Weak, false, 16},
        Case{"delta", "channel", 2, 2, 16, 16, Weak, false, 1000}, Case{"outer", "none", 2, 2, 13, 21},
        Case{"outer", "head", 4, 8, 24, 70, Mixed}, Case{"outer", "channel", 2, 2, 33, 40, Strong},
        Case{"outer", "static_channel", 3, 3, 16, 16, Weak, true},
        // In blocks.
        Case{"outer", "static", 2, 2, 128, 100}, Case{"outer", "head", 1, 3, 70, 190, Mixed},
        Case{"outer", "channel", 1, 1, 113, 113, Firm, false, 200},
        Case{"outer", "channel", 2, 2, 117, 110, Mixed, true}, Case{"delta", "none", 2, 2, 120, 112},
        Case{"delta", "head", 1, 1, 33, 400}, Case{"delta", "head", 1, 2, 128, 101, Strong},
        Case{"delta", "head", 4, 4, 115, 115, Mixed}, Case{"delta", "static", 1, 1, 64, 200},
        Case{"delta", "static_channel", 1, 1, 131, 97}, Case{"delta", "channel", 1, 1, 130, 100},
        Case{"delta", "channel", 1, 1, 130, 100, Mixed}, Case{"delta", "channel", 1, 1, 128, 100, Firm, false, 200},
        Case{"delta", "head", 1, 2, 256, 50, Weak, true}, Case{"delta", "channel", 1, 1, 128, 128, Weak, false, 500},
        Case{"dplr", "channel", 1, 1, 160, 170}, Case{"dplr", "channel", 1, 1, 170, 155, Mixed},
        Case{"dplr", "head", 1, 1, 101, 256, Strong}, Case{"dplr", "none", 1, 2, 160, 160},
        Case{"dplr", "channel", 1, 1, 200, 131, Weak, true}));

} // namespace
