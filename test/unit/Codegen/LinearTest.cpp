//===- LinearTest.cpp - Linear layers and embeddings ----------------------===//

#include "KernelHarness.h"
#include "Weights.h"
#include "seq/Codegen/CPU/Target.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"
#include <cmath>
#include <map>

using namespace seqc::test;

namespace {

struct Case {
  const char *format;
  int64_t outputs, inputs;
  bool bias = false, residual = false;
};

void PrintTo(const Case &c, std::ostream *stream) {
  *stream << c.format << " " << c.outputs << "x" << c.inputs << (c.bias ? " bias" : "")
          << (c.residual ? " residual" : "");
}

/// This machine's own instructions may be more than those of the levels; so are alderlake's,
/// which multiplies bytes in registers of 256 bits.
std::vector<std::string> targets() {
  std::vector<std::string> names = runnableTargets();
  names.push_back("host");
  auto has = [](const std::string &feature) {
    static const auto host = llvm::cantFail(seqc::cpu::getTarget("host"));
    return llvm::is_contained(host.required, feature);
  };
  if (llvm::all_of(llvm::cantFail(seqc::cpu::getTarget("alderlake")).required, has))
    names.push_back("alderlake");
  return names;
}

class LinearTest : public testing::TestWithParam<Case> {
protected:
  const Case &c = GetParam();
  Weights weights{c.format, c.outputs, c.inputs, 1};
  std::vector<uint8_t> packed = weights.packed();
  std::vector<float> bias = randomFloats(c.outputs, 2);

  std::string text() {
    std::string x = llvm::formatv("tensor<?x?x{0}xf32>", c.inputs), y = llvm::formatv("tensor<?x?x{0}xf32>", c.outputs);
    std::string n = llvm::formatv("tensor<{0}xf32>", c.outputs);
    std::string op =
        llvm::formatv("seq.packed_linear %x, %w as {0}{1}{2} : {3}, {4}{5}{6} -> {7}", weights.packingText(),
                      c.bias ? " bias %b" : "", c.residual ? " residual %r" : "", x, weights.bytesText(),
                      c.bias ? " bias " + n : "", c.residual ? " residual " + y : "", y);
    return llvm::formatv(
        "func.func @f(%x: {0}, %w: {1}, %b: {2}, %r: {3}) -> {3} {{\n  %y = {4}\n  return %y : {3}\n}\n"
        "seqm.export \"f\" = @f kind \"other\" arguments [\"x\", \"w\", \"b\", \"r\"] results [\"y\"]\n",
        x, weights.bytesText(), n, y, op);
  }

  /// The layer's code; the tests of a layer share it.
  Compiled &compiled(const std::string &target) {
    static std::map<std::string, std::unique_ptr<Compiled>> all;
    auto &code = all[target + text()];
    if (!code)
      code = std::make_unique<Compiled>(text(), target);
    return *code;
  }

  /// Sums in f64, and what rounding errors are measured by.
  void check(const std::vector<float> &x, const std::vector<float> &residual, const std::vector<float> &y) {
    for (size_t i = 0; i < y.size(); ++i) {
      int64_t row = i / c.outputs, n = i % c.outputs;
      double sum = c.bias ? bias[n] : 0, scale = 1e-30 + std::abs(sum);
      if (c.residual) {
        sum += residual[i];
        scale += std::abs(residual[i]);
      }
      for (int64_t k = 0; k < c.inputs; ++k) {
        double product = double(x[row * c.inputs + k]) * weights.values[n * c.inputs + k];
        sum += product;
        scale += std::abs(product);
      }
      ASSERT_LE(std::abs(y[i] - sum), 2e-6 * scale)
          << "row " << row << ", output " << n << ": " << y[i] << ", not " << sum;
    }
  }
};

TEST_P(LinearTest, EqualsPlainSums) {
  for (const std::string &target : targets()) {
    for (auto [batch, time] : {std::pair<int64_t, int64_t>{1, 1},
                               {1, 2},
                               {3, 1},
                               {1, 5},
                               {1, 6},
                               {1, 7},
                               {2, 4},
                               {1, 13},
                               {3, 7},
                               {1, 263}}) {
      SCOPED_TRACE(llvm::formatv("{0}, {1} rows of {2}", target, batch, time).str());
      int64_t rows = batch * time;
      std::vector<float> x = randomFloats(rows * c.inputs, 3), residual = randomFloats(rows * c.outputs, 4);
      // One guard row behind the result shows writes past the end.
      std::vector<float> y((rows + 1) * c.outputs, 77.0f);
      ASSERT_EQ(
          compiled(target).call({x.data(), packed.data(), bias.data(), residual.data()}, {y.data()}, {batch, time}), 0);
      for (int64_t n = 0; n < c.outputs; ++n)
        ASSERT_EQ(y[rows * c.outputs + n], 77.0f);
      y.resize(rows * c.outputs);
      check(x, residual, y);
      if (HasFatalFailure())
        return;
    }
  }
}

/// Inputs of very different magnitudes keep the precision of the larger ones.
TEST_P(LinearTest, TakesAnyMagnitude) {
  for (const std::string &target : targets()) {
    SCOPED_TRACE(target);
    for (float magnitude : {0.0f, 1e-42f, 1e-30f, 1e-10f, 1e25f}) {
      for (int64_t rows : {1, 3, 11}) {
        std::vector<float> x = randomFloats(rows * c.inputs, 5), residual(rows * c.outputs);
        for (size_t i = 0; i < x.size(); ++i)
          x[i] *= i % 7 == 0 ? magnitude : magnitude * 1e-3f;
        std::vector<float> y(rows * c.outputs, NAN), zero(c.outputs);
        std::swap(bias, zero);
        ASSERT_EQ(compiled(target).call({x.data(), packed.data(), bias.data(), residual.data()}, {y.data()}, {1, rows}),
                  0);
        check(x, residual, y);
        std::swap(bias, zero);
        if (HasFatalFailure())
          return;
      }
    }
  }
}

/// What is not a number stays none, in its own row alone.
TEST_P(LinearTest, KeepsNaN) {
  for (const std::string &target : targets()) {
    SCOPED_TRACE(target);
    for (int64_t rows : {1, 4, 9})
      for (float bad : {NAN, INFINITY}) {
        std::vector<float> x = randomFloats(rows * c.inputs, 6), residual(rows * c.outputs);
        x[(rows - 1) * c.inputs + c.inputs / 2] = bad;
        std::vector<float> y(rows * c.outputs);
        ASSERT_EQ(compiled(target).call({x.data(), packed.data(), bias.data(), residual.data()}, {y.data()}, {1, rows}),
                  0);
        for (size_t i = 0; i < y.size(); ++i)
          ASSERT_EQ(std::isfinite(y[i]), i < (rows - 1) * static_cast<size_t>(c.outputs)) << "at " << i;
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Dense, LinearTest,
                         testing::Values(Case{"f32", 5, 1}, Case{"f32", 64, 33, true, true}, Case{"f32", 97, 77, true},
                                         Case{"f32", 40, 2051, false, true}, Case{"f16", 31, 37, true},
                                         Case{"f16", 96, 2051}, Case{"bf16", 33, 12, false, true},
                                         Case{"bf16", 64, 2051, true}));
INSTANTIATE_TEST_SUITE_P(Quantised, LinearTest,
                         testing::Values(Case{"q4_0", 5, 32}, Case{"q4_0", 97, 160, true, true}, Case{"q4_0", 64, 2112},
                                         Case{"q4_1", 64, 96, false, true}, Case{"q4_1", 33, 32, true},
                                         Case{"q4_1", 40, 2112}, Case{"q8_0", 64, 64, true, true}, Case{"q8_0", 31, 96},
                                         Case{"q8_0", 96, 2112, false, true}));

//===----------------------------------------------------------------------===//
// Embeddings
//===----------------------------------------------------------------------===//

class EmbeddingTest : public testing::TestWithParam<Case> {
protected:
  const Case &c = GetParam();
  Weights table{c.format, c.outputs, c.inputs, 9};
  std::vector<uint8_t> packed = table.packed();

  std::string text(const std::string &id) {
    return llvm::formatv("func.func @f(%i: tensor<?x?x{0}>, %w: {1}) -> tensor<?x?x{2}xf32> {{\n"
                         "  %y = seq.packed_embedding %i, %w as {3} : tensor<?x?x{0}>, {1} -> tensor<?x?x{2}xf32>\n"
                         "  return %y : tensor<?x?x{2}xf32>\n}\n"
                         "seqm.export \"f\" = @f kind \"other\" arguments [\"i\", \"w\"] results [\"y\"]\n",
                         id, table.bytesText(), c.inputs, table.packingText());
  }

  template <typename Id> void check(const std::string &name) {
    for (const std::string &target : runnableTargets()) {
      Compiled compiled(text(name), target);
      std::vector<Id> ids;
      for (int64_t i = 0; i < 12; ++i)
        ids.push_back(static_cast<Id>(i * 29 % c.outputs));
      ids.back() = static_cast<Id>(c.outputs - 1);
      std::vector<float> y(12 * c.inputs, NAN);
      ASSERT_EQ(compiled.call({ids.data(), packed.data()}, {y.data()}, {3, 4}), 0);
      for (size_t i = 0; i < y.size(); ++i) {
        double want = table.values[ids[i / c.inputs] * c.inputs + i % c.inputs];
        ASSERT_NEAR(y[i], want, 1e-6 * std::max(1.0, std::abs(want))) << target << " at " << i;
      }
    }
  }
};

TEST_P(EmbeddingTest, TakesRows) {
  check<int32_t>("i32");
  check<int64_t>("i64");
}

INSTANTIATE_TEST_SUITE_P(Formats, EmbeddingTest,
                         testing::Values(Case{"f32", 5, 7}, Case{"f16", 97, 12}, Case{"bf16", 64, 33},
                                         Case{"q4_0", 97, 64}, Case{"q4_1", 33, 96}, Case{"q8_0", 64, 32}));

/// Ids that the function computes itself are not checked by the entry.
TEST(EmbeddingTest, NeverReadsOutside) {
  Weights table("f32", 5, 7, 1);
  std::vector<uint8_t> packed = table.packed();
  std::string text = llvm::formatv(
      "func.func @f(%i: tensor<?x?xi32>, %w: {0}) -> tensor<?x?x7xf32> {{\n"
      "  %zero = arith.constant 0 : index\n  %one = arith.constant 1 : index\n"
      "  %b = tensor.dim %i, %zero : tensor<?x?xi32>\n  %t = tensor.dim %i, %one : tensor<?x?xi32>\n"
      "  %e = tensor.empty(%b, %t) : tensor<?x?xi32>\n"
      "  %j = linalg.generic {{indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>], "
      "iterator_types = [\"parallel\", \"parallel\"]} ins(%i : tensor<?x?xi32>) outs(%e : tensor<?x?xi32>) {{\n"
      "  ^bb0(%v: i32, %o: i32):\n    %n = arith.addi %v, %v : i32\n    linalg.yield %n : i32\n  } -> tensor<?x?xi32>\n"
      "  %y = seq.packed_embedding %j, %w as {1} : tensor<?x?xi32>, {0} -> tensor<?x?x7xf32>\n"
      "  return %y : tensor<?x?x7xf32>\n}\n"
      "seqm.export \"f\" = @f kind \"other\" arguments [\"i\", \"w\"] results [\"y\"]\n",
      table.bytesText(), table.packingText());
  Compiled compiled(text, "x86-64-v3");
  std::vector<int32_t> ids = {1, 1 << 29, -7};
  std::vector<float> y(3 * 7, NAN);
  compiled.call({ids.data(), packed.data()}, {y.data()}, {1, 3});
  for (int64_t i = 0; i < 21; ++i)
    EXPECT_EQ(y[i], table.values[(i < 7 ? 14 : 0) + i % 7]) << i;
}

} // namespace
