#include "Npy.h"

#include "ToyModule.h"

#include <cstring>
#include <filesystem>

namespace seqc::test {

using namespace run;

/// A version 1 file with this header and these bytes behind it.
static std::string npy(const std::string &header, const std::string &data) {
  std::string bytes = std::string("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xFF);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + data;
}

TEST(Npy, ReadsWhatNumPyWrites) {
  Array array;
  std::string four("\x01\x00\x00\x00\xFE\xFF\xFF\xFF", 8);
  ASSERT_TRUE(
      parseNpy(npy("{'descr': '<i4', 'fortran_order': False, 'shape': (1, 2), }    \n", four), "a", array).ok());
  EXPECT_EQ(array.describe(), "1x2xi32");
  EXPECT_EQ(array.integer(0), 1);
  EXPECT_EQ(array.integer(1), -2);
  // Another order of the keys, other spaces, one dimension, another byte order mark.
  ASSERT_TRUE(parseNpy(npy("{\"shape\":(2,),'fortran_order':True, 'descr':'|u1'}", "\x05\xFF"), "a", array).ok());
  EXPECT_EQ(array.describe(), "2xu8");
  EXPECT_EQ(array.integer(1), 255);
  ASSERT_TRUE(
      parseNpy(npy("{'descr': '<f2', 'fortran_order': False, 'shape': ()}", std::string("\x00\x3C", 2)), "a", array)
          .ok());
  EXPECT_EQ(array.describe(), "f16");
  EXPECT_EQ(array.number(0), 1);
}

TEST(Npy, WritesWhatItReads) {
  std::string path = temporaryPath("array.npy");
  for (const char *type : {"f16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool"})
    for (const std::vector<int64_t> &shape : {std::vector<int64_t>{}, {3}, {2, 3}, {2, 0, 5}}) {
      Array array, read;
      ASSERT_TRUE(Array::create(typeFromName(type), shape, array).ok());
      for (int64_t i = 0; i < array.count(); ++i)
        array.setNumber(i, static_cast<double>(i % 2));
      ASSERT_TRUE(writeNpy(path, array).ok());
      ASSERT_TRUE(readNpy(path, read).ok());
      EXPECT_EQ(read.describe(), array.describe());
      EXPECT_EQ(std::memcmp(read.data(), array.data(), array.byteSize()), 0);
      // The elements are aligned in the file.
      EXPECT_EQ((std::filesystem::file_size(path) - array.byteSize()) % 64, 0u);
    }
  std::filesystem::remove(path);
}

TEST(Npy, WritesBFloatsAsFloats) {
  std::string path = temporaryPath("bf16.npy");
  Array array, read;
  ASSERT_TRUE(Array::create(typeFromName("bf16"), {2}, array).ok());
  array.setNumber(1, -2.5);
  ASSERT_TRUE(writeNpy(path, array).ok());
  ASSERT_TRUE(readNpy(path, read).ok());
  EXPECT_EQ(read.describe(), "2xf32");
  EXPECT_EQ(read.number(1), -2.5);
  std::filesystem::remove(path);
}

TEST(Npy, NamesTheFile) {
  Array array;
  std::string path = temporaryPath("none.npy");
  EXPECT_EQ(readNpy(path, array).message(), "cannot read '" + path + "': No such file or directory");
  writeFile(path, {'x'});
  EXPECT_EQ(readNpy(path, array).message(), "'" + path + "' is no .npy file (or cut off in its header)");
  std::filesystem::remove(path);
  EXPECT_TRUE(writeNpy("/dev/full", array).failed());
  EXPECT_TRUE(writeNpy(path + "/in/no/folder.npy", array).failed());
}

} // namespace seqc::test
