//===- NormTest.cpp - The norm kernels ------------------------------------===//

#include "Compare.h"
#include "KernelHarness.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seqc::test;

namespace {

/// One row's statistics, plainly.
struct Row {
  double mean = 0, squares = 0, centred = 0;
  Row(const float *x, int64_t n) {
    for (int64_t i = 0; i < n; ++i)
      mean += x[i] / n;
    for (int64_t i = 0; i < n; ++i) {
      squares += double(x[i]) * x[i];
      centred += (x[i] - mean) * (x[i] - mean);
    }
  }
};

class NormTest : public testing::TestWithParam<int64_t> {
protected:
  static constexpr int64_t batch = 2, time = 5;
  int64_t width = GetParam();
  std::vector<float> x = randomFloats(batch * time * width, 1, -3, 5);
  std::vector<float> weight = randomFloats(width, 2), bias = randomFloats(width, 3);

  std::string type() { return llvm::formatv("tensor<?x?x{0}xf32>", width); }

  /// Runs `op` on x, weight and bias and compares with `expected(row, i)`.
  void check(const std::string &op, const std::vector<double> &expected) {
    std::string body = llvm::formatv(
        "func.func @f(%x: {0}, %w: tensor<{1}xf32>, %b: tensor<{1}xf32>) -> {0} {{\n  %y = {2}\n  return %y : {0}\n}\n"
        "seqm.export \"f\" = @f kind \"other\" arguments [\"x\", \"w\", \"b\"] results [\"y\"]\n",
        type(), width, op);
    for (const std::string &target : runnableTargets()) {
      SCOPED_TRACE(target);
      Compiled compiled(body, target);
      std::vector<float> y(x.size(), NAN);
      ASSERT_EQ(compiled.call({x.data(), weight.data(), bias.data()}, {y.data()}, {batch, time}), 0);
      expectNear(y, expected, 3e-6);
    }
  }

  std::vector<double> perElement(int64_t group, std::function<double(const Row &, int64_t, double)> f) {
    std::vector<double> expected;
    for (size_t start = 0; start < x.size(); start += group) {
      Row row(&x[start], group);
      for (int64_t i = 0; i < group; ++i)
        expected.push_back(f(row, (start + i) % width, x[start + i]));
    }
    return expected;
  }
};

TEST_P(NormTest, Rms) {
  check(llvm::formatv("seq.rms_norm %x weight %w eps 1.0e-5 {{weight_offset = 1.0} : {0}, tensor<{1}xf32>", type(),
                      width),
        perElement(width, [&](const Row &row, int64_t i, double v) {
          return v / std::sqrt(row.squares / width + 1e-5) * (weight[i] + 1.0);
        }));
}

TEST_P(NormTest, RmsWithoutWeight) {
  check(
      llvm::formatv("seq.rms_norm %x eps 1.0e-6 : {0}", type()),
      perElement(width, [&](const Row &row, int64_t, double v) { return v / std::sqrt(row.squares / width + 1e-6); }));
}

TEST_P(NormTest, Layer) {
  check(
      llvm::formatv("seq.layer_norm %x weight %w bias %b eps 1.0e-5 : {0} weight tensor<{1}xf32> bias tensor<{1}xf32>",
                    type(), width),
      perElement(width, [&](const Row &row, int64_t i, double v) {
        return (v - row.mean) / std::sqrt(row.centred / width + 1e-5) * weight[i] + bias[i];
      }));
}

TEST_P(NormTest, LayerWithBiasAlone) {
  check(llvm::formatv("seq.layer_norm %x bias %b eps 1.0e-5 : {0} bias tensor<{1}xf32>", type(), width),
        perElement(width, [&](const Row &row, int64_t i, double v) {
          return (v - row.mean) / std::sqrt(row.centred / width + 1e-5) + bias[i];
        }));
}

class GroupNormTest : public NormTest {};

TEST_P(GroupNormTest, GroupsOfThree) {
  int64_t size = width / 3;
  check(llvm::formatv("seq.group_norm %x weight %w bias %b groups 3 eps 1.0e-5 : {0} weight tensor<{1}xf32> bias "
                      "tensor<{1}xf32>",
                      type(), width),
        perElement(size, [&](const Row &row, int64_t i, double v) {
          return (v - row.mean) / std::sqrt(row.centred / size + 1e-5) * weight[i] + bias[i];
        }));
}

TEST_P(NormTest, L2) {
  check(llvm::formatv("seq.l2_norm %x eps 1.0e-3 : {0}", type()),
        perElement(width, [](const Row &row, int64_t, double v) { return v / std::sqrt(row.squares + 1e-3); }));
  check(llvm::formatv("seq.l2_norm %x eps 2.0 mode max : {0}", type()),
        perElement(width, [](const Row &row, int64_t, double v) { return v / std::max(std::sqrt(row.squares), 2.0); }));
}

INSTANTIATE_TEST_SUITE_P(Widths, NormTest, testing::Values(1, 12, 20, 64, 129, 576));
INSTANTIATE_TEST_SUITE_P(Widths, GroupNormTest, testing::Values(3, 12, 129, 576));

/// A large mean must not swallow the variance.
TEST(LayerNormTest, KeepsDigitsBesideALargeMean) {
  Compiled compiled("func.func @f(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {\n"
                    "  %y = seq.layer_norm %x eps 1.0e-9 : tensor<?x64xf32>\n  return %y : tensor<?x64xf32>\n}\n"
                    "seqm.export \"f\" = @f kind \"other\" arguments [\"x\"] results [\"y\"]\n",
                    "x86-64-v3");
  std::vector<float> x = randomFloats(64, 7, 1000, 1001), y(64);
  ASSERT_EQ(compiled.call({x.data()}, {y.data()}, {1}), 0);
  Row row(x.data(), 64);
  std::vector<double> expected;
  for (float v : x)
    expected.push_back((v - row.mean) / std::sqrt(row.centred / 64));
  expectNear(y, expected, 3e-4);
}

} // namespace
