//===- Values.cpp - Elements and where their numbers come from ------------===//

#include "Values.h"
#include "seq/Support/Random.h"
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

using namespace seqc::fuzz;
using seqc::reference::Tensor;

const char *seqc::fuzz::elementName(Element element) {
  constexpr const char *names[] = {"f32", "f16", "bf16", "f64", "i1", "i32", "i64"};
  return names[static_cast<int>(element)];
}

int64_t seqc::fuzz::elementBytes(Element element) {
  constexpr int64_t bytes[] = {4, 2, 2, 8, 1, 4, 8};
  return bytes[static_cast<int>(element)];
}

bool seqc::fuzz::isReal(Element element) { return element <= Element::F64; }

double seqc::fuzz::unitRoundoff(Element element) {
  switch (element) {
  case Element::F16:
    return 0x1p-11;
  case Element::BF16:
    return 0x1p-8;
  case Element::F64:
    return 0x1p-53;
  default:
    return 0x1p-24;
  }
}

//===----------------------------------------------------------------------===//
// Rounding
//===----------------------------------------------------------------------===//

static uint16_t toBfloat(double value) {
  auto bits = std::bit_cast<uint32_t>(static_cast<float>(value));
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

static double fromBfloat(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

static double rounded(double value, Element element) {
  switch (element) {
  case Element::F32:
    return static_cast<float>(value);
  case Element::F16:
    return static_cast<double>(static_cast<_Float16>(value));
  case Element::BF16:
    return fromBfloat(toBfloat(value));
  default:
    return value;
  }
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

namespace {

/// Numbers of one tensor: number i depends on the seed and i alone.
struct Source {
  Values values;
  uint64_t seed;

  double uniform(uint64_t i) const { return static_cast<double>(seqc::splitMix64(seed, i) >> 11) * 0x1p-53; }

  double real(uint64_t i) const {
    switch (values.kind) {
    case Values::Normal:
      return seqc::normalAt(seed, i) * values.high;
    case Values::Decay:
      return values.low * uniform(i);
    case Values::DecayExtreme:
      return extremeDecay(i);
    case Values::ComplexDecay:
      return i % 2 ? 6.3 * uniform(i) - 3.15 : values.low * uniform(i);
    default:
      return values.low + (values.high - values.low) * uniform(i);
    }
  }

  double extremeDecay(uint64_t i) const {
    double u = uniform(2 * i + 1);
    switch (static_cast<int>(8 * uniform(2 * i))) {
    case 0:
      return 0;
    case 1:
      return -1e-7;
    case 2:
      return values.low;
    case 3:
      return values.high == 1 && u < 0.3 ? -std::numeric_limits<double>::infinity() : values.low * u;
    case 4:
      return std::max(values.low, -1e-3 * u);
    default:
      return std::max(values.low, -u);
    }
  }

  int64_t integer(uint64_t i, int64_t time) const {
    switch (values.kind) {
    case Values::Flag:
      return uniform(i) < values.high;
    case Values::Length:
      return uniform(2 * i) < 0.4 ? time : static_cast<int64_t>(uniform(2 * i + 1) * (static_cast<double>(time) + 1));
    case Values::Position:
      return static_cast<int64_t>(i) % std::max<int64_t>(time, 1) -
             (values.high == 0 ? 0 : static_cast<int64_t>(3 * uniform(i)));
    default:
      return static_cast<int64_t>(values.high * uniform(i));
    }
  }
};

} // namespace

Tensor seqc::fuzz::makeTensor(const Values &values, Element element, llvm::ArrayRef<int64_t> shape, int64_t time,
                              uint64_t seed) {
  Source source{values, seed};
  if (isReal(element)) {
    Tensor tensor = Tensor::reals(shape);
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor.reals()[i] = rounded(source.real(i), element);
    return tensor;
  }
  Tensor tensor = Tensor::integers(shape);
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor.integers()[i] = source.integer(i, time);
  return tensor;
}

Tensor seqc::fuzz::perturbed(const Tensor &tensor, const Values &values, double size, uint64_t seed) {
  Tensor noisy = tensor;
  if (!tensor.isReal())
    return noisy;
  for (int64_t i = 0; i < noisy.size(); ++i) {
    double &x = noisy.reals()[i];
    if (std::isinf(x))
      continue;
    x += x * size * seqc::normalAt(seed, 2 * i);
    if (values.isDecay())
      x += size * seqc::normalAt(seed, 2 * i + 1);
    bool isPhase = values.kind == Values::ComplexDecay && i % 2;
    if (values.isDecay() && !isPhase)
      x = std::clamp(x, values.low, 0.0);
  }
  return noisy;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

template <typename T> static void append(std::vector<char> &bytes, T value) {
  size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <typename T> static T at(llvm::ArrayRef<char> bytes, size_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
  return value;
}

static void appendReal(std::vector<char> &bytes, double value, Element element) {
  switch (element) {
  case Element::F32:
    return append(bytes, static_cast<float>(value));
  case Element::F16:
    return append(bytes, static_cast<_Float16>(value));
  case Element::BF16:
    return append(bytes, toBfloat(value));
  default:
    return append(bytes, value);
  }
}

std::vector<char> seqc::fuzz::toBytes(const Tensor &tensor, Element element) {
  std::vector<char> bytes;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    if (isReal(element))
      appendReal(bytes, tensor.reals()[i], element);
    else if (element == Element::I1)
      append(bytes, static_cast<int8_t>(tensor.integers()[i]));
    else if (element == Element::I32)
      append(bytes, static_cast<int32_t>(tensor.integers()[i]));
    else
      append(bytes, tensor.integers()[i]);
  }
  return bytes;
}

std::vector<double> seqc::fuzz::fromBytes(llvm::ArrayRef<char> bytes, Element element) {
  std::vector<double> values(bytes.size() / elementBytes(element));
  for (size_t i = 0; i < values.size(); ++i)
    switch (element) {
    case Element::F32:
      values[i] = at<float>(bytes, i);
      break;
    case Element::F16:
      values[i] = static_cast<double>(at<_Float16>(bytes, i));
      break;
    case Element::BF16:
      values[i] = fromBfloat(at<uint16_t>(bytes, i));
      break;
    case Element::F64:
      values[i] = at<double>(bytes, i);
      break;
    case Element::I1:
      values[i] = at<int8_t>(bytes, i);
      break;
    case Element::I32:
      values[i] = at<int32_t>(bytes, i);
      break;
    case Element::I64:
      values[i] = static_cast<double>(at<int64_t>(bytes, i));
      break;
    }
  return values;
}
