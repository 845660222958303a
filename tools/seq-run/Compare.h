//===- Compare.h - Results beside expected ones -----------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_RUN_COMPARE_H
#define SEQ_TOOLS_SEQ_RUN_COMPARE_H

#include "Array.h"

namespace seqc::run {

struct Tolerance {
  double absolute = 0;
  double relative = 0; ///< of the expected value
};

/// Succeeds where shapes are equal and each element is within
/// absolute + relative · |expected|; NaN only equals NaN. Element types may
/// differ. The error names the first mismatch and how many there are.
Status compare(const Array &actual, const Array &expected, const Tolerance &tolerance);

/// One line: shape, type, the first and last elements, the smallest and
/// largest.
std::string shortForm(const Array &array);

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_COMPARE_H
