#include "Array.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace seqc::run {

seqrt_dtype typeFromName(std::string_view name) {
  static constexpr std::pair<std::string_view, seqrt_dtype> types[] = {{"f32", f32Type},
                                                                       {"f64", {SEQRT_FLOAT, 64, 1}},
                                                                       {"f16", {SEQRT_FLOAT, 16, 1}},
                                                                       {"bf16", {SEQRT_BFLOAT, 16, 1}},
                                                                       {"i8", {SEQRT_INT, 8, 1}},
                                                                       {"i16", {SEQRT_INT, 16, 1}},
                                                                       {"i32", i32Type},
                                                                       {"i64", {SEQRT_INT, 64, 1}},
                                                                       {"u8", {SEQRT_UINT, 8, 1}},
                                                                       {"u16", {SEQRT_UINT, 16, 1}},
                                                                       {"u32", {SEQRT_UINT, 32, 1}},
                                                                       {"u64", {SEQRT_UINT, 64, 1}},
                                                                       {"bool", {SEQRT_BOOL, 8, 1}},
                                                                       {"i1", {SEQRT_BOOL, 8, 1}}};
  for (auto [known, type] : types)
    if (known == name)
      return type;
  return {0, 0, 0};
}

std::string describe(const std::vector<int64_t> &shape, seqrt_dtype type) {
  std::string text;
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + seqrt_dtype_name(type);
}

Status Array::create(seqrt_dtype type, std::vector<int64_t> shape, Array &array) {
  Array made;
  made.elementType = type;
  made.elements = 1;
  bool overflow = false;
  for (int64_t size : shape)
    overflow |= size < 0 || __builtin_mul_overflow(made.elements, size, &made.elements);
  size_t bytes = 0;
  overflow |= __builtin_mul_overflow(static_cast<size_t>(made.elements), made.elementSize(), &bytes);
  // Rounded up to the alignment; never empty, so that there is an address.
  static constexpr size_t alignment = 64, most = size_t{1} << 46;
  if (!overflow && bytes < most)
    made.bytes.reset(std::aligned_alloc(alignment, (bytes / alignment + 1) * alignment));
  if (!made.bytes)
    return makeError(SEQRT_OUT_OF_MEMORY, "there is no memory for a tensor ", run::describe(shape, type));
  std::memset(made.bytes.get(), 0, bytes);
  made.sizes = std::move(shape);
  array = std::move(made);
  return Status();
}

template <typename T> static T &at(const void *data, int64_t index) {
  return const_cast<T *>(static_cast<const T *>(data))[index];
}

int64_t Array::integer(int64_t index) const {
  bool isSigned = elementType.code == SEQRT_INT;
  switch (elementSize()) {
  case 1:
    return isSigned ? at<int8_t>(data(), index) : at<uint8_t>(data(), index);
  case 2:
    return isSigned ? at<int16_t>(data(), index) : at<uint16_t>(data(), index);
  case 4:
    return isSigned ? int64_t{at<int32_t>(data(), index)} : int64_t{at<uint32_t>(data(), index)};
  default:
    return at<int64_t>(data(), index);
  }
}

void Array::setInteger(int64_t index, int64_t value) {
  switch (elementSize()) {
  case 1:
    at<uint8_t>(data(), index) = static_cast<uint8_t>(value);
    break;
  case 2:
    at<uint16_t>(data(), index) = static_cast<uint16_t>(value);
    break;
  case 4:
    at<uint32_t>(data(), index) = static_cast<uint32_t>(value);
    break;
  default:
    at<int64_t>(data(), index) = value;
  }
}

double Array::number(int64_t index) const {
  if (elementType.code == SEQRT_BFLOAT)
    return std::bit_cast<float>(static_cast<uint32_t>(at<uint16_t>(data(), index)) << 16);
  if (elementType.code == SEQRT_FLOAT)
    return elementType.bits == 64   ? at<double>(data(), index)
           : elementType.bits == 32 ? at<float>(data(), index)
                                    : static_cast<double>(at<_Float16>(data(), index));
  if (elementType.code == SEQRT_UINT && elementType.bits == 64)
    return static_cast<double>(at<uint64_t>(data(), index));
  return static_cast<double>(integer(index));
}

/// Rounds to the nearest, ties to even.
static uint16_t toBFloat(double value) {
  uint32_t bits = std::bit_cast<uint32_t>(static_cast<float>(value));
  if (std::isnan(value))
    return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

void Array::setNumber(int64_t index, double value) {
  if (elementType.code == SEQRT_BFLOAT)
    at<uint16_t>(data(), index) = toBFloat(value);
  else if (elementType.code != SEQRT_FLOAT)
    setInteger(index, static_cast<int64_t>(value));
  else if (elementType.bits == 64)
    at<double>(data(), index) = value;
  else if (elementType.bits == 32)
    at<float>(data(), index) = static_cast<float>(value);
  else
    at<_Float16>(data(), index) = static_cast<_Float16>(value);
}

seqrt_tensor Array::tensor() {
  return {data(), {1, 0}, static_cast<int32_t>(sizes.size()), elementType, sizes.data(), nullptr, 0};
}

/// The values of an integer type. The largest is clipped to int64.
static std::pair<int64_t, int64_t> rangeOf(seqrt_dtype type) {
  if (type.code == SEQRT_BOOL)
    return {0, 1};
  if (type.bits == 64)
    return {type.code == SEQRT_UINT ? 0 : INT64_MIN, INT64_MAX};
  int64_t span = int64_t{1} << (type.code == SEQRT_UINT ? type.bits : type.bits - 1);
  return {type.code == SEQRT_UINT ? 0 : -span, span - 1};
}

/// "element 5"
static std::string elementName(int64_t index) { return "element " + std::to_string(index); }

Status Array::convert(seqrt_dtype to, Array &result) const {
  bool floats = isFloat(elementType) && isFloat(to);
  if (!floats && (isFloat(elementType) || isFloat(to)))
    return makeError(SEQRT_INVALID_ARGUMENT, "it is ", describe(), ", and ", seqrt_dtype_name(to), " is needed");
  Array converted;
  if (Status status = create(to, sizes, converted); status.failed())
    return status;
  auto [low, high] = rangeOf(to);
  bool huge = elementType.code == SEQRT_UINT && elementType.bits == 64;
  for (int64_t i = 0; i < elements; ++i) {
    if (floats) {
      converted.setNumber(i, number(i));
      continue;
    }
    int64_t value = integer(i);
    bool wraps = huge && value < 0 && !(to.code == SEQRT_UINT && to.bits == 64);
    if (wraps || ((value < low || value > high) && !huge) || (huge && value >= 0 && value > high))
      return makeError(SEQRT_OUT_OF_RANGE, elementName(i), " is ",
                       huge ? std::to_string(static_cast<uint64_t>(value)) : std::to_string(value),
                       ", which does not fit ", seqrt_dtype_name(to));
    converted.setInteger(i, value);
  }
  result = std::move(converted);
  return Status();
}

} // namespace seqc::run
