//===- Activate.cpp - Activation functions ---------------------------------===//

#include "Activate.h"
#include <cmath>
#include <numbers>

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double seqc::reference::activate(mlir::seq::Activation kind, double x) {
  using mlir::seq::Activation;
  switch (kind) {
  case Activation::Silu:
    return x * sigmoid(x);
  case Activation::Gelu:
    return x * 0.5 * std::erfc(-x / std::numbers::sqrt2);
  case Activation::GeluTanh:
    return x * 0.5 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
  case Activation::Relu:
    return std::isnan(x) ? x : std::max(x, 0.0);
  case Activation::Relu2:
    return std::isnan(x) ? x : std::max(x, 0.0) * std::max(x, 0.0);
  case Activation::Sigmoid:
    return sigmoid(x);
  case Activation::Tanh:
    return std::tanh(x);
  case Activation::Softplus:
    // The same as log(1 + exp(x)), without overflow.
    return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
  case Activation::Identity:
    return x;
  }
  llvm_unreachable("all kinds are above");
}
