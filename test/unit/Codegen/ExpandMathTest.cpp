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
  double ulps; ///< the largest error
};

constexpr Function kFunctions[] = {
    {"exp", expl, 1.0},   {"exp2", exp2l, 1.0},   {"expm1", expm1l, 1.5}, {"log", logl, 1.0}, {"log2", log2l, 1.0},
    {"log1p", log1pl, 1.5}, {"tanh", tanhl, 2.5}, {"erf", erfl, 2.0},     {"sin", sinl, 2.0}, {"cos", cosl, 2.0},
};

using Loop = void (*)(const float *from, float *to, int64_t count);

/// A loop that applies a math op of so many lanes; `count` is a multiple of them.
std::string loopOver(llvm::StringRef name, int64_t lanes) {
  std::string type = lanes == 1 ? "f32" : "vector<" + std::to_string(lanes) + "xf32>";
  return R"(func.func @seq_export_f(%from: !llvm.ptr, %to: !llvm.ptr, %count: index) {
    %c0 = arith.constant 0 : index
    %lanes = arith.constant )" + std::to_string(lanes) + R"( : index
    scf.for %i = %c0 to %count step %lanes {
      %j = arith.index_cast %i : index to i64
      %source = llvm.getelementptr %from[%j] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %x = llvm.load %source {alignment = 4 : i64} : !llvm.ptr -> )" + type + R"(
      %y = math.)" + name.str() + " %x : " + type + R"(
      %target = llvm.getelementptr %to[%j] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      llvm.store %y, %target {alignment = 4 : i64} : )" + type + R"(, !llvm.ptr
    }
    return
  })";
}

struct Variant {
  std::string name;
  std::unique_ptr<CompiledText> code;
  double worst = 0;
  float worstAt = 0;
};

std::vector<Variant> compileVariants(llvm::StringRef function) {
  std::vector<Variant> variants;
  for (const std::string &target : runnableTargets())
    for (int64_t lanes : {1, 3, 4, 8, 16, 24}) {
      Variant variant{target + ", " + std::to_string(lanes) + " lanes", {}};
      variant.code = std::make_unique<CompiledText>(loopOver(function, lanes), "", target);
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
  for (double centre : {0.0, 0x1p-126, 1.0, 0.70710678118, 1.41421356, 0.9, 4.0, 30.0, 87.33654, 88.72284, 89.0, 103.97208, 104.0, 126.0,
                        127.0, 128.0, 149.0, 150.0, 151.0, 1.5707963, 3.1415927, 3.14159265 / 4, 0x1p17, 0x1p24, 0x1.fffffep127})
    for (uint32_t sign : {0u, 0x80000000u})
      for (int offset = -200; offset <= 200; ++offset)
        values.push_back(std::bit_cast<float>((std::bit_cast<uint32_t>(static_cast<float>(centre)) + offset) | sign));
  for (float special : {0.0f, -0.0f, INFINITY, -INFINITY, std::nanf("")})
    values.push_back(special);
  values.resize((values.size() + 47) / 48 * 48, 1.0f); // all widths divide it
  return values;
}

class ExpandMath : public testing::TestWithParam<Function> {};

TEST_P(ExpandMath, ErrorIsBounded) {
  static const std::vector<float> inputs = arguments();
  auto variants = compileVariants(GetParam().name);
  std::vector<float> outputs(inputs.size());
  std::vector<long double> expected(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i)
    expected[i] = GetParam().reference(inputs[i]);
  for (Variant &variant : variants) {
    variant.code->get<Loop>("seq_export_f")(inputs.data(), outputs.data(), static_cast<int64_t>(inputs.size()));
    for (size_t i = 0; i < inputs.size(); ++i) {
      double error = errorInUlps(outputs[i], expected[i]);
      if (error > variant.worst) {
        variant.worst = error;
        variant.worstAt = inputs[i];
      }
    }
    EXPECT_LE(variant.worst, GetParam().ulps) << variant.name << " at " << variant.worstAt;
    std::string key = "ulps " + variant.name;
    RecordProperty(key, std::to_string(variant.worst));
    if (getenv("PRINT")) printf("%s %s %g at %a\n", GetParam().name, variant.name.c_str(), variant.worst, variant.worstAt);
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, ExpandMath, testing::ValuesIn(kFunctions),
                         [](const auto &info) { return std::string(info.param.name); });

} // namespace
