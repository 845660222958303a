#include "Splat.h"

#include "Npy.h"

#include <charconv>

namespace seqc::run {

/// Splits "2x7xf32" into sizes and type; false where it is neither.
static bool parseType(std::string_view text, std::vector<int64_t> &shape, seqrt_dtype &type) {
  for (;;) {
    type = typeFromName(text);
    if (type.bits != 0)
      return true;
    int64_t size = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc() || size < 0 || end == text.data() + text.size() || *end != 'x')
      return false;
    shape.push_back(size);
    text.remove_prefix(static_cast<size_t>(end - text.data()) + 1);
  }
}

template <typename T> static bool parseWhole(std::string_view text, T &value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool isSplat(std::string_view text) {
  std::vector<int64_t> shape;
  seqrt_dtype type;
  size_t equals = text.find('=');
  return equals != std::string_view::npos && parseType(text.substr(0, equals), shape, type);
}

Status parseSplat(const std::string &text, Array &array) {
  std::vector<int64_t> shape;
  seqrt_dtype type;
  size_t equals = text.find('=');
  if (equals == std::string::npos || !parseType(std::string_view(text).substr(0, equals), shape, type))
    return makeError(SEQRT_INVALID_ARGUMENT, "'", text, "' is no tensor such as 2x7xf32=1.5");
  std::string_view value = std::string_view(text).substr(equals + 1);
  Array wide, filled;
  double number = 0;
  int64_t integer = value == "true" ? 1 : 0;
  bool word = type.code == SEQRT_BOOL && (value == "true" || value == "false");
  if (isFloat(type) ? !parseWhole(value, number) : !word && !parseWhole(value, integer))
    return makeError(SEQRT_INVALID_ARGUMENT, "'", text, "': '", value, "' is no ", seqrt_dtype_name(type));
  // One element is converted with a range check before all are made of it.
  seqrt_dtype widest = isFloat(type) ? seqrt_dtype{SEQRT_FLOAT, 64, 1} : seqrt_dtype{SEQRT_INT, 64, 1};
  if (Status status = Array::create(widest, {}, wide); status.failed())
    return status;
  isFloat(type) ? wide.setNumber(0, number) : wide.setInteger(0, integer);
  Array one;
  if (Status status = wide.convert(type, one); status.failed())
    return makeError(SEQRT_OUT_OF_RANGE, "'", text, "': ", value, " does not fit ", seqrt_dtype_name(type));
  if (Status status = Array::create(type, shape, filled); status.failed())
    return status;
  for (int64_t i = 0; i < filled.count(); ++i)
    isFloat(type) ? filled.setNumber(i, one.number(0)) : filled.setInteger(i, one.integer(0));
  array = std::move(filled);
  return Status();
}

Status readInput(const std::string &text, Array &array) {
  return isSplat(text) ? parseSplat(text, array) : readNpy(text, array);
}

} // namespace seqc::run
