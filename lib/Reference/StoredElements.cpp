//===- StoredElements.cpp - Numbers as files hold them --------------------===//

#include "StoredElements.h"
#include "dialects/Seq/Seq.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <bit>

using namespace mlir;
using namespace llvm::support;

std::optional<uint64_t> seqc::reference::storedBytes(Type type, uint64_t elements) {
  uint64_t unit, size;
  if (auto block = mlir::seq::getBlockFormat(type)) {
    elements = elements / block->elements + (elements % block->elements != 0);
    unit = block->bytes;
  } else if (isa<Float64Type, Float32Type, Float16Type, BFloat16Type>(type) || type.isInteger(8) ||
             type.isInteger(16) || type.isInteger(32) || type.isInteger(64)) {
    unit = type.getIntOrFloatBitWidth() / 8;
  } else {
    return std::nullopt;
  }
  return __builtin_mul_overflow(elements, unit, &size) ? std::nullopt : std::optional(size);
}

/// A half-precision number from its bits.
static double halfValue(uint16_t bits) {
  return llvm::APFloat(llvm::APFloat::IEEEhalf(), llvm::APInt(16, bits)).convertToDouble();
}

/// The formats of GGUF: a block of 32 elements starts with a scale d in half precision
/// (Q4_1: then a minimum m). In 4-bit blocks byte i holds element i in its low half and
/// element i + 16 in its high half.
static double blockElement(Type type, const char *block, unsigned i) {
  auto half = [block](unsigned offset) { return halfValue(endian::read16le(block + offset)); };
  auto nibble = [block, i](unsigned offset) {
    auto byte = static_cast<unsigned char>(block[offset + i % 16]);
    return static_cast<double>(i < 16 ? byte & 0xf : byte >> 4);
  };
  if (isa<mlir::seq::Q4_0Type>(type))
    return half(0) * (nibble(2) - 8);
  if (isa<mlir::seq::Q4_1Type>(type))
    return half(0) * nibble(4) + half(2);
  return half(0) * static_cast<signed char>(block[2 + i]);
}

double seqc::reference::storedReal(Type type, llvm::StringRef bytes, uint64_t index) {
  if (auto block = mlir::seq::getBlockFormat(type))
    return blockElement(type, bytes.data() + index / block->elements * block->bytes, index % block->elements);
  const char *at = bytes.data() + index * (type.getIntOrFloatBitWidth() / 8);
  if (type.isF64())
    return std::bit_cast<double>(endian::read64le(at));
  if (type.isF32())
    return std::bit_cast<float>(endian::read32le(at));
  if (type.isF16())
    return halfValue(endian::read16le(at));
  if (type.isBF16())
    return std::bit_cast<float>(static_cast<uint32_t>(endian::read16le(at)) << 16);
  return static_cast<double>(storedInteger(type, bytes, index));
}

int64_t seqc::reference::storedInteger(Type type, llvm::StringRef bytes, uint64_t index) {
  unsigned width = type.getIntOrFloatBitWidth();
  const char *at = bytes.data() + index * (width / 8);
  switch (width) {
  case 8:
    return static_cast<signed char>(*at);
  case 16:
    return static_cast<int16_t>(endian::read16le(at));
  case 32:
    return static_cast<int32_t>(endian::read32le(at));
  default:
    return static_cast<int64_t>(endian::read64le(at));
  }
}
