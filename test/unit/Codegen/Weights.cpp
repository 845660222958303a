//===- Weights.cpp - Random weights in the layouts of files ---------------===//

#include "Weights.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace mlir;
using namespace seqc::test;

std::string seqc::test::elementText(const std::string &format) { return (format[0] == 'q' ? "!seq." : "") + format; }

static MLIRContext &context() {
  static auto *shared = [] {
    auto *context = new MLIRContext;
    context->loadDialect<mlir::seq::SeqDialect>();
    return context;
  }();
  return *shared;
}

Type seqc::test::elementType(const std::string &format) { return parseType(elementText(format), &context()); }

double seqc::test::halfValue(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double magnitude = exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24);
  return bits & 0x8000 ? -magnitude : magnitude;
}

namespace {

/// Writes little-endian values and keeps what they mean.
class Maker {
public:
  Maker(Weights &weights, uint64_t seed) : weights(weights), engine(seed) {}

  void dense() {
    int64_t count = weights.matrices * weights.outputs * weights.inputs;
    for (int64_t i = 0; i < count; ++i) {
      if (weights.format == "f16") {
        weights.values.push_back(halfValue(put(half(0x3c00))));
        continue;
      }
      float value = static_cast<float>(uniform(-1, 1));
      uint32_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      if (weights.format == "bf16") {
        put(static_cast<uint16_t>(bits >> 16));
        bits &= 0xffff0000;
        std::memcpy(&value, &bits, sizeof bits);
      } else {
        put(bits);
      }
      weights.values.push_back(value);
    }
  }

  void block() {
    double d = halfValue(put(half(0x3000))), m = weights.format == "q4_1" ? halfValue(put(half(0x3c00))) : 0;
    size_t start = weights.values.size();
    weights.values.resize(start + 32);
    double *values = &weights.values[start];
    if (weights.format == "q8_0") {
      for (int i = 0; i < 32; ++i)
        values[i] = d * put(static_cast<int8_t>(engine() % 256 - 128));
      return;
    }
    int offset = weights.format == "q4_0" ? 8 : 0;
    for (int i = 0; i < 16; ++i) {
      auto pair = put(static_cast<uint8_t>(engine()));
      values[i] = d * ((pair & 15) - offset) + m;
      values[i + 16] = d * ((pair >> 4) - offset) + m;
    }
  }

private:
  template <typename T> T put(T value) {
    const char *bytes = reinterpret_cast<const char *>(&value);
    weights.file.insert(weights.file.end(), bytes, bytes + sizeof value);
    return value;
  }
  /// The bits of an f16 below `limit` in magnitude, of any sign.
  uint16_t half(uint16_t limit) { return static_cast<uint16_t>(engine() % limit | (engine() % 2) << 15); }
  double uniform(double low, double high) { return low + (high - low) * static_cast<double>(engine() >> 11) * 0x1p-53; }

  Weights &weights;
  std::mt19937_64 engine;
};

} // namespace

Weights::Weights(const std::string &format, int64_t outputs, int64_t inputs, uint64_t seed, int64_t matrices)
    : format(format), outputs(outputs), inputs(inputs), matrices(matrices) {
  Maker maker(*this, seed);
  if (format[0] != 'q')
    maker.dense();
  else
    for (int64_t i = 0; i < matrices * outputs * inputs / 32; ++i)
      maker.block();
}

Type Weights::element() const { return elementType(format); }

seqc::SourceView Weights::view() const {
  SourceView view;
  view.element = element();
  view.data = file.data();
  view.shape = {matrices, outputs, inputs};
  view.strides = {outputs * inputs, inputs, 1};
  return view;
}

mlir::seq::PackingType Weights::packing() const {
  return mlir::seq::PackingType::get(&context(), element(), outputs, inputs, matrices);
}

std::vector<uint8_t> Weights::packed() const {
  auto packing = this->packing();
  std::vector<uint8_t> bytes(packing.getBytes());
  if (llvm::Error error = cpu::packMatrix(packing, view(), /*transposed=*/false, bytes))
    llvm::report_fatal_error(std::move(error));
  return bytes;
}

std::string Weights::packingText() const {
  std::string text;
  llvm::raw_string_ostream(text) << packing();
  return text;
}
std::string Weights::bytesText() const { return llvm::formatv("tensor<{0}xi8>", packing().getBytes()); }
