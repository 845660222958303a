//===- Math.cpp - The math dialect ----------------------------------------===//

#include "Elementwise.h"
#include <cmath>

using namespace mlir;
using namespace seqc::reference;

static double reciprocalRoot(double x) { return 1 / std::sqrt(x); }
static double complementaryError(double x) { return std::erfc(x); }

/// x to an integer power by repeated squaring; negative powers are of the reciprocal.
static double integerPower(double x, int64_t power) {
  double result = 1, factor = power < 0 ? 1 / x : x;
  for (uint64_t rest = power < 0 ? 0 - static_cast<uint64_t>(power) : power; rest != 0; rest >>= 1) {
    if (rest & 1)
      result *= factor;
    factor *= factor;
  }
  return result;
}

/// A predicate of one real.
static void addTest(Handlers &handlers, StringRef name, bool (*test)(double)) {
  addElementwise(handlers, name, {[test](Operation *, ArrayRef<Number> x) -> std::optional<Number> {
                   return Number{0, test(x[0].real)};
                 }});
}

void seqc::reference::addMath(Handlers &handlers) {
  using Unary = double (*)(double);
  static constexpr std::pair<StringLiteral, Unary> unary[] = {
      {"math.absf", std::fabs},
      {"math.acos", std::acos},
      {"math.acosh", std::acosh},
      {"math.asin", std::asin},
      {"math.asinh", std::asinh},
      {"math.atan", std::atan},
      {"math.atanh", std::atanh},
      {"math.cbrt", std::cbrt},
      {"math.ceil", std::ceil},
      {"math.cos", std::cos},
      {"math.cosh", std::cosh},
      {"math.erf", std::erf},
      {"math.erfc", complementaryError},
      {"math.exp", std::exp},
      {"math.exp2", std::exp2},
      {"math.expm1", std::expm1},
      {"math.floor", std::floor},
      {"math.log", std::log},
      {"math.log10", std::log10},
      {"math.log1p", std::log1p},
      {"math.log2", std::log2},
      {"math.round", std::round},
      {"math.roundeven", std::nearbyint},
      {"math.rsqrt", reciprocalRoot},
      {"math.sin", std::sin},
      {"math.sinh", std::sinh},
      {"math.sqrt", std::sqrt},
      {"math.tan", std::tan},
      {"math.tanh", std::tanh},
      {"math.trunc", std::trunc},
  };
  for (auto [name, function] : unary)
    addReal(handlers, name, function);
  using Binary = double (*)(double, double);
  addReal(handlers, "math.atan2", static_cast<Binary>(std::atan2));
  addReal(handlers, "math.copysign", static_cast<Binary>(std::copysign));
  addReal(handlers, "math.powf", static_cast<Binary>(std::pow));
  addReal(handlers, "math.fma", +[](double a, double b, double c) { return std::fma(a, b, c); });
  addTest(handlers, "math.isfinite", [](double x) { return std::isfinite(x); });
  addTest(handlers, "math.isinf", [](double x) { return std::isinf(x); });
  addTest(handlers, "math.isnan", [](double x) { return std::isnan(x); });
  addElementwise(handlers, "math.fpowi", {[](Operation *, ArrayRef<Number> x) -> std::optional<Number> {
                   return Number{integerPower(x[0].real, x[1].integer), 0};
                 }});
  addElementwise(handlers, "math.absi", {[](Operation *, ArrayRef<Number> x) -> std::optional<Number> {
                   return Number{0, x[0].integer < 0 ? static_cast<int64_t>(0 - static_cast<uint64_t>(x[0].integer))
                                                     : x[0].integer};
                 }});
}
