//===- RandomTest.cpp - Reproducible random values ------------------------===//

#include "seq/Support/Random.h"
#include <gtest/gtest.h>

using namespace seqc;

namespace {

// The published sequence of the seed 0.
TEST(Random, SplitMix64) {
  EXPECT_EQ(splitMix64(0, 0), 0xe220a8397b1dcdafu);
  EXPECT_EQ(splitMix64(0, 1), 0x6e789e6aa1b965f4u);
  EXPECT_EQ(splitMix64(0, 2), 0x06c45d188009454fu);
}

TEST(Random, NormalMoments) {
  constexpr int count = 200000;
  double sum = 0, squares = 0, fourths = 0;
  for (int i = 0; i < count; ++i) {
    double x = normalAt(42, i);
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
    fourths += x * x * x * x;
  }
  // Five standard deviations of the estimates.
  EXPECT_NEAR(sum / count, 0, 5 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 1, 5 * std::sqrt(2.0 / count));
  EXPECT_NEAR(fourths / count, 3, 5 * std::sqrt(96.0 / count));
}

TEST(Random, SeedsDiffer) {
  EXPECT_NE(normalAt(1, 0), normalAt(2, 0));
  EXPECT_NE(normalAt(1, 0), normalAt(1, 1));
  EXPECT_EQ(normalAt(1, 5), normalAt(1, 5));
}

} // namespace
