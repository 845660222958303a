#include "Compare.h"
#include "Splat.h"

#include "gtest/gtest.h"

#include <cmath>

namespace seqc::test {

using namespace run;

static Array splat(const std::string &text) {
  Array array;
  EXPECT_TRUE(parseSplat(text, array).ok());
  return array;
}

TEST(Compare, AcceptsWhatIsWithinTolerance) {
  Array actual = splat("2x3xf32=10"), expected = splat("2x3xf64=10");
  actual.setNumber(4, 10.5);
  EXPECT_TRUE(compare(actual, expected, {0.5, 0}).ok());
  EXPECT_TRUE(compare(actual, expected, {0, 0.05}).ok());
  EXPECT_TRUE(compare(actual, expected, {0.25, 0.025}).ok());
  EXPECT_FALSE(compare(actual, expected, {0.24, 0.025}).ok());
}

TEST(Compare, NamesTheFirstMismatch) {
  Array actual = splat("2x3xf32=10"), expected = splat("2x3xf32=10");
  actual.setNumber(2, 11);
  actual.setNumber(4, 8);
  EXPECT_EQ(compare(actual, expected, {}).message(),
            "element [0, 2] is 11, expected 10 (2 of 6 elements differ, by up to 2)");
  EXPECT_EQ(compare(actual, splat("3x2xf32=10"), {}).message(), "the result is 2x3xf32, expected 3x2xf32");
}

TEST(Compare, TakesOnlyNaNForNaN) {
  Array actual = splat("2xf32=1"), expected = splat("2xf32=1");
  expected.setNumber(0, NAN);
  EXPECT_FALSE(compare(actual, expected, {1e9, 1e9}).ok());
  actual.setNumber(0, NAN);
  EXPECT_TRUE(compare(actual, expected, {}).ok());
  actual.setNumber(1, INFINITY);
  EXPECT_FALSE(compare(actual, expected, {1e9, 1e9}).ok());
}

TEST(Compare, ComparesWholeNumbersExactly) {
  Array actual = splat("i64=9007199254740993"), expected = splat("i64=9007199254740992");
  EXPECT_FALSE(compare(actual, expected, {}).ok());
  EXPECT_TRUE(compare(actual, actual, {}).ok());
  EXPECT_TRUE(compare(splat("i32=5"), splat("i64=7"), {2, 0}).ok());
}

TEST(Compare, ShowsTensorsInShortForm) {
  EXPECT_EQ(shortForm(splat("2x2xi32=-7")), "2x2xi32 [-7 -7 -7 -7]");
  EXPECT_EQ(shortForm(splat("bool=1")), "bool [true]");
  EXPECT_EQ(shortForm(splat("0x2xf32=1")), "0x2xf32 []");
  Array array = splat("3x4xf32=0.5");
  array.setNumber(5, 1e10);
  array.setNumber(6, -1);
  EXPECT_EQ(shortForm(array), "3x4xf32 [0.5 0.5 0.5 0.5 … 0.5 0.5 0.5 0.5] min -1 max 1e+10");
}

} // namespace seqc::test
