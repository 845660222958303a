#include "Array.h"

#include "gtest/gtest.h"

#include <cmath>

namespace seqc::test {

using namespace run;

static Array ofNumbers(const char *type, const std::vector<double> &values) {
  Array array;
  EXPECT_TRUE(Array::create(typeFromName(type), {static_cast<int64_t>(values.size())}, array).ok());
  for (size_t i = 0; i < values.size(); ++i)
    array.setNumber(static_cast<int64_t>(i), values[i]);
  return array;
}

static Array ofIntegers(const char *type, const std::vector<int64_t> &values) {
  Array array;
  EXPECT_TRUE(Array::create(typeFromName(type), {static_cast<int64_t>(values.size())}, array).ok());
  for (size_t i = 0; i < values.size(); ++i)
    array.setInteger(static_cast<int64_t>(i), values[i]);
  return array;
}

/// The error of a conversion, "" for none.
static std::string convertError(const Array &array, const char *type) {
  Array result;
  return array.convert(typeFromName(type), result).message();
}

TEST(Array, RefusesImpossibleShapes) {
  Array array;
  EXPECT_TRUE(Array::create(f32Type, {-1}, array).failed());
  EXPECT_TRUE(Array::create(f32Type, {INT64_MAX, 2}, array).failed());
  EXPECT_TRUE(Array::create(f32Type, {int64_t{1} << 50}, array).failed());
  EXPECT_TRUE(Array::create(f32Type, {int64_t{1} << 62, 4}, array).failed());
  ASSERT_TRUE(Array::create(f32Type, {3, 0, 2}, array).ok());
  EXPECT_EQ(array.count(), 0);
  EXPECT_NE(array.data(), nullptr);
  EXPECT_EQ(array.describe(), "3x0x2xf32");
}

TEST(Array, ConvertsIntegersThatFit) {
  Array result;
  ASSERT_TRUE(ofIntegers("i64", {-128, 0, 127}).convert(typeFromName("i8"), result).ok());
  EXPECT_EQ(result.integer(0), -128);
  EXPECT_EQ(result.integer(2), 127);
  ASSERT_TRUE(ofIntegers("u8", {255}).convert(typeFromName("i32"), result).ok());
  EXPECT_EQ(result.integer(0), 255);
  ASSERT_TRUE(ofIntegers("u64", {-1}).convert(typeFromName("u64"), result).ok());
  EXPECT_EQ(static_cast<uint64_t>(result.integer(0)), UINT64_MAX);
  ASSERT_TRUE(ofIntegers("bool", {1, 0}).convert(typeFromName("i32"), result).ok());
  EXPECT_EQ(result.integer(0), 1);
}

TEST(Array, RefusesIntegersThatDoNotFit) {
  EXPECT_EQ(convertError(ofIntegers("i64", {0, 2147483648}), "i32"), "element 1 is 2147483648, which does not fit i32");
  EXPECT_EQ(convertError(ofIntegers("i64", {-1}), "u8"), "element 0 is -1, which does not fit u8");
  EXPECT_EQ(convertError(ofIntegers("i32", {2}), "bool"), "element 0 is 2, which does not fit bool");
  EXPECT_EQ(convertError(ofIntegers("u64", {-1}), "i64"), "element 0 is 18446744073709551615, which does not fit i64");
  EXPECT_EQ(convertError(ofIntegers("i8", {-1}), "u64"), "element 0 is -1, which does not fit u64");
}

TEST(Array, ConvertsFloatsByRounding) {
  Array result;
  ASSERT_TRUE(ofNumbers("f64", {1.0 / 3, 65520, NAN}).convert(typeFromName("f16"), result).ok());
  EXPECT_EQ(result.number(0), 0.333251953125);
  EXPECT_TRUE(std::isinf(result.number(1)));
  EXPECT_TRUE(std::isnan(result.number(2)));
  ASSERT_TRUE(ofNumbers("f32", {1.00390625, 1.01171875, -2, NAN}).convert(typeFromName("bf16"), result).ok());
  EXPECT_EQ(result.number(0), 1);        // a tie, to even
  EXPECT_EQ(result.number(1), 1.015625); // a tie, to even
  EXPECT_EQ(result.number(2), -2);
  EXPECT_TRUE(std::isnan(result.number(3)));
}

TEST(Array, DoesNotMixFloatsAndIntegers) {
  EXPECT_EQ(convertError(ofNumbers("f32", {1}), "i32"), "it is 1xf32, and i32 is needed");
  EXPECT_EQ(convertError(ofIntegers("i32", {1}), "f32"), "it is 1xi32, and f32 is needed");
}

} // namespace seqc::test
