//===- AttentionTest.cpp - The attention kernel ---------------------------===//

#include "Compare.h"
#include "KernelHarness.h"
#include "llvm/Support/FormatVariadic.h"
#include <limits>

using namespace seqc::test;

namespace {

struct Case {
  int64_t queryHeads, kvHeads, keyDim, valueDim;
  bool causal = true;
  int64_t window = 0;
  double softcap = 0;
  bool sink = false, positions = false;
};

void PrintTo(const Case &c, std::ostream *stream) {
  *stream << c.queryHeads << "/" << c.kvHeads << " heads, K " << c.keyDim << ", V " << c.valueDim
          << (c.causal ? ", causal" : "") << ", window " << c.window << ", softcap " << c.softcap
          << (c.sink ? ", sink" : "") << (c.positions ? ", positions" : "");
}

/// Queries of [batch, time] against the keys so far, [batch, keys].
struct Problem {
  Case c;
  int64_t batch, time, keys;
  std::vector<float> q, k, v, sink;
  std::vector<int32_t> positions;

  double score(int64_t b, int64_t t, int64_t h, int64_t j) const {
    int64_t kvHead = h / (c.queryHeads / c.kvHeads);
    double dot = 0;
    for (int64_t i = 0; i < c.keyDim; ++i)
      dot += double(q[((b * time + t) * c.queryHeads + h) * c.keyDim + i]) *
             k[((b * keys + j) * c.kvHeads + kvHead) * c.keyDim + i];
    dot /= std::sqrt(double(c.keyDim));
    return c.softcap > 0 ? c.softcap * std::tanh(dot / c.softcap) : dot;
  }

  bool sees(int64_t b, int64_t t, int64_t j) const {
    int64_t p = positions.empty() ? t + keys - time : positions[b * time + t];
    return !c.causal || (j <= p && (c.window == 0 || p - j < c.window));
  }

  /// Outputs [batch, time, Hq, V] and the log of the sums [batch, time, Hq].
  std::pair<std::vector<double>, std::vector<double>> solve() const {
    std::vector<double> o, lse;
    for (int64_t row = 0; row < batch * time * c.queryHeads; ++row) {
      int64_t h = row % c.queryHeads, t = row / c.queryHeads % time, b = row / c.queryHeads / time;
      double sum = sink.empty() ? 0 : std::exp(double(sink[h]));
      std::vector<double> out(c.valueDim, 0.0);
      for (int64_t j = 0; j < keys; ++j) {
        if (!sees(b, t, j))
          continue;
        double weight = std::exp(score(b, t, h, j));
        sum += weight;
        for (int64_t i = 0; i < c.valueDim; ++i)
          out[i] += weight * v[((b * keys + j) * c.kvHeads + h / (c.queryHeads / c.kvHeads)) * c.valueDim + i];
      }
      for (double value : out)
        o.push_back(sum > 0 ? value / sum : 0);
      lse.push_back(sum > 0 ? std::log(sum) : -std::numeric_limits<double>::infinity());
    }
    return {o, lse};
  }
};

/// Text of @f: attention over a KV state, to which it appends (time may be constant), or
/// over keys and values of `keys` tokens.
std::string functionText(const Case &c, bool state, const std::string &time, const std::string &keys) {
  std::string q = llvm::formatv("tensor<?x{0}x{1}x{2}xf32>", time, c.queryHeads, c.keyDim);
  std::string k = llvm::formatv("tensor<?x{0}x{1}x{2}xf32>", keys, c.kvHeads, c.keyDim);
  std::string v = llvm::formatv("tensor<?x{0}x{1}x{2}xf32>", keys, c.kvHeads, c.valueDim);
  std::string o = llvm::formatv("tensor<?x{0}x{1}x{2}xf32>", time, c.queryHeads, c.valueDim);
  std::string lse = llvm::formatv("tensor<?x{0}x{1}xf32>", time, c.queryHeads);
  std::string kv = llvm::formatv("!seq.kv<{0}x{1}x{2}xf32>", c.kvHeads, c.keyDim, c.valueDim);
  std::string sink = llvm::formatv("tensor<{0}xf32>", c.queryHeads);
  std::string positions = llvm::formatv("tensor<?x{0}xi32>", time);
  std::string text = "func.func @f(%q: " + q + ", %k: " + k + ", %v: " + v;
  std::string operands, types, names = "\"q\", \"k\", \"v\"";
  if (c.sink) {
    text += ", %sink: " + sink;
    operands += " sink %sink";
    types += " sink " + sink;
    names += ", \"sink\"";
  }
  if (c.positions) {
    text += ", %p: " + positions;
    operands += " positions %p";
    types += " positions " + positions;
    names += ", \"p\"";
  }
  if (state)
    text += ", %s: " + kv;
  text += ") -> (" + o + ", " + lse + (state ? ", " + kv : "") + ") {\n";
  if (state)
    text += "  %n = seq.kv_append %s, %k, %v : " + kv + ", " + k + ", " + v + "\n";
  std::string attributes =
      llvm::formatv("{{{0}window = {1}, softcap = {2:f}, lse}", c.causal ? "causal, " : "", c.window, c.softcap);
  text += "  %o, %l = seq.attention %q, " + std::string(state ? "%n" : "%k, %v") + operands + " " + attributes + " : " +
          q + ", " + (state ? kv : k + ", " + v) + types + "\n";
  text += "  return %o, %l" + std::string(state ? ", %n" : "") + " : " + o + ", " + lse + (state ? ", " + kv : "") +
          "\n}\n";
  return text + "seqm.export \"f\" = @f kind \"other\" arguments [" + names + "] results [\"o\", \"l\"]\n";
}

std::vector<float> part(const std::vector<float> &all, int64_t batch, int64_t tokens, int64_t from, int64_t to) {
  int64_t row = static_cast<int64_t>(all.size()) / batch, width = row / tokens;
  std::vector<float> result;
  for (int64_t b = 0; b < batch; ++b)
    result.insert(result.end(), all.begin() + b * row + from * width, all.begin() + b * row + to * width);
  return result;
}

class AttentionTest : public testing::TestWithParam<Case> {
protected:
  const Case &c = GetParam();

  Problem random(int64_t batch, int64_t time, int64_t keys) {
    Problem p{c, batch, time, keys, {}, {}, {}, {}, {}};
    p.q = randomFloats(batch * time * c.queryHeads * c.keyDim, 1, -3, 3);
    p.k = randomFloats(batch * keys * c.kvHeads * c.keyDim, 2);
    p.v = randomFloats(batch * keys * c.kvHeads * c.valueDim, 3);
    if (c.sink)
      p.sink = randomFloats(c.queryHeads, 4, -2, 3);
    if (c.positions)
      for (int64_t i = 0; i < batch * time; ++i) // some rows see nothing, some lie behind all keys
        p.positions.push_back(static_cast<int32_t>(i * 7 % (keys + 10)) - 5);
    return p;
  }

  void check(Compiled &compiled, const Problem &p, const std::vector<float> &k, const std::vector<float> &v,
             std::vector<int64_t> dims, llvm::ArrayRef<State *> states = {}) {
    std::vector<float> o(p.batch * p.time * c.queryHeads * c.valueDim, NAN), lse(p.batch * p.time * c.queryHeads, NAN);
    std::vector<const void *> arguments{p.q.data(), k.data(), v.data()};
    if (c.sink)
      arguments.push_back(p.sink.data());
    if (c.positions)
      arguments.push_back(p.positions.data());
    ASSERT_EQ(compiled.call(arguments, {o.data(), lse.data()}, dims, states), 0);
    auto [wantO, wantLse] = p.solve();
    expectNear(o, wantO, 2e-6);
    expectNear(lse, wantLse, 2e-6);
  }
};

TEST_P(AttentionTest, OverKeysAndValues) {
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled(functionText(c, false, "?", "?"), target);
    for (int64_t time : {1, 5, 33, 150}) {
      SCOPED_TRACE(time);
      Problem p = random(2, time, time);
      check(compiled, p, p.k, p.v, {2, time});
    }
  }
}

TEST_P(AttentionTest, OverMoreKeysThanQueries) {
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled(functionText(c, false, "?", "301"), target);
    Problem p = random(1, 40, 301);
    check(compiled, p, p.k, p.v, {1, 40});
  }
}

/// Fills a state by calls of several lengths; each sees what came before.
TEST_P(AttentionTest, OverAState) {
  constexpr int64_t batch = 2, total = 333;
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled prefill(functionText(c, true, "?", "?"), target), step(functionText(c, true, "1", "1"), target);
    State state = State::kv(batch, total + 3, c.kvHeads, c.keyDim, c.valueDim);
    Problem all = random(batch, total, total);
    int64_t seen = 0;
    for (int64_t time : {1, 1, 130, 1, 30, 169, 1}) {
      SCOPED_TRACE(time);
      Problem p = random(batch, time, seen + time);
      p.k = part(all.k, batch, total, 0, seen + time);
      p.v = part(all.v, batch, total, 0, seen + time);
      auto k = part(all.k, batch, total, seen, seen + time), v = part(all.v, batch, total, seen, seen + time);
      if (time == 1)
        check(step, p, k, v, {batch}, {&state});
      else
        check(prefill, p, k, v, {batch, time}, {&state});
      seen += time;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, AttentionTest,
                         testing::Values(Case{9, 3, 64, 64}, Case{4, 4, 16, 16, false}, Case{6, 2, 12, 20},
                                         Case{3, 1, 33, 7, true, 50}, Case{16, 1, 8, 40, true, 1},
                                         Case{2, 1, 24, 24, true, 0, 2.5}, Case{4, 2, 16, 32, true, 0, 0, true},
                                         Case{5, 1, 20, 12, false, 0, 1.5, true},
                                         Case{4, 2, 32, 16, true, 0, 0, false, true},
                                         Case{4, 2, 32, 16, true, 20, 0, true, true}, Case{1, 1, 128, 128}));

/// Scores far apart: neither overflow nor lost sums.
TEST(AttentionExtremesTest, LargeScores) {
  Case c{1, 1, 8, 8};
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled(functionText(c, false, "?", "?"), target);
    Problem p{c,  1, 200, 200, randomFloats(1600, 1, -60, 60), randomFloats(1600, 2, -3, 3), randomFloats(1600, 3),
              {}, {}};
    std::vector<float> o(1600, NAN), lse(200, NAN);
    ASSERT_EQ(compiled.call({p.q.data(), p.k.data(), p.v.data()}, {o.data(), lse.data()}, {1, 200}), 0);
    auto [wantO, wantLse] = p.solve();
    expectNear(o, wantO, 2e-5);
    expectNear(lse, wantLse, 2e-6);
  }
}

} // namespace
