#include "Npy.h"

#include "ToyModule.h"

#include <cstring>
#include <filesystem>
#include <random>

namespace seqc::test {

using namespace run;

/// A version 1 file with this header and these bytes behind it.
static std::string npy(const std::string &header, const std::string &data) {
  std::string bytes = std::string("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xFF);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + data;
}

static std::string errorOf(const std::string &bytes) {
  Array array;
  Status status = parseNpy(bytes, array);
  EXPECT_TRUE(status.failed());
  return status.message();
}

TEST(Npy, ReadsWhatNumPyWrites) {
  Array array;
  std::string four("\x01\x00\x00\x00\xFE\xFF\xFF\xFF", 8);
  ASSERT_TRUE(parseNpy(npy("{'descr': '<i4', 'fortran_order': False, 'shape': (1, 2), }    \n", four), array).ok());
  EXPECT_EQ(array.describe(), "1x2xi32");
  EXPECT_EQ(array.integer(0), 1);
  EXPECT_EQ(array.integer(1), -2);
  // Another order of the keys, other spaces, one dimension, another byte order mark.
  ASSERT_TRUE(parseNpy(npy("{\"shape\":(2,),'fortran_order':True, 'descr':'|u1'}", "\x05\xFF"), array).ok());
  EXPECT_EQ(array.describe(), "2xu8");
  EXPECT_EQ(array.integer(1), 255);
  ASSERT_TRUE(
      parseNpy(npy("{'descr': '<f2', 'fortran_order': False, 'shape': ()}", std::string("\x00\x3C", 2)), array).ok());
  EXPECT_EQ(array.describe(), "f16");
  EXPECT_EQ(array.number(0), 1);
}

TEST(Npy, ReadsLaterVersions) {
  std::string header = "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }\n";
  for (char version : {2, 3}) {
    std::string bytes = "\x93NUMPY";
    bytes += version;
    bytes += std::string(1, '\0') + static_cast<char>(header.size()) + std::string(3, '\0') + header;
    Array array;
    ASSERT_TRUE(parseNpy(bytes + std::string("\x01\x00\x01", 3), array).ok());
    EXPECT_EQ(array.describe(), "3xbool");
  }
}

TEST(Npy, NamesWhatIsWrong) {
  std::string eight(8, '\0');
  EXPECT_EQ(errorOf(""), "not a .npy file");
  EXPECT_EQ(errorOf("PK\x03\x04 and more"), "not a .npy file");
  EXPECT_EQ(errorOf(std::string("\x93NUMPY\x09\x00\x00\x00", 10)),
            "version 9 of the .npy format is not supported (1 to 3 are)");
  EXPECT_EQ(errorOf(std::string("\x93NUMPY\x01\x00\xFF\x00{", 11)), "truncated inside of the header");
  EXPECT_EQ(errorOf(std::string("\x93NUMPY\x02\x00\xFF\x00", 10)), "truncated inside of the header");
  const char *notADictionary = "the header is not the dictionary that NumPy writes";
  for (const char *header :
       {"", "{}", "{'descr': '<f4', 'shape': (2,)}", "{'descr': '<f4', 'fortran_order': False, 'shape': (2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}"})
    EXPECT_EQ(errorOf(npy(header, eight)), notADictionary) << header;
  auto withType = [&](const std::string &type) {
    return errorOf(npy("{'descr': '" + type + "', 'fortran_order': False, 'shape': (2,)}", eight));
  };
  for (const char *type : {">i4", "<c8", "|O", "<M8[ns]", "<U4", "|i4"})
    EXPECT_TRUE(withType(type).starts_with(concat("elements of type '", type, "' are not supported"))) << type;
  EXPECT_NE(errorOf(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2)}", eight)).find("ascontiguousarray"),
            std::string::npos);
  EXPECT_EQ(errorOf(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", eight)),
            "the header promises 12 bytes of elements, and 8 follow it");
  EXPECT_EQ(errorOf(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", eight)),
            "the header promises 4 bytes of elements, and 8 follow it");
  EXPECT_EQ(errorOf(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 8)}", eight)),
            "the shape is too large");
  EXPECT_EQ(errorOf(npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", "\x01\x02")),
            "element 1 is 2, which is no bool");
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
  EXPECT_EQ(readNpy(path, array).message(), "'" + path + "': not a .npy file");
  std::filesystem::remove(path);
  EXPECT_TRUE(writeNpy("/dev/full", array).failed());
  EXPECT_TRUE(writeNpy(path + "/in/no/folder.npy", array).failed());
}

TEST(Npy, SurvivesDamage) {
  std::mt19937 random(2);
  std::string whole =
      npy("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3), }          \n", std::string(48, 'x'));
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = whole;
    for (int edits = 1 + static_cast<int>(random() % 4); edits > 0; --edits)
      bytes[random() % 80] = random() % 2 ? static_cast<char>(random()) : "0123456789(),'{}<: "[random() % 19];
    if (random() % 5 == 0)
      bytes.resize(random() % bytes.size());
    Array array;
    Status status = parseNpy(bytes, array);
    if (status.ok())
      EXPECT_EQ(array.byteSize(), array.data() ? static_cast<size_t>(array.count()) * array.elementSize() : 0);
    else
      EXPECT_NE(status.message(), "");
  }
}

} // namespace seqc::test
