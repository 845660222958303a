//===- ExpertTest.cpp - Routing, and linear layers of chosen experts ------===//

#include "Compare.h"
#include "KernelHarness.h"
#include "Weights.h"
#include "llvm/Support/FormatVariadic.h"
#include <numeric>
#include <set>

using namespace seqc::test;

namespace {

//===----------------------------------------------------------------------===//
// Routing
//===----------------------------------------------------------------------===//

struct Route {
  int64_t experts, top;
  bool sigmoid = false, bias = false, renormalise = false;
  int64_t groups = 1, keep = 1, groupTop = 1;
  double eps = 0, scale = 1;
};

void PrintTo(const Route &c, std::ostream *stream) {
  *stream << c.top << " of " << c.experts << (c.sigmoid ? " sigmoid" : " softmax") << (c.bias ? " bias" : "")
          << (c.renormalise ? " renormalise" : "") << " groups " << c.groups << ", " << c.keep << ", " << c.groupTop;
}

/// The numbers of `keys` from the greatest key on, of equal ones the lowest first.
std::vector<int64_t> ranking(const std::vector<double> &keys) {
  std::vector<int64_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](int64_t a, int64_t b) { return keys[a] != keys[b] ? keys[a] > keys[b] : a < b; });
  return order;
}

class RouteTest : public testing::TestWithParam<Route> {
protected:
  const Route &c = GetParam();

  std::string text() {
    std::string e = llvm::formatv("tensor<?x?x{0}xf32>", c.experts), b = llvm::formatv("tensor<{0}xf32>", c.experts);
    std::string i = llvm::formatv("tensor<?x?x{0}xi32>", c.top), w = llvm::formatv("tensor<?x?x{0}xf32>", c.top);
    std::string op = llvm::formatv(
        "seq.route %l{0} {1} top {2} {{{3}groups = {4} : i64, keep_groups = {5} : i64, group_top = {6} : i64, "
        "eps = {7:E} : f64, scale = {8:E} : f64} : {9}{10}",
        c.bias ? " bias %b" : "", c.sigmoid ? "sigmoid" : "softmax", c.top, c.renormalise ? "renormalise, " : "",
        c.groups, c.keep, c.groupTop, c.eps, c.scale, e, c.bias ? ", " + b : "");
    return llvm::formatv(
        "func.func @f(%l: {0}, %b: {1}) -> ({2}, {3}) {{\n  %i, %w = {4}\n  return %i, %w : {2}, {3}\n}\n"
        "seqm.export \"f\" = @f kind \"other\" arguments [\"l\", \"b\"] results [\"i\", \"w\"]\n",
        e, b, i, w, op);
  }

  void check(const float *logits, const std::vector<float> &bias, const int32_t *indices, const float *weights) {
    std::vector<double> scores(c.experts);
    double largest = *std::max_element(logits, logits + c.experts), sum = 0;
    for (int64_t e = 0; e < c.experts; ++e) {
      scores[e] = c.sigmoid ? 1 / (1 + std::exp(-double(logits[e]))) : std::exp(logits[e] - largest);
      sum += scores[e];
    }
    for (double &score : scores)
      score /= c.sigmoid ? 1 : sum;
    std::vector<double> keys = scores;
    for (int64_t e = 0; e < c.experts && c.bias; ++e)
      keys[e] += bias[e];
    int64_t size = c.experts / c.groups;
    std::vector<double> groupKeys;
    for (int64_t g = 0; g < c.groups; ++g) {
      std::vector<double> own(keys.begin() + g * size, keys.begin() + (g + 1) * size);
      std::sort(own.rbegin(), own.rend());
      groupKeys.push_back(std::accumulate(own.begin(), own.begin() + c.groupTop, 0.0));
    }
    std::vector<int64_t> groups = ranking(groupKeys), want;
    for (int64_t e : ranking(keys))
      if (std::find(groups.begin(), groups.begin() + c.keep, e / size) < groups.begin() + c.keep)
        want.push_back(e);
    double total = c.eps;
    for (int64_t k = 0; k < c.top; ++k)
      total += scores[want[k]];
    for (int64_t k = 0; k < c.top; ++k) {
      ASSERT_EQ(indices[k], want[k]) << "choice " << k;
      double weight = scores[want[k]] * c.scale / (c.renormalise ? total : 1);
      ASSERT_NEAR(weights[k], weight, 2e-6 * std::max(weight, 1e-3)) << "choice " << k;
    }
  }
};

TEST_P(RouteTest, ChoosesTheBestOnes) {
  for (const std::string &target : runnableTargets()) {
    Compiled compiled(text(), target);
    for (bool ties : {false, true})
      for (auto [batch, time] : {std::pair<int64_t, int64_t>{1, 1}, {3, 1}, {2, 17}}) {
        SCOPED_TRACE(llvm::formatv("{0}, ties {1}, {2} rows of {3}", target, ties, batch, time).str());
        int64_t rows = batch * time;
        std::vector<float> logits = randomFloats(rows * c.experts, 1, -3, 3), bias = randomFloats(c.experts, 2);
        if (ties) { // few different values, and few different biases
          for (float &logit : logits)
            logit = std::round(logit);
          for (float &value : bias)
            value = std::round(value);
        }
        std::vector<int32_t> indices((rows + 1) * c.top, -5);
        std::vector<float> weights((rows + 1) * c.top, 77.0f);
        ASSERT_EQ(compiled.call({logits.data(), bias.data()}, {indices.data(), weights.data()}, {batch, time}), 0);
        for (int64_t row = 0; row < rows; ++row) {
          check(&logits[row * c.experts], bias, &indices[row * c.top], &weights[row * c.top]);
          if (HasFatalFailure())
            return;
        }
        for (int64_t k = rows * c.top; k < (rows + 1) * c.top; ++k) { // nothing is written behind the rows
          ASSERT_EQ(indices[k], -5);
          ASSERT_EQ(weights[k], 77.0f);
        }
      }
  }
}

/// Experts are different ones and exist, whatever logits are.
TEST_P(RouteTest, TakesWhatIsNoNumber) {
  for (const std::string &target : runnableTargets()) {
    Compiled compiled(text(), target);
    for (float bad : {NAN, INFINITY, -INFINITY}) {
      std::vector<float> logits(2 * c.experts, bad), bias(c.experts, 0.0f), weights(2 * c.top);
      std::vector<int32_t> indices(2 * c.top, -1);
      logits[c.experts + c.experts / 2] = 1;
      ASSERT_EQ(compiled.call({logits.data(), bias.data()}, {indices.data(), weights.data()}, {1, 2}), 0);
      for (int64_t row = 0; row < 2; ++row) {
        std::set<int32_t> chosen(&indices[row * c.top], &indices[(row + 1) * c.top]);
        EXPECT_EQ(static_cast<int64_t>(chosen.size()), c.top) << target << ", " << bad;
        EXPECT_GE(*chosen.begin(), 0);
        EXPECT_LT(*chosen.rbegin(), c.experts);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RouteTest,
                         testing::Values(Route{5, 1}, Route{37, 4, false, false, true}, Route{16, 16},
                                         Route{1, 1, true}, Route{33, 3, true, true, false, 1, 1, 1, 0, 2.5},
                                         Route{64, 6, true, true, true, 8, 3, 2, 1e-20, 2.5},
                                         Route{12, 5, false, false, false, 4, 2, 1, 0, 16},
                                         Route{24, 4, true, false, true, 3, 2, 2, 0.5},
                                         Route{512, 10, false, false, true}));

//===----------------------------------------------------------------------===//
// Linear layers
//===----------------------------------------------------------------------===//

struct Layer {
  const char *format;
  int64_t experts, outputs, inputs, chosen;
  bool own = false; ///< an input for each expert
  bool bias = false, combine = false;
};

void PrintTo(const Layer &c, std::ostream *stream) {
  *stream << c.format << " " << c.experts << "x" << c.outputs << "x" << c.inputs << ", " << c.chosen << " chosen"
          << (c.own ? " own inputs" : "") << (c.bias ? " bias" : "") << (c.combine ? " combine" : "");
}

class ExpertLinearTest : public testing::TestWithParam<Layer> {
protected:
  const Layer &c = GetParam();
  Weights weights{c.format, c.outputs, c.inputs, 1, c.experts};
  std::vector<uint8_t> packed = weights.packed();
  std::vector<float> bias = randomFloats(c.experts * c.outputs, 2);

  /// With `doubled`, experts are twice the numbers in the argument: the entry can't check those.
  std::string text(bool doubled = false) {
    auto f32 = [](std::string inner) { return "tensor<?x?x" + inner + "xf32>"; };
    std::string chosen = std::to_string(c.chosen), inputs = std::to_string(c.inputs),
                outputs = std::to_string(c.outputs);
    std::string x = f32(c.own ? chosen + "x" + inputs : inputs), i = "tensor<?x?x" + chosen + "xi32>";
    std::string y = f32(c.combine ? outputs : chosen + "x" + outputs), p = f32(chosen);
    std::string b = llvm::formatv("tensor<{0}x{1}xf32>", c.experts, c.outputs);
    std::string op =
        llvm::formatv("seq.packed_expert_linear %x, %experts, %w as {0}{1}{2} : {3}, {4}, {5}{6}{7} -> {8}",
                      weights.packingText(), c.bias ? " bias %b" : "", c.combine ? " combine %p" : "", x, i,
                      weights.bytesText(), c.bias ? " bias " + b : "", c.combine ? " combine " + p : "", y);
    return llvm::formatv(
        "func.func @f(%x: {0}, %i: {1}, %w: {2}, %b: {3}, %p: {4}) -> {5} {{\n"
        "  %experts = arith.{7} %i, %i : {1}\n  %y = {6}\n  return %y : {5}\n}\nseqm.export \"f\" = @f kind \"other\" "
        "arguments [\"x\", \"i\", \"w\", \"b\", \"p\"] results [\"y\"]\n",
        x, i, weights.bytesText(), b, p, y, op, doubled ? "addi" : "andi");
  }

  /// One output in f64, and what rounding errors are measured by.
  std::pair<double, double> product(const std::vector<float> &x, int64_t pair, int64_t expert, int64_t n) {
    double sum = c.bias ? bias[expert * c.outputs + n] : 0, scale = 1e-30 + std::abs(sum);
    for (int64_t k = 0; k < c.inputs; ++k) {
      double term = double(x[(c.own ? pair : pair / c.chosen) * c.inputs + k]) *
                    weights.values[(expert * c.outputs + n) * c.inputs + k];
      sum += term;
      scale += std::abs(term);
    }
    return {sum, scale};
  }

  void check(const std::vector<float> &x, const std::vector<int32_t> &indices, const std::vector<float> &combine,
             const std::vector<float> &y) {
    int64_t together = c.combine ? c.chosen : 1;
    for (size_t i = 0; i < y.size(); ++i) {
      int64_t first = i / c.outputs * together;
      double want = 0, scale = 0;
      for (int64_t pair = first; pair < first + together; ++pair) {
        auto [sum, size] = product(x, pair, indices[pair], i % c.outputs);
        double factor = c.combine ? combine[pair] : 1;
        want += factor * sum;
        scale += std::abs(factor) * size;
      }
      ASSERT_LE(std::abs(y[i] - want), 2e-6 * scale)
          << "row " << i / c.outputs << ", output " << i % c.outputs << ": " << y[i] << ", not " << want;
    }
  }

  /// Mostly one expert, and others of all kinds; some tokens choose an expert twice.
  std::vector<int32_t> choose(int64_t pairs) {
    std::vector<float> random = randomFloats(pairs, 7, 0, 1);
    std::vector<int32_t> indices;
    for (float number : random)
      indices.push_back(number < 0.4 ? static_cast<int32_t>(c.experts - 1)
                                     : static_cast<int32_t>(number * 1000) % static_cast<int32_t>(c.experts));
    return indices;
  }
};

TEST_P(ExpertLinearTest, EqualsPlainSums) {
  std::vector<std::string> targets = runnableTargets();
  targets.push_back("host");
  for (const std::string &target : targets) {
    Compiled compiled(text(), target);
    for (auto [batch, time] : {std::pair<int64_t, int64_t>{1, 1}, {1, 2}, {3, 1}, {2, 5}, {1, 23}, {3, 37}}) {
      SCOPED_TRACE(llvm::formatv("{0}, {1} rows of {2}", target, batch, time).str());
      int64_t tokens = batch * time, pairs = tokens * c.chosen, rows = c.combine ? tokens : pairs;
      std::vector<float> x = randomFloats((c.own ? pairs : tokens) * c.inputs, 3), combine = randomFloats(pairs, 4);
      std::vector<int32_t> indices = choose(pairs);
      // One guard row behind the result shows writes past the end.
      std::vector<float> y((rows + 1) * c.outputs, 77.0f);
      ASSERT_EQ(compiled.call({x.data(), indices.data(), packed.data(), bias.data(), combine.data()}, {y.data()},
                              {batch, time}),
                0);
      for (int64_t n = 0; n < c.outputs; ++n)
        ASSERT_EQ(y[rows * c.outputs + n], 77.0f);
      y.resize(rows * c.outputs);
      check(x, indices, combine, y);
      if (HasFatalFailure())
        return;
    }
  }
}

/// An index that is none is reported and reads the first expert.
TEST_P(ExpertLinearTest, NeverReadsOutside) {
  Compiled compiled(text(/*doubled=*/true), "x86-64-v3");
  for (int64_t time : {1, 3}) {
    int64_t pairs = time * c.chosen, rows = c.combine ? time : pairs;
    std::vector<float> x = randomFloats((c.own ? pairs : time) * c.inputs, 3), combine = randomFloats(pairs, 4);
    std::vector<int32_t> indices = choose(pairs), halves;
    for (int32_t &index : indices) {
      halves.push_back(index / 2);
      index = 2 * halves.back();
    }
    halves.front() = 1 << 29;
    halves.back() = -1;
    std::vector<float> y(rows * c.outputs, NAN);
    EXPECT_EQ(
        compiled.call({x.data(), halves.data(), packed.data(), bias.data(), combine.data()}, {y.data()}, {1, time}),
        SEQ_ABI_EXPERT_OUT_OF_RANGE);
    indices.front() = indices.back() = 0;
    check(x, indices, combine, y);
  }
}

INSTANTIATE_TEST_SUITE_P(Dense, ExpertLinearTest,
                         testing::Values(Layer{"f32", 3, 5, 1, 2}, Layer{"f32", 4, 64, 33, 2, true, true, true},
                                         Layer{"f32", 7, 33, 77, 3, false, true}, Layer{"f32", 2, 40, 2051, 1},
                                         Layer{"f16", 5, 31, 37, 2, true},
                                         Layer{"bf16", 3, 97, 12, 2, false, false, true},
                                         Layer{"bf16", 3, 33, 2051, 2, true, true},
                                         Layer{"f32", 1, 48, 20, 1, true, false, true},
                                         Layer{"f32", 64, 16, 24, 6, false, false, true}));
INSTANTIATE_TEST_SUITE_P(Quantised, ExpertLinearTest,
                         testing::Values(Layer{"q4_0", 3, 33, 64, 2}, Layer{"q4_0", 4, 64, 2112, 2, true, true, true},
                                         Layer{"q4_1", 5, 40, 96, 3, false, true},
                                         Layer{"q4_1", 3, 97, 32, 2, true, false, true},
                                         Layer{"q8_0", 6, 31, 96, 2, false, false, true},
                                         Layer{"q8_0", 3, 64, 64, 2, true}));

} // namespace
