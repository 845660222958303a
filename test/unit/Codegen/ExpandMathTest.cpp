//===- ExpandMathTest.cpp - Errors of the mathematical functions ----------===//
//
// Every function runs over all f32 bit patterns at a prime stride, and over all patterns near
// its special arguments, as scalars and as vectors, and is compared with libm in long double.
//
//===----------------------------------------------------------------------===//

#include "CompiledText.h"
#include "KernelHarness.h"
#include "gtest/gtest.h"
#include <bit>
#include <cmath>
#include <limits>

using namespace seqc::test;

namespace {

struct Function {
  const char *name;
  long double (*reference)(long double);
  double (*quick)(double);
  double ulps; ///< the largest error
};

constexpr Function kFunctions[] = {
    {"exp", expl, exp, 1.0},    {"exp2", exp2l, exp2, 1.0},    {"expm1", expm1l, expm1, 1.5}, {"log", logl, log, 1.0},
    {"log2", log2l, log2, 1.0}, {"log1p", log1pl, log1p, 1.5}, {"tanh", tanhl, tanh, 2.5},    {"erf", erfl, erf, 1.0},
    {"sin", sinl, sin, 2.0},    {"cos", cosl, cos, 2.0},
};

using Loop = void (*)(const float *from, float *to, int64_t count);

/// A loop that applies a function of one argument, which stands as %x in `expression`, to so many
/// lanes; `count` is a multiple of them.
std::string loopOver(const std::string &expression, int64_t lanes) {
  std::string type = lanes == 1 ? "f32" : "vector<" + std::to_string(lanes) + "xf32>";
  return R"(func.func @seq_export_f(%from: !llvm.ptr, %to: !llvm.ptr, %count: index) {
    %c0 = arith.constant 0 : index
    %lanes = arith.constant )" +
         std::to_string(lanes) + R"( : index
    scf.for %i = %c0 to %count step %lanes {
      %j = arith.index_cast %i : index to i64
      %source = llvm.getelementptr %from[%j] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %x = llvm.load %source {alignment = 4 : i64} : !llvm.ptr -> )" +
         type + R"(
      )" +
         expression + " : " + type + R"(
      %target = llvm.getelementptr %to[%j] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      llvm.store %y, %target {alignment = 4 : i64} : )" +
         type + R"(, !llvm.ptr
    }
    return
  })";
}

struct Variant {
  std::string name;
  std::unique_ptr<CompiledText> code;
  double worst = 0; ///< error in ulps
  float worstAt = 0;

  void note(float argument, double error) {
    if (error <= worst)
      return;
    worst = error;
    worstAt = argument;
  }
};

std::vector<Variant> compileVariants(llvm::StringRef function) {
  std::vector<Variant> variants;
  for (const std::string &target : runnableTargets())
    for (int64_t lanes : {1, 3, 4, 8, 16, 24}) {
      Variant variant{target + ", " + std::to_string(lanes) + " lanes", {}};
      variant.code = std::make_unique<CompiledText>(loopOver("%y = math." + function.str() + " %x", lanes), "", target);
      variants.push_back(std::move(variant));
    }
  return variants;
}

double ulpOf(long double x) {
  int exponent = x == 0 ? -126 : std::max(std::ilogb(x), -126);
  return std::ldexp(1.0, exponent - 23);
}

/// Infinity if one is NaN or infinite and the other is not the same.
double errorInUlps(float have, long double want) {
  float rounded = static_cast<float>(want);
  if (std::isnan(have) || std::isnan(rounded))
    return std::isnan(have) && std::isnan(rounded) ? 0 : INFINITY;
  if (std::isinf(have) || std::isinf(rounded))
    return have == rounded ? 0 : INFINITY;
  return static_cast<double>(std::abs(have - want)) / ulpOf(want);
}

/// All bit patterns at a prime stride, and 200 on both sides of the numbers where something
/// begins or ends.
std::vector<float> arguments() {
  std::vector<float> values;
  for (uint64_t bits = 0; bits <= 0xffffffff; bits += 3989)
    values.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  for (double centre :
       {0.0,      0x1p-126,  1.0,       0.70710678118,  1.41421356, 0.9,    4.0,           30.0,  87.33654,
        88.72284, 89.0,      103.97208, 104.0,          126.0,      127.0,  128.0,         149.0, 150.0,
        151.0,    1.5707963, 3.1415927, 3.14159265 / 4, 0x1p17,     0x1p24, 0x1.fffffep127})
    for (uint32_t sign : {0u, 0x80000000u})
      for (int offset = -200; offset <= 200; ++offset)
        values.push_back(std::bit_cast<float>((std::bit_cast<uint32_t>(static_cast<float>(centre)) + offset) | sign));
  for (float special : {0.0f, -0.0f, INFINITY, -INFINITY, std::nanf("")})
    values.push_back(special);
  values.resize((values.size() + 47) / 48 * 48, 1.0f); // all widths divide it
  return values;
}

class ExpandMath : public testing::TestWithParam<Function> {
protected:
  std::vector<Variant> variants = compileVariants(GetParam().name);

  /// Runs all variants; `inputs` are a multiple of 48.
  void measure(const std::vector<float> &inputs) {
    std::vector<float> outputs(inputs.size());
    std::vector<long double> expected(inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i)
      expected[i] = GetParam().reference(inputs[i]);
    for (Variant &variant : variants) {
      variant.code->get<Loop>("seq_export_f")(inputs.data(), outputs.data(), static_cast<int64_t>(inputs.size()));
      for (size_t i = 0; i < inputs.size(); ++i)
        variant.note(inputs[i], errorInUlps(outputs[i], expected[i]));
    }
  }

  void expectBounded() {
    for (Variant &variant : variants) {
      EXPECT_LE(variant.worst, GetParam().ulps) << variant.name << " at " << variant.worstAt;
      RecordProperty("ulps " + variant.name, std::to_string(variant.worst));
    }
  }
};

TEST_P(ExpandMath, ErrorIsBounded) {
  static const std::vector<float> inputs = arguments();
  measure(inputs);
  expectBounded();
}

/// All 2^32 arguments, as vectors of one width for each target: minutes a function, so only by
/// hand (--gtest_also_run_disabled_tests). What rounds like libm in f64 is not looked at closer.
TEST_P(ExpandMath, DISABLED_EveryArgument) {
  std::erase_if(variants, [](const Variant &variant) { return !variant.name.ends_with(" 16 lanes"); });
  std::vector<float> inputs(48 << 10), outputs(inputs.size()), rounded(inputs.size());
  for (uint64_t first = 0; first <= 0xffffffff; first += inputs.size()) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      inputs[i] = std::bit_cast<float>(static_cast<uint32_t>(first + i));
      rounded[i] = static_cast<float>(GetParam().quick(inputs[i]));
    }
    for (Variant &variant : variants) {
      variant.code->get<Loop>("seq_export_f")(inputs.data(), outputs.data(), static_cast<int64_t>(inputs.size()));
      for (size_t i = 0; i < inputs.size(); ++i)
        if (outputs[i] != rounded[i] && !(std::isnan(outputs[i]) && std::isnan(rounded[i])))
          variant.note(inputs[i], errorInUlps(outputs[i], GetParam().reference(inputs[i])));
    }
  }
  expectBounded();
  for (const Variant &variant : variants)
    std::printf("%s, %s: %.3f ulp at %a\n", GetParam().name, variant.name.c_str(), variant.worst, variant.worstAt);
}

TEST(ExpandSine, KeepsTheSignOfZero) {
  std::vector<float> inputs(48, -0.0f), outputs(48);
  for (Variant &variant : compileVariants("sin")) {
    variant.code->get<Loop>("seq_export_f")(inputs.data(), outputs.data(), 48);
    for (float y : outputs)
      ASSERT_TRUE(y == 0 && std::signbit(y)) << variant.name << ": " << y;
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, ExpandMath, testing::ValuesIn(kFunctions),
                         [](const auto &info) { return std::string(info.param.name); });

//===----------------------------------------------------------------------===//
// Powers
//===----------------------------------------------------------------------===//

/// A loop over pairs: first all bases of a vector, then its exponents.
std::string loopOverPairs(int64_t lanes) {
  std::string type = lanes == 1 ? "f32" : "vector<" + std::to_string(lanes) + "xf32>";
  std::string text = loopOver("%y = math.powf %x, %exponent", lanes);
  std::string exponent = R"(%e = llvm.getelementptr %from[%j] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %n = arith.index_cast %count : index to i64
      %ePointer = llvm.getelementptr %e[%n] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %exponent = llvm.load %ePointer {alignment = 4 : i64} : !llvm.ptr -> )" +
                         type + "\n      ";
  return text.insert(text.find("%y = math"), exponent);
}

TEST(ExpandPower, ErrorIsBounded) {
  std::vector<float> bases, exponents;
  auto add = [&](float base, float exponent) {
    bases.push_back(base);
    exponents.push_back(exponent);
  };
  const float special[] = {0.0f,        -0.0f,        1.0f,    -1.0f,  2.0f,     -2.0f,     0.5f,         -0.5f,
                           3.0f,        -3.0f,        1.5f,    -2.5f,  1e-40f,   -1e-40f,   3e38f,        -3e38f,
                           16777217.0f, -16777215.0f, 8388607, 1e-30f, INFINITY, -INFINITY, std::nanf("")};
  for (float base : special)
    for (float exponent : special)
      add(base, exponent);
  auto random = randomFloats(400000, 7);
  for (size_t i = 0; i + 1 < random.size(); i += 2) // results from the smallest to the largest
    add(std::exp2(random[i] * 20), random[i + 1] * 8);
  while (bases.size() % 48 != 0)
    add(1, 1);
  std::vector<float> inputs = bases, outputs(bases.size());
  inputs.insert(inputs.end(), exponents.begin(), exponents.end());
  for (const std::string &target : runnableTargets())
    for (int64_t lanes : {1, 3, 8, 16}) {
      CompiledText code(loopOverPairs(lanes), "", target);
      code.get<Loop>("seq_export_f")(inputs.data(), outputs.data(), static_cast<int64_t>(bases.size()));
      for (size_t i = 0; i < bases.size(); ++i)
        ASSERT_LE(errorInUlps(outputs[i], powl(bases[i], exponents[i])), 1.0)
            << target << ", " << lanes << " lanes: " << bases[i] << "^" << exponents[i] << " is not " << outputs[i];
    }
}

//===----------------------------------------------------------------------===//
// Narrow floats
//===----------------------------------------------------------------------===//

/// Conversions to bf16 round to the nearest, to even ones between two.
TEST(ExpandConversion, Bf16IsRounded) {
  auto rounded = [](float x) {
    uint32_t bits = std::bit_cast<uint32_t>(x), lower = bits & 0xffff;
    bool up = lower > 0x8000 || (lower == 0x8000 && (bits >> 16 & 1));
    return std::bit_cast<float>((bits & 0xffff0000) + (up ? 0x10000 : 0));
  };
  auto inputs = arguments();
  for (uint32_t bits = 0x3f7f0000; bits < 0x3f830000; bits += 0x4000) // halves and quarters
    inputs.push_back(std::bit_cast<float>(bits));
  inputs.resize((inputs.size() + 47) / 48 * 48, 1.0f);
  std::vector<float> outputs(inputs.size());
  for (const std::string &target : runnableTargets())
    for (int64_t lanes : {1, 3, 8, 16}) {
      std::string vector = lanes == 1 ? "" : "vector<" + std::to_string(lanes) + "x", end = lanes == 1 ? "" : ">";
      std::string text = loopOver("%n = arith.truncf %x : " + vector + "f32" + end + " to " + vector + "bf16" + end +
                                      "\n      %y = arith.extf %n : " + vector + "bf16" + end + " to",
                                  lanes);
      text.erase(text.find(" to :") + 3, 2);
      CompiledText code(text, "", target);
      code.get<Loop>("seq_export_f")(inputs.data(), outputs.data(), static_cast<int64_t>(inputs.size()));
      for (size_t i = 0; i < inputs.size(); ++i) {
        if (std::isnan(inputs[i]))
          ASSERT_TRUE(std::isnan(outputs[i]));
        else
          ASSERT_EQ(outputs[i], rounded(inputs[i])) << target << ", " << lanes << " lanes at " << inputs[i];
      }
    }
}

} // namespace
