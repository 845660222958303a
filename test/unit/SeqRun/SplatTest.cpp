#include "Splat.h"

#include "gtest/gtest.h"

namespace seqc::test {

using namespace run;

static Array splat(const std::string &text) {
  Array array;
  Status status = parseSplat(text, array);
  EXPECT_TRUE(status.ok()) << status.message();
  return array;
}

TEST(Splat, FillsTensors) {
  Array array = splat("2x7xf32=1.5");
  EXPECT_EQ(array.describe(), "2x7xf32");
  EXPECT_EQ(array.number(0), 1.5);
  EXPECT_EQ(array.number(13), 1.5);
  EXPECT_EQ(splat("i64=-3").integer(0), -3);
  EXPECT_EQ(splat("1xu8=255").integer(0), 255);
  EXPECT_EQ(splat("2xbool=true").integer(1), 1);
  EXPECT_EQ(splat("2xi1=0").integer(1), 0);
  EXPECT_EQ(splat("3xbf16=-2e3").number(2), -2000);
  EXPECT_EQ(splat("0x4xf64=1").count(), 0);
}

TEST(Splat, IsToldFromFiles) {
  EXPECT_TRUE(isSplat("2x7xf32=1.5"));
  EXPECT_TRUE(isSplat("f32=x")); // wrong, but meant as one
  for (const char *text : {"ids.npy", "a=b.npy", "2x7.npy", "2x7xf32", "run/x=1/ids.npy", "xf32=1", "-1xf32=1"})
    EXPECT_FALSE(isSplat(text)) << text;
}

TEST(Splat, RefusesValuesOfAnotherType) {
  for (const char *text : {"2xi32=1.5", "2xi8=128", "2xu8=-1", "2xbool=2", "2xbool=yes", "2xf32=", "2xf32=1,5",
                           "2xi64=99999999999999999999", "9999999999x9999999999xf32=1"}) {
    Array array;
    EXPECT_TRUE(parseSplat(text, array).failed()) << text;
  }
}

} // namespace seqc::test
