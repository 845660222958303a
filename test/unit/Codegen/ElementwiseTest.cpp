//===- ElementwiseTest.cpp - Elementwise ops as loops over vectors --------===//
//
// Functions of elementwise ops go through fusion, bufferisation and vectorisation and are
// compared with f64, at extents that are no multiples of vectors, in one piece and in many.
//
//===----------------------------------------------------------------------===//

#include "Compare.h"
#include "KernelHarness.h"
#include "llvm/Support/FormatVariadic.h"
#include <bit>

using namespace seqc::test;

namespace {

std::string exported(const std::string &function, llvm::StringRef arguments) {
  return function + "\nseqm.export \"f\" = @f kind \"other\" arguments [" + arguments.str() + "] results [\"y\"]\n";
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

struct Activation {
  const char *name;
  double (*reference)(double);
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

constexpr Activation kActivations[] = {
    {"silu", [](double x) { return x * sigmoid(x); }},
    {"gelu", [](double x) { return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0))); }},
    {"gelu_tanh", [](double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }},
    {"relu", [](double x) { return std::max(x, 0.0); }},
    {"relu2", [](double x) { return std::max(x, 0.0) * std::max(x, 0.0); }},
    {"sigmoid", sigmoid},
    {"tanh", [](double x) { return std::tanh(x); }},
    {"softplus", [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }},
    {"identity", [](double x) { return x; }},
};

class ActivationTest : public testing::TestWithParam<Activation> {
protected:
  std::string activationOf(llvm::StringRef element) {
    return exported(llvm::formatv("func.func @f(%x: tensor<?x?x23x{0}>) -> tensor<?x?x23x{0}> {{\n"
                                  "  %y = seq.activation %x {1} : tensor<?x?x23x{0}>\n"
                                  "  return %y : tensor<?x?x23x{0}>\n}",
                                  element, GetParam().name),
                    "\"x\"");
  }
};

TEST_P(ActivationTest, F32) {
  // 3 * 257 * 23 elements are several pieces of parallel work.
  auto x = randomFloats(3 * 257 * 23, 1, -12, 12);
  std::vector<double> expected(x.size());
  std::transform(x.begin(), x.end(), expected.begin(), GetParam().reference);
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled(activationOf("f32"), target);
    std::vector<float> y(x.size(), NAN);
    ASSERT_EQ(compiled.call({x.data()}, {y.data()}, {3, 257}), 0);
    expectNear(y, expected, 4e-7);
  }
}

TEST(GeluTanhTest, IsExactFarBelowZero) {
  Compiled compiled(exported("func.func @f(%x: tensor<?x?x23xf32>) -> tensor<?x?x23xf32> {\n"
                             "  %y = seq.activation %x gelu_tanh : tensor<?x?x23xf32>\n"
                             "  return %y : tensor<?x?x23xf32>\n}",
                             "\"x\""),
                    "x86-64-v3");
  auto x = randomFloats(2 * 5 * 23, 1, -6, -2);
  std::vector<float> y(x.size(), NAN);
  ASSERT_EQ(compiled.call({x.data()}, {y.data()}, {2, 5}), 0);
  for (size_t i = 0; i < x.size(); ++i) {
    double inner = std::sqrt(2 / M_PI) * (x[i] + 0.044715 * std::pow(x[i], 3)),
           expected = x[i] / (1 + std::exp(-2 * inner));
    EXPECT_NEAR(y[i], expected, 1e-5 * std::abs(expected)) << x[i];
  }
}

TEST_P(ActivationTest, Bf16) {
  std::vector<uint16_t> x;
  std::vector<double> expected;
  for (float value : randomFloats(2 * 5 * 23, 1, -12, 12)) {
    x.push_back(static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16));
    expected.push_back(GetParam().reference(std::bit_cast<float>(uint32_t(x.back()) << 16)));
  }
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled(activationOf("bf16"), target);
    std::vector<uint16_t> y(x.size(), 0xffff);
    ASSERT_EQ(compiled.call({x.data()}, {y.data()}, {2, 5}), 0);
    for (size_t i = 0; i < y.size(); ++i) {
      float have = std::bit_cast<float>(uint32_t(y[i]) << 16);
      ASSERT_NEAR(have, expected[i], std::abs(expected[i]) * 0x1.01p-8 + 4e-7) << "at " << i;
    }
  }
}

TEST_P(ActivationTest, F16) {
  auto values = randomFloats(2 * 5 * 23, 1, -12, 12);
  std::vector<_Float16> x(values.begin(), values.end());
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled(activationOf("f16"), target);
    std::vector<_Float16> y(x.size(), static_cast<_Float16>(NAN));
    ASSERT_EQ(compiled.call({x.data()}, {y.data()}, {2, 5}), 0);
    for (size_t i = 0; i < y.size(); ++i) {
      double expected = GetParam().reference(static_cast<double>(x[i]));
      ASSERT_NEAR(static_cast<double>(y[i]), expected, std::abs(expected) * 0x1.01p-11 + 4e-7) << "at " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ActivationTest, testing::ValuesIn(kActivations),
                         [](const auto &info) { return std::string(info.param.name); });

TEST(Activation, SpecialValues) {
  const float inf = INFINITY;
  std::vector<float> x{inf, -inf, NAN, 0, -0.0f, 1e30f, -1e30f, -100, 100};
  struct Case {
    const char *name;
    std::vector<float> expected;
  } cases[] = {{"relu", {inf, 0, NAN, 0, 0, 1e30f, 0, 0, 100}},
               {"sigmoid", {1, 0, NAN, 0.5f, 0.5f, 1, 0, 0, 1}},
               {"tanh", {1, -1, NAN, 0, 0, 1, -1, -1, 1}},
               {"softplus", {inf, 0, NAN, 0.693147182f, 0.693147182f, 1e30f, 0, 0, 100}}};
  for (const Case &test : cases)
    for (const std::string &target : runnableTargets()) {
      SCOPED_TRACE(target + ", " + test.name);
      Compiled compiled(exported(llvm::formatv("func.func @f(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {{\n"
                                               "  %y = seq.activation %x {0} : tensor<?x?xf32>\n"
                                               "  return %y : tensor<?x?xf32>\n}",
                                               test.name),
                                 "\"x\""),
                        target);
      std::vector<float> y(x.size());
      ASSERT_EQ(compiled.call({x.data()}, {y.data()}, {1, static_cast<int64_t>(x.size())}), 0);
      for (size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(test.expected[i]))
          EXPECT_TRUE(std::isnan(y[i])) << "at " << x[i] << ": " << y[i];
        else // exp(-100) and less counts as 0
          EXPECT_TRUE(y[i] == test.expected[i] || std::abs(y[i] - test.expected[i]) < 1e-30f)
              << "at " << x[i] << ": " << y[i];
      }
    }
}

//===----------------------------------------------------------------------===//
// Shapes of loops
//===----------------------------------------------------------------------===//

/// The shape of x: [batch, time, heads, width].
struct Shape {
  int64_t batch, time, heads, width;
};

class NestTest : public testing::TestWithParam<Shape> {
protected:
  Shape s = GetParam();
  int64_t rows = s.batch * s.time, channels = s.heads * s.width;
  std::vector<float> x = randomFloats(rows * channels, 1);

  /// Fills in {B} (the batch and time of x), {H}, {K}, {C} (heads times width).
  std::string withShapes(std::string text) {
    std::pair<const char *, int64_t> names[] = {{"{H}", s.heads}, {"{K}", s.width}, {"{C}", channels}};
    for (auto [name, value] : names)
      for (size_t at; (at = text.find(name)) != std::string::npos;)
        text.replace(at, 3, std::to_string(value));
    return text;
  }

  void check(const std::string &function, llvm::StringRef names, std::vector<const void *> arguments,
             const std::vector<double> &expected) {
    for (const std::string &target : runnableTargets()) {
      SCOPED_TRACE(target);
      Compiled compiled(exported(withShapes(function), names), target);
      std::vector<float> y(expected.size(), NAN);
      ASSERT_EQ(compiled.call(arguments, {y.data()}, {s.batch, s.time}), 0);
      expectNear(y, expected, 1e-6);
    }
  }
};

TEST_P(NestTest, ChannelsAreBroadcast) {
  auto scale = randomFloats(channels, 2), shift = randomFloats(channels, 3);
  std::vector<double> expected(x.size());
  for (size_t i = 0; i < x.size(); ++i)
    expected[i] = double(x[i]) * scale[i % channels] + shift[i % channels];
  check(R"(func.func @f(%x: tensor<?x?x{C}xf32>, %a: tensor<{C}xf32>, %b: tensor<{C}xf32>) -> tensor<?x?x{C}xf32> {
    %as = seq.broadcast %a, %x : tensor<{C}xf32>, tensor<?x?x{C}xf32>
    %bs = seq.broadcast %b, %x : tensor<{C}xf32>, tensor<?x?x{C}xf32>
    %scaled = arith.mulf %x, %as : tensor<?x?x{C}xf32>
    %y = arith.addf %scaled, %bs : tensor<?x?x{C}xf32>
    return %y : tensor<?x?x{C}xf32>
  })",
        "\"x\", \"a\", \"b\"", {x.data(), scale.data(), shift.data()}, expected);
}

TEST_P(NestTest, RowsAreBroadcast) {
  auto scale = randomFloats(rows * s.heads, 2);
  std::vector<double> expected(x.size());
  for (size_t i = 0; i < x.size(); ++i)
    expected[i] = double(x[i]) * scale[i / s.width];
  check(R"(func.func @f(%x: tensor<?x?x{H}x{K}xf32>, %a: tensor<?x?x{H}xf32>) -> tensor<?x?x{H}x{K}xf32> {
    %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, k) -> (b, t, h, k)>, affine_map<(b, t, h, k) -> (b, t, h)>,
                                          affine_map<(b, t, h, k) -> (b, t, h, k)>],
                         iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %a : tensor<?x?x{H}x{K}xf32>, tensor<?x?x{H}xf32>) outs(%x : tensor<?x?x{H}x{K}xf32>) {
    ^bb0(%value: f32, %factor: f32, %old: f32):
      %product = arith.mulf %value, %factor : f32
      linalg.yield %product : f32
    } -> tensor<?x?x{H}x{K}xf32>
    return %y : tensor<?x?x{H}x{K}xf32>
  })",
        "\"x\", \"a\"", {x.data(), scale.data()}, expected);
}

TEST_P(NestTest, BroadcastBetweenOtherDimensions) {
  // Of a [time, width] table the batch and the heads are missing.
  auto table = randomFloats(s.heads * s.width, 2), second = randomFloats(s.batch * s.time * s.width, 3);
  std::vector<double> expected(x.size());
  for (size_t i = 0; i < x.size(); ++i)
    expected[i] = double(x[i]) * table[i % channels] - second[i / channels * s.width + i % s.width];
  check(
      R"(func.func @f(%x: tensor<?x?x{H}x{K}xf32>, %a: tensor<{H}x{K}xf32>, %b: tensor<?x?x{K}xf32>) -> tensor<?x?x{H}x{K}xf32> {
    %as = seq.broadcast %a, %x : tensor<{H}x{K}xf32>, tensor<?x?x{H}x{K}xf32>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %batch = tensor.dim %x, %c0 : tensor<?x?x{H}x{K}xf32>
    %time = tensor.dim %x, %c1 : tensor<?x?x{H}x{K}xf32>
    %empty = tensor.empty(%batch, %time) : tensor<?x?x{H}x{K}xf32>
    %bs = linalg.broadcast ins(%b : tensor<?x?x{K}xf32>) outs(%empty : tensor<?x?x{H}x{K}xf32>) dimensions = [2]
    %product = arith.mulf %x, %as : tensor<?x?x{H}x{K}xf32>
    %y = arith.subf %product, %bs : tensor<?x?x{H}x{K}xf32>
    return %y : tensor<?x?x{H}x{K}xf32>
  })",
      "\"x\", \"a\", \"b\"", {x.data(), table.data(), second.data()}, expected);
}

TEST_P(NestTest, SlicesAreRead) {
  // x is [.., 2 C]: both halves are strided rows.
  auto both = randomFloats(rows * 2 * channels, 4);
  std::vector<double> expected(rows * channels);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < channels; ++c) {
      const float *row = &both[r * 2 * channels];
      expected[r * channels + c] = row[c] * sigmoid(row[c]) * row[channels + c];
    }
  std::string twice = std::to_string(2 * channels);
  check(R"(func.func @f(%x: tensor<?x?x)" + twice + R"(xf32>) -> tensor<?x?x{C}xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %b = tensor.dim %x, %c0 : tensor<?x?x)" +
            twice + R"(xf32>
    %t = tensor.dim %x, %c1 : tensor<?x?x)" +
            twice + R"(xf32>
    %gate = tensor.extract_slice %x[0, 0, 0] [%b, %t, {C}] [1, 1, 1] : tensor<?x?x)" +
            twice + R"(xf32> to tensor<?x?x{C}xf32>
    %up = tensor.extract_slice %x[0, 0, {C}] [%b, %t, {C}] [1, 1, 1] : tensor<?x?x)" +
            twice + R"(xf32> to tensor<?x?x{C}xf32>
    %y = seq.glu %gate, %up silu : tensor<?x?x{C}xf32>
    return %y : tensor<?x?x{C}xf32>
  })",
        "\"x\"", {both.data()}, expected);
}

TEST_P(NestTest, SlicesAreWritten) {
  std::vector<double> expected(rows * 2 * channels);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < channels; ++c) {
      expected[r * 2 * channels + c] = x[r * channels + c];
      expected[r * 2 * channels + channels + c] = -x[r * channels + c];
    }
  std::string type = "tensor<?x?x" + std::to_string(2 * channels) + "xf32>";
  check(R"(func.func @f(%x: tensor<?x?x{C}xf32>) -> )" + type + R"( {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %b = tensor.dim %x, %c0 : tensor<?x?x{C}xf32>
    %t = tensor.dim %x, %c1 : tensor<?x?x{C}xf32>
    %empty = tensor.empty(%b, %t) : )" +
            type + R"(
    %minus = arith.negf %x : tensor<?x?x{C}xf32>
    %left = tensor.insert_slice %x into %empty[0, 0, 0] [%b, %t, {C}] [1, 1, 1] : tensor<?x?x{C}xf32> into )" +
            type + R"(
    %y = tensor.insert_slice %minus into %left[0, 0, {C}] [%b, %t, {C}] [1, 1, 1] : tensor<?x?x{C}xf32> into )" +
            type + R"(
    return %y : )" +
            type + R"(
  })",
        "\"x\"", {x.data()}, expected);
}

TEST_P(NestTest, HeadsAreTransposed) {
  std::vector<double> expected(x.size());
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t h = 0; h < s.heads; ++h)
      for (int64_t k = 0; k < s.width; ++k)
        expected[r * channels + k * s.heads + h] = x[r * channels + h * s.width + k];
  check(R"(func.func @f(%x: tensor<?x?x{H}x{K}xf32>) -> tensor<?x?x{K}x{H}xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %b = tensor.dim %x, %c0 : tensor<?x?x{H}x{K}xf32>
    %t = tensor.dim %x, %c1 : tensor<?x?x{H}x{K}xf32>
    %empty = tensor.empty(%b, %t) : tensor<?x?x{K}x{H}xf32>
    %y = linalg.transpose ins(%x : tensor<?x?x{H}x{K}xf32>) outs(%empty : tensor<?x?x{K}x{H}xf32>) permutation = [0, 1, 3, 2]
    return %y : tensor<?x?x{K}x{H}xf32>
  })",
        "\"x\"", {x.data()}, expected);
}

TEST_P(NestTest, RowsAreSummed) {
  std::vector<double> expected(rows * s.heads);
  for (size_t i = 0; i < x.size(); ++i)
    expected[i / s.width] += x[i];
  check(R"(func.func @f(%x: tensor<?x?x{H}x{K}xf32>) -> tensor<?x?x{H}xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0.0 : f32
    %b = tensor.dim %x, %c0 : tensor<?x?x{H}x{K}xf32>
    %t = tensor.dim %x, %c1 : tensor<?x?x{H}x{K}xf32>
    %empty = tensor.empty(%b, %t) : tensor<?x?x{H}xf32>
    %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x{H}xf32>) -> tensor<?x?x{H}xf32>
    %y = linalg.reduce ins(%x : tensor<?x?x{H}x{K}xf32>) outs(%start : tensor<?x?x{H}xf32>) dimensions = [3]
      (%in: f32, %sum: f32) {
        %next = arith.addf %in, %sum : f32
        linalg.yield %next : f32
      }
    return %y : tensor<?x?x{H}xf32>
  })",
        "\"x\"", {x.data()}, expected);
}

TEST_P(NestTest, ComparisonsSelect) {
  std::vector<double> expected(x.size());
  for (size_t i = 0; i < x.size(); ++i)
    expected[i] = x[i] > 0.25f ? std::floor(10 * x[i]) : -1;
  check(R"(func.func @f(%x: tensor<?x?x{C}xf32>) -> tensor<?x?x{C}xf32> {
    %quarter = arith.constant dense<0.25> : tensor<{C}xf32>
    %quarters = seq.broadcast %quarter, %x : tensor<{C}xf32>, tensor<?x?x{C}xf32>
    %ten = arith.constant dense<10.0> : tensor<{C}xf32>
    %tens = seq.broadcast %ten, %x : tensor<{C}xf32>, tensor<?x?x{C}xf32>
    %minus = arith.constant dense<-1.0> : tensor<{C}xf32>
    %minuses = seq.broadcast %minus, %x : tensor<{C}xf32>, tensor<?x?x{C}xf32>
    %scaled = arith.mulf %x, %tens : tensor<?x?x{C}xf32>
    %whole = math.floor %scaled : tensor<?x?x{C}xf32>
    %isLarge = arith.cmpf ogt, %x, %quarters : tensor<?x?x{C}xf32>
    %y = arith.select %isLarge, %whole, %minuses : tensor<?x?x{C}xi1>, tensor<?x?x{C}xf32>
    return %y : tensor<?x?x{C}xf32>
  })",
        "\"x\"", {x.data()}, expected);
}

INSTANTIATE_TEST_SUITE_P(Shapes, NestTest,
                         testing::Values(Shape{1, 1, 1, 1}, Shape{1, 1, 3, 64}, Shape{2, 3, 1, 7}, Shape{2, 5, 4, 12},
                                         Shape{3, 7, 2, 37}, Shape{1, 301, 3, 64}, Shape{2, 4000, 5, 3}),
                         [](const auto &info) {
                           const Shape &s = info.param;
                           return llvm::formatv("B{0}T{1}H{2}K{3}", s.batch, s.time, s.heads, s.width).str();
                         });

} // namespace
