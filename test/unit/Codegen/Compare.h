//===- Compare.h - Results of kernels against f64 ---------------*- C++ -*-===//

#ifndef SEQ_TEST_UNIT_CODEGEN_COMPARE_H
#define SEQ_TEST_UNIT_CODEGEN_COMPARE_H

#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <vector>

namespace seqc::test {

/// Every value is within `tolerance` times the largest magnitude (at least 1) of what is
/// expected; infinities must be met exactly, and NaN is always wrong.
inline void expectNear(const std::vector<float> &have, const std::vector<double> &want, double tolerance) {
  ASSERT_EQ(have.size(), want.size());
  double scale = 1;
  for (double value : want)
    if (std::isfinite(value))
      scale = std::max(scale, std::abs(value));
  for (size_t i = 0; i < want.size(); ++i) {
    if (std::isinf(want[i]))
      ASSERT_EQ(have[i], static_cast<float>(want[i])) << "at " << i;
    else
      ASSERT_LE(std::abs(have[i] - want[i]), tolerance * scale) << "at " << i << ": " << have[i] << ", not " << want[i];
  }
}

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_CODEGEN_COMPARE_H
