//===- RotaryTest.cpp - The rotary kernel ---------------------------------===//

#include "Compare.h"
#include "KernelHarness.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seqc::test;

namespace {

struct Case {
  int64_t width, dims; ///< dims 0: all of them
  bool interleaved;
  double base, magnitude;
  const char *frequencies; ///< text of the attribute, or empty
};

void PrintTo(const Case &c, std::ostream *stream) {
  *stream << c.width << " channels, " << c.dims << (c.interleaved ? " interleaved" : " half") << c.frequencies;
}

class RotaryTest : public testing::TestWithParam<Case> {};

TEST_P(RotaryTest, Rotates) {
  const Case &c = GetParam();
  constexpr int64_t batch = 2, time = 4, heads = 3;
  int64_t dims = c.dims ? c.dims : c.width, pairs = dims / 2;
  std::vector<double> frequencies;
  for (int64_t i = 0; i < pairs; ++i)
    frequencies.push_back(*c.frequencies ? 1.0 / (i + 1) : std::pow(c.base, -2.0 * i / dims));
  // Positions far away show whether angles are reduced well.
  std::vector<int32_t> positions{0, 1, 2, 1000000, 7, 131071, 5, 33};
  std::vector<float> x = randomFloats(batch * time * heads * c.width, 3);
  std::vector<double> expected(x.begin(), x.end());
  for (int64_t row = 0; row < batch * time * heads; ++row)
    for (int64_t i = 0; i < pairs; ++i) {
      double angle = positions[row / heads] * frequencies[i];
      int64_t low = row * c.width + (c.interleaved ? 2 * i : i), high = low + (c.interleaved ? 1 : pairs);
      expected[low] = c.magnitude * (x[low] * std::cos(angle) - x[high] * std::sin(angle));
      expected[high] = c.magnitude * (x[high] * std::cos(angle) + x[low] * std::sin(angle));
    }
  std::string body =
      llvm::formatv("func.func @f(%x: tensor<?x?x3x{0}xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x3x{0}xf32> {{\n"
                    "  %y = seq.rotary %x, %p {1} {{base = {2:e}, dims = {3}, magnitude = {4:e}{5}} : "
                    "tensor<?x?x3x{0}xf32>, tensor<?x?xi32>\n"
                    "  return %y : tensor<?x?x3x{0}xf32>\n}\n"
                    "seqm.export \"f\" = @f kind \"other\" arguments [\"x\", \"p\"] results [\"y\"]\n",
                    c.width, c.interleaved ? "interleaved" : "half", c.base, c.dims, c.magnitude, c.frequencies);
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled(body, target);
    std::vector<float> y(x.size(), NAN);
    ASSERT_EQ(compiled.call({x.data(), positions.data()}, {y.data()}, {batch, time}), 0);
    expectNear(y, expected, 3e-7);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Layouts, RotaryTest,
    testing::Values(Case{64, 0, false, 1e4, 1, ""}, Case{64, 0, true, 1e4, 1, ""}, Case{20, 0, false, 1e5, 1.5, ""},
                    Case{12, 0, true, 1e4, 1, ""}, Case{80, 32, false, 1e4, 1, ""}, Case{22, 6, true, 1e4, 0.5, ""},
                    Case{8, 0, false, 1e4, 1, ", frequencies = array<f64: 1.0, 0.5, 0.33333333333333333, 0.25>"},
                    Case{2, 2, true, 1e4, 1, ""}, Case{128, 0, false, 1e6, 1, ""}));

} // namespace
