//===- BlockFormats.cpp - Blocks of 32 quantised values -------------------===//

#include "BlockFormats.h"
#include <algorithm>
#include <cmath>
#include <cstring>

using namespace mlir::seq;
using namespace seqc::cpu;

float seqc::cpu::halfToFloat(uint16_t bits) {
  float sign = bits & 0x8000 ? -1.0f : 1.0f;
  int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  if (exponent == 0)
    return sign * std::ldexp(static_cast<float>(mantissa), -24);
  if (exponent == 31)
    return mantissa ? std::nanf("") : sign * INFINITY;
  return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
}

uint16_t seqc::cpu::floatToHalf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  uint16_t sign = (bits >> 16) & 0x8000;
  float magnitude = std::fabs(value);
  if (std::isnan(value))
    return sign | 0x7e00;
  if (magnitude >= 65520.0f)
    return sign | 0x7c00;
  if (magnitude < 0x1p-14f) // denormal: units of 2^-24
    return sign | static_cast<uint16_t>(std::nearbyint(magnitude * 0x1p24f));
  int exponent;
  float fraction = std::frexp(magnitude, &exponent);                         // in [0.5, 1)
  auto mantissa = static_cast<uint32_t>(std::nearbyint(fraction * 2048.0f)); // 1024 to 2048
  return sign | static_cast<uint16_t>(((exponent + 13) << 10) + mantissa);
}

static uint16_t readHalf(const char *bytes) {
  uint16_t bits;
  std::memcpy(&bits, bytes, sizeof bits);
  return bits;
}

QuantBlock seqc::cpu::readBlock(mlir::Type format, const char *bytes) {
  QuantBlock block;
  block.scale = readHalf(bytes);
  bytes += 2;
  if (mlir::isa<Q8_0Type>(format)) {
    std::memcpy(block.quants, bytes, sizeof block.quants);
    return block;
  }
  if (mlir::isa<Q4_1Type>(format)) {
    block.minimum = readHalf(bytes);
    bytes += 2;
  }
  for (int j = 0; j < 16; ++j) {
    auto pair = static_cast<uint8_t>(bytes[j]);
    block.quants[j] = static_cast<int8_t>(pair & 15);
    block.quants[j + 16] = static_cast<int8_t>(pair >> 4);
  }
  return block;
}

void seqc::cpu::dequantise(mlir::Type format, const QuantBlock &block, float *values) {
  float scale = halfToFloat(block.scale), minimum = halfToFloat(block.minimum);
  int offset = mlir::isa<Q4_0Type>(format) ? 8 : 0;
  for (int i = 0; i < 32; ++i)
    values[i] = scale * static_cast<float>(block.quants[i] - offset) + minimum;
}

static QuantBlock quantise8(const float *values) {
  float largest = 0;
  for (int i = 0; i < 32; ++i)
    largest = std::max(largest, std::fabs(values[i]));
  float scale = largest / 127;
  QuantBlock block;
  block.scale = floatToHalf(scale);
  for (int i = 0; i < 32; ++i)
    block.quants[i] = static_cast<int8_t>(scale ? std::round(values[i] / scale) : 0);
  return block;
}

static QuantBlock quantise4(const float *values) {
  float extreme = *std::max_element(values, values + 32, [](float a, float b) { return std::fabs(a) < std::fabs(b); });
  float scale = extreme / -8;
  QuantBlock block;
  block.scale = floatToHalf(scale);
  for (int i = 0; i < 32; ++i)
    block.quants[i] = static_cast<int8_t>(std::clamp(scale ? values[i] / scale + 8.5f : 8.0f, 0.0f, 15.0f));
  return block;
}

static QuantBlock quantise4WithMinimum(const float *values) {
  auto [low, high] = std::minmax_element(values, values + 32);
  float scale = (*high - *low) / 15;
  QuantBlock block;
  block.scale = floatToHalf(scale);
  block.minimum = floatToHalf(*low);
  for (int i = 0; i < 32; ++i)
    block.quants[i] = static_cast<int8_t>(std::clamp(scale ? (values[i] - *low) / scale + 0.5f : 0.0f, 0.0f, 15.0f));
  return block;
}

QuantBlock seqc::cpu::quantise(mlir::Type format, const float *values) {
  if (mlir::isa<Q8_0Type>(format))
    return quantise8(values);
  return mlir::isa<Q4_1Type>(format) ? quantise4WithMinimum(values) : quantise4(values);
}
