#include "Compare.h"

#include <cmath>
#include <cstdio>

namespace seqc::run {

static std::string format(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.7g", value);
  return text;
}

static std::string elementText(const Array &array, int64_t index) {
  if (isFloat(array.type()))
    return format(array.number(index));
  if (array.type().code == SEQRT_BOOL)
    return array.integer(index) ? "true" : "false";
  return array.type().code == SEQRT_UINT ? std::to_string(static_cast<uint64_t>(array.integer(index)))
                                         : std::to_string(array.integer(index));
}

/// "[0, 3, 17]"
static std::string position(const std::vector<int64_t> &shape, int64_t index) {
  std::string text;
  for (size_t d = shape.size(); d-- > 0; index /= shape[d])
    text = std::to_string(index % shape[d]) + (text.empty() ? "" : ", ") + text;
  return "[" + text + "]";
}

/// Whole numbers beside whole numbers are compared without rounding.
static bool matches(const Array &actual, const Array &expected, int64_t i, const Tolerance &tolerance) {
  bool whole = !isFloat(actual.type()) && !isFloat(expected.type());
  if (whole && actual.integer(i) == expected.integer(i))
    return true;
  double a = actual.number(i), b = expected.number(i);
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) && std::isnan(b);
  if (std::isinf(a) || std::isinf(b))
    return a == b;
  return std::fabs(a - b) <= tolerance.absolute + tolerance.relative * std::fabs(b) && (!whole || a != b);
}

Status compare(const Array &actual, const Array &expected, const Tolerance &tolerance) {
  if (actual.shape() != expected.shape())
    return makeError(SEQRT_INVALID_ARGUMENT, "the result is ", actual.describe(), ", expected ", expected.describe());
  int64_t first = -1, count = 0;
  double largest = 0;
  for (int64_t i = 0; i < actual.count(); ++i) {
    if (matches(actual, expected, i, tolerance))
      continue;
    first = first < 0 ? i : first;
    ++count;
    largest = std::fmax(largest, std::fabs(actual.number(i) - expected.number(i)));
  }
  if (count == 0)
    return Status();
  return makeError(SEQRT_INVALID_ARGUMENT, "element ", position(actual.shape(), first), " is ",
                   elementText(actual, first), ", expected ", elementText(expected, first), " (", count, " of ",
                   actual.count(), " elements differ, by up to ", format(largest), ")");
}

static std::string elementList(const Array &array, int64_t begin, int64_t end) {
  std::string text;
  for (int64_t i = begin; i < end; ++i)
    text += (text.empty() ? "" : " ") + elementText(array, i);
  return text;
}

std::string shortForm(const Array &array) {
  static constexpr int64_t ends = 4;
  std::string text = array.describe() + " [";
  if (array.count() <= 2 * ends)
    return text + elementList(array, 0, array.count()) + "]";
  text += elementList(array, 0, ends) + " … " + elementList(array, array.count() - ends, array.count()) + "]";
  int64_t low = 0, high = 0;
  for (int64_t i = 1; i < array.count(); ++i) {
    low = array.number(i) < array.number(low) ? i : low;
    high = array.number(i) > array.number(high) ? i : high;
  }
  return text + " min " + elementText(array, low) + " max " + elementText(array, high);
}

} // namespace seqc::run
