//===- NpyTest.cpp - .npy files, whole and damaged ------------------------===//

#include "seq/Support/Npy.h"
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace seqc;

namespace {

template <class Element> NpyArray arrayOf(NpyType type, std::vector<int64_t> shape, std::vector<Element> elements) {
  NpyArray array{type, std::move(shape), std::vector<char>(elements.size() * sizeof(Element))};
  std::memcpy(array.data.data(), elements.data(), array.data.size());
  return array;
}

template <class Element> std::vector<Element> elementsOf(const NpyArray &array) {
  std::vector<Element> elements(array.data.size() / sizeof(Element));
  std::memcpy(elements.data(), array.data.data(), array.data.size());
  return elements;
}

/// A file of version 1 with this header, padded as NumPy does, and this data.
std::string fileOf(std::string header, const std::string &data) {
  header.append((64 - (10 + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  std::string file = "\x93NUMPY";
  file += {'\1', '\0', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  return file + header + data;
}

std::string errorOf(std::string_view bytes) {
  std::string error;
  EXPECT_FALSE(parseNpy(bytes, "x.npy", error));
  EXPECT_NE(error.find("'x.npy'"), std::string::npos) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  return error;
}

TEST(Npy, RoundTrip) {
  std::string error;
  for (std::vector<int64_t> shape : {std::vector<int64_t>{}, {6}, {2, 3}, {1, 6, 1}, {0, 4}}) {
    std::vector<float> elements;
    for (int64_t i = 0, n = NpyArray{NpyType::F4, shape, {}}.elements(); i < n; ++i)
      elements.push_back(static_cast<float>(i) + 0.5f);
    NpyArray array = arrayOf(NpyType::F4, shape, elements);
    auto read = parseNpy(formatNpy(array), "x.npy", error);
    ASSERT_TRUE(read) << error;
    EXPECT_EQ(read->type, NpyType::F4);
    EXPECT_EQ(read->shape, shape);
    EXPECT_EQ(elementsOf<float>(*read), elements);
  }
}

TEST(Npy, EveryType) {
  std::string error;
  for (int t = 0; t <= static_cast<int>(NpyType::F8); ++t) {
    auto type = static_cast<NpyType>(t);
    NpyArray array{type, {3}, std::vector<char>(3 * npyElementSize(type), '\1')};
    auto read = parseNpy(formatNpy(array), "x.npy", error);
    ASSERT_TRUE(read) << error;
    EXPECT_EQ(read->type, type);
    EXPECT_EQ(read->data, array.data);
  }
}

TEST(Npy, DataIsAligned) { EXPECT_EQ((formatNpy(arrayOf<char>(NpyType::I1, {1}, {7})).size() - 1) % 64, 0u); }

// Python writes a vector's shape with a comma, and the keys in any order.
TEST(Npy, OtherSpellings) {
  std::string error;
  auto read = parseNpy(fileOf("{'shape':(2,),\"descr\":'|u1','fortran_order':False}", "ab"), "x.npy", error);
  ASSERT_TRUE(read) << error;
  EXPECT_EQ(read->shape, std::vector<int64_t>{2});
  EXPECT_EQ(elementsOf<char>(*read), (std::vector<char>{'a', 'b'}));
}

TEST(Npy, ColumnMajorIsTransposed) {
  std::string error;
  auto read = parseNpy(fileOf("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }", "adbecf"), "x.npy", error);
  ASSERT_TRUE(read) << error;
  EXPECT_EQ(std::string(read->data.begin(), read->data.end()), "abcdef");
}

TEST(Npy, Version2HasALongerLength) {
  std::string error, header = "{'descr': '|i1', 'fortran_order': False, 'shape': (1,), }\n";
  std::string file = "\x93NUMPY";
  file += {'\2', '\0', static_cast<char>(header.size()), '\0', '\0', '\0'};
  auto read = parseNpy(file + header + "z", "x.npy", error);
  ASSERT_TRUE(read) << error;
  EXPECT_EQ(read->data, std::vector<char>{'z'});
}

TEST(Npy, ErrorsSayWhatIsWrong) {
  EXPECT_NE(errorOf("").find("no .npy file"), std::string::npos);
  EXPECT_NE(errorOf("\x93NUMPY\x01").find("no .npy file"), std::string::npos);
  EXPECT_NE(errorOf("\x93NUMPX\x01\0\0\0\0").find("no .npy file"), std::string::npos);
  auto header = [](std::string descr, std::string shape) {
    return fileOf("{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }", "abcd");
  };
  EXPECT_NE(errorOf(header("'>f4'", "(1,)")).find(">f4"), std::string::npos);
  EXPECT_NE(errorOf(header("'<c8'", "(1,)")).find("<c8"), std::string::npos);
  EXPECT_NE(errorOf(header("'|f4'", "(1,)")).find("|f4"), std::string::npos);
  EXPECT_NE(errorOf(header("[('a', '<f4')]", "(1,)")).find("records"), std::string::npos);
  EXPECT_NE(errorOf(header("'<f4'", "(2,)")).find("do not agree"), std::string::npos);
  EXPECT_NE(errorOf(header("'<f4'", "(0,)")).find("do not agree"), std::string::npos);
  EXPECT_NE(errorOf(header("'<f4'", "(-1,)")).find("malformed"), std::string::npos);
  EXPECT_NE(errorOf(header("'<f4'", "(99999999999999999999,)")).find("malformed"), std::string::npos);
  EXPECT_NE(errorOf(header("'<f4'", "(4611686018427387905, 4)")).find("do not agree"), std::string::npos);
  EXPECT_NE(errorOf(fileOf("{'descr': '<f4'}", "abcd")).find("misses"), std::string::npos);
  EXPECT_NE(errorOf(fileOf("{'order': 1}", "")).find("'order'"), std::string::npos);
  EXPECT_NE(errorOf(fileOf("()", "")).find("dictionary"), std::string::npos);
  for (const char *text :
       {"{'descr': '<f4', 'fortran_order': False, 'shape': (1)}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
        "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1 1)}"})
    EXPECT_NE(errorOf(fileOf(text, "abcd")).find("malformed"), std::string::npos) << text;
  EXPECT_NE(errorOf(fileOf("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", "\x01\x02")).find("True nor"),
            std::string::npos);
}

// Whatever byte is cut off or changed: a result or an error, never a crash.
TEST(Npy, Damage) {
  std::string whole = formatNpy(arrayOf<int32_t>(NpyType::I4, {2, 2}, {1, 2, 3, 4}));
  for (size_t length = 0; length < whole.size(); ++length)
    errorOf(std::string_view(whole).substr(0, length));
  for (size_t i = 0; i < whole.size(); ++i)
    for (char byte : {'\0', '\xff', '9', '(', ')', '\''}) {
      std::string damaged = whole, error;
      damaged[i] = byte;
      auto read = parseNpy(damaged, "x.npy", error);
      EXPECT_NE(read.has_value(), !error.empty());
    }
}

class NpyFiles : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() /
             ("npy-test-" + std::to_string(reinterpret_cast<uintptr_t>(this)) + std::to_string(getpid()));
    std::filesystem::create_directory(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
};

TEST_F(NpyFiles, WritesAndReads) {
  std::string error, path = folder / "a.npy";
  NpyArray array = arrayOf<double>(NpyType::F8, {2}, {1.5, -2});
  ASSERT_TRUE(writeNpy(path, array, error)) << error;
  auto read = readNpy(path, error);
  ASSERT_TRUE(read) << error;
  EXPECT_EQ(elementsOf<double>(*read), (std::vector<double>{1.5, -2}));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(NpyFiles, NeverReplacesWhatIsNoFile) {
  std::string error, path = folder / "pipe.npy";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(writeNpy(path, NpyArray{NpyType::I1, {1}, {'x'}}, error));
  EXPECT_EQ(error, "cannot write '" + path + "': it exists and is not a regular file");
  EXPECT_TRUE(std::filesystem::is_fifo(path));
}

TEST_F(NpyFiles, Errors) {
  std::string error;
  EXPECT_FALSE(readNpy(folder / "none.npy", error));
  EXPECT_NE(error.find("No such file"), std::string::npos) << error;
  EXPECT_FALSE(writeNpy(folder / "none/a.npy", NpyArray{NpyType::I1, {1}, {'x'}}, error));
  EXPECT_NE(error.find("No such file"), std::string::npos) << error;
  std::ofstream(folder / "empty.npy").close();
  EXPECT_FALSE(readNpy(folder / "empty.npy", error));
  EXPECT_NE(error.find("empty.npy"), std::string::npos) << error;
  EXPECT_FALSE(readNpy(folder, error));
  EXPECT_NE(error.find(folder.string()), std::string::npos) << error;
}

} // namespace
