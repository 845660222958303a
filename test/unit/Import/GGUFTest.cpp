#include "GGUFBuilder.h"
#include "Testing.h"

using namespace seqc;
using namespace seqc::importer;
using namespace seqc::test;

namespace {

constexpr uint32_t kF32 = 0, kQ4_0 = 2, kQ6_K = 14;

/// A file with a value of every type and tensors of three types.
GGUFBuilder makeFile() {
  GGUFBuilder file;
  file.text("general.architecture", "llama");
  file.u32("general.alignment", 32);
  file.key("a.u8", GGUFType::U8).add<uint8_t>(200);
  file.key("a.i8", GGUFType::I8).add<int8_t>(-5);
  file.key("a.u16", GGUFType::U16).add<uint16_t>(60000);
  file.key("a.i16", GGUFType::I16).add<int16_t>(-300);
  file.key("a.i32", GGUFType::I32).add<int32_t>(-70000);
  file.f32("a.f32", 0.5f);
  file.key("a.bool", GGUFType::Bool).add<uint8_t>(1);
  file.key("a.u64", GGUFType::U64).add<uint64_t>(1ull << 63);
  file.key("a.i64", GGUFType::I64).add<int64_t>(-(1ll << 40));
  file.key("a.f64", GGUFType::F64).add<double>(0.1);
  file.strings("a.strings", {"one", "", "three"});
  file.key("a.ints", GGUFType::Array).add(GGUFType::I32).add<uint64_t>(2).add<int32_t>(-1).add<int32_t>(7);
  file.key("a.floats", GGUFType::Array).add(GGUFType::F32).add<uint64_t>(2).add(1.5f).add(-2.0f);
  file.key("a.nested", GGUFType::Array)
      .add(GGUFType::Array)
      .add<uint64_t>(2)
      .add(GGUFType::U8)
      .add<uint64_t>(1)
      .add<uint8_t>(9)
      .add(GGUFType::String)
      .add<uint64_t>(1)
      .text("x");
  file.tensor("norm", {6}, kF32, 24);
  file.tensor("matrix", {64, 2}, kQ4_0, 2 * 2 * 18);
  file.tensor("other", {256, 3}, kQ6_K, 3 * 210);
  return file;
}

TEST(GGUF, ReadsEveryValueType) {
  ASSERT_VALUE(file, parseGGUF(makeFile().build()));
  const GGUFFile &f = **file;
  EXPECT_EQ(f.version(), 3u);
  EXPECT_EQ(llvm::cantFail(f.getString("general.architecture")), "llama");
  auto getInt = [&](llvm::StringRef key) { return llvm::cantFail(f.getInt(key, INT64_MIN, INT64_MAX)); };
  EXPECT_EQ(getInt("a.u8"), 200);
  EXPECT_EQ(getInt("a.i8"), -5);
  EXPECT_EQ(getInt("a.u16"), 60000);
  EXPECT_EQ(getInt("a.i16"), -300);
  EXPECT_EQ(getInt("a.i32"), -70000);
  EXPECT_EQ(getInt("a.i64"), -(1ll << 40));
  EXPECT_EQ(llvm::cantFail(f.getFloat("a.f32")), 0.5);
  EXPECT_EQ(llvm::cantFail(f.getFloat("a.f64")), 0.1);
  EXPECT_EQ(llvm::cantFail(f.getFloat("a.i8")), -5.0);
  EXPECT_TRUE(llvm::cantFail(f.getBool("a.bool")));
  auto strings = llvm::cantFail(f.getStrings("a.strings"));
  EXPECT_EQ(strings.vec(), (std::vector<llvm::StringRef>{"one", "", "three"}));
  EXPECT_EQ(llvm::cantFail(f.getInts("a.ints")), (std::vector<int64_t>{-1, 7}));
  EXPECT_EQ(llvm::cantFail(f.getFloats("a.floats")), (std::vector<float>{1.5f, -2.0f}));
  const GGUFValue *nested = f.find("a.nested");
  ASSERT_TRUE(nested && nested->arrays.size() == 2);
  EXPECT_EQ(nested->arrays[0].raw[0], 9);
  EXPECT_EQ(nested->arrays[1].strings[0], "x");
}

TEST(GGUF, MapsTensorsLazily) {
  ASSERT_VALUE(file, parseGGUF(makeFile().build()));
  WeightSource &weights = (*file)->weights();
  ASSERT_VALUE(norm, weights.use("norm", {6}));
  EXPECT_EQ(weights.bytes(**norm).size(), 24u);
  EXPECT_EQ(weights.bytes(**norm)[5], 5);
  ASSERT_VALUE(matrix, weights.use("matrix", {2, 64}));
  EXPECT_EQ((*matrix)->kind, ElementKind::Q4_0);
  EXPECT_EQ((*matrix)->offset % 32, 0u);
  EXPECT_EQ(weights.bytes(**matrix).size(), 72u);
  EXPECT_EQ(weights.unused(), (std::vector<llvm::StringRef>{"other"}));
}

TEST(GGUF, RefusesTypesWhenTheyAreUsed) {
  ASSERT_VALUE(file, parseGGUF(makeFile().build()));
  WeightSource &weights = (*file)->weights();
  EXPECT_MESSAGE(weights.use("other"), "test.gguf: tensor 'other' has type Q6_K");
  EXPECT_MESSAGE(weights.use("absent"), "tensor 'absent' is missing");
  EXPECT_MESSAGE(weights.use("norm", {7}), "has shape [6]");
}

TEST(GGUF, NamesFileAndKeyOfWrongTypes) {
  ASSERT_VALUE(file, parseGGUF(makeFile().build()));
  const GGUFFile &f = **file;
  EXPECT_MESSAGE(f.getString("a.u8"), "test.gguf: key 'a.u8' is of type u8");
  EXPECT_MESSAGE(f.getInt("a.f32", 0, 1), "expected an integer");
  EXPECT_MESSAGE(f.getInt("a.u8", 0, 100), "must lie between 0 and 100");
  EXPECT_MESSAGE(f.getInt("a.u64", INT64_MIN, INT64_MAX), "is 9223372036854775808");
  EXPECT_MESSAGE(f.getInts("a.strings"), "array of string");
  EXPECT_MESSAGE(f.getFloat("absent"), "key 'absent' is missing");
}

TEST(GGUF, RefusesWhatIsNotGGUF) {
  EXPECT_MESSAGE(parseGGUF(""), "not a GGUF file");
  EXPECT_MESSAGE(parseGGUF("PK\x03\x04 some archive"), "not a GGUF file");
  GGUFBuilder file;
  file.version = 1;
  EXPECT_MESSAGE(parseGGUF(file.build()), "GGUF version 1");
  file.version = 3u << 24;
  EXPECT_MESSAGE(parseGGUF(file.build()), "big-endian");
}

TEST(GGUF, RefusesCountsThatDoNotFit) {
  GGUFBuilder file = makeFile();
  file.keyCount = UINT64_MAX;
  EXPECT_MESSAGE(parseGGUF(file.build()), "keys do not fit");
  file = makeFile();
  file.tensorCount = 1ull << 60;
  EXPECT_MESSAGE(parseGGUF(file.build()), "tensors do not fit");
  file = makeFile();
  file.key("bad", GGUFType::Array).add(GGUFType::U64).add(UINT64_MAX / 4);
  EXPECT_MESSAGE(parseGGUF(file.build()), "array elements do not fit");
  file = makeFile();
  file.key("bad", GGUFType::String).add(UINT64_MAX - 3).raw("abcd");
  EXPECT_MESSAGE(parseGGUF(file.build()), "key 'bad': the file ends here");
}

TEST(GGUF, RefusesDeepArrays) {
  GGUFBuilder file;
  Bytes &bytes = file.key("deep", GGUFType::Array);
  for (int i = 0; i < 100; ++i)
    bytes.add(GGUFType::Array).add<uint64_t>(1);
  bytes.add(GGUFType::U8).add<uint64_t>(0);
  EXPECT_MESSAGE(parseGGUF(file.build()), "arrays nest more than 8 deep");
}

TEST(GGUF, RefusesDuplicates) {
  GGUFBuilder file = makeFile();
  file.u32("a.u8", 1);
  EXPECT_MESSAGE(parseGGUF(file.build()), "key 'a.u8': the key is there twice");
  file = makeFile();
  file.tensor("norm", {2}, kF32, 8);
  EXPECT_MESSAGE(parseGGUF(file.build()), "two tensors of this name");
}

TEST(GGUF, RefusesTensorsOutsideTheFile) {
  GGUFBuilder file = makeFile();
  file.tensorAt("far", {4}, kF32, 1ull << 40);
  EXPECT_MESSAGE(parseGGUF(file.build()), "tensor 'far': its 16 bytes");
  file = makeFile();
  file.tensorAt("near", {4}, kF32, 16);
  EXPECT_MESSAGE(parseGGUF(file.build()), "not a multiple of the alignment");
  file = makeFile();
  file.tensorAt("over", {4}, kF32, 32);
  EXPECT_MESSAGE(parseGGUF(file.build()), "overlap");
  file = makeFile();
  file.tensorAt("huge", {1ull << 32, 1ull << 32}, kF32, 0);
  EXPECT_MESSAGE(parseGGUF(file.build()), "is too large");
  file = makeFile();
  std::string whole = file.build();
  EXPECT_MESSAGE(parseGGUF(llvm::StringRef(whole).drop_back(1)), "tensor 'other'");
}

TEST(GGUF, RefusesBadShapesAndTypes) {
  GGUFBuilder file;
  file.tensorAt("odd", {33}, kQ4_0, 0);
  EXPECT_MESSAGE(parseGGUF(file.build()), "not whole blocks of Q4_0");
  file = GGUFBuilder();
  file.tensorAt("deep", {1, 1, 1, 1, 1}, kF32, 0);
  EXPECT_MESSAGE(parseGGUF(file.build()), "5 dimensions");
  file = GGUFBuilder();
  file.tensorAt("new", {1}, 1000, 0);
  EXPECT_MESSAGE(parseGGUF(file.build()), "tensor type 1000");
  file = GGUFBuilder();
  file.u32("general.alignment", 24);
  EXPECT_MESSAGE(parseGGUF(file.build()), "not a power of two");
  file = GGUFBuilder();
  file.key("flag", GGUFType::Bool).add<uint8_t>(3);
  EXPECT_MESSAGE(parseGGUF(file.build()), "a bool has the value 3");
}

TEST(GGUF, HonoursAlignment) {
  GGUFBuilder file;
  file.alignment = 256;
  file.u32("general.alignment", 256);
  file.tensor("a", {3}, kF32, 12);
  file.tensor("b", {3}, kF32, 12);
  ASSERT_VALUE(parsed, parseGGUF(file.build()));
  EXPECT_EQ((*parsed)->weights().find("b")->offset % 256, 0u);
  EXPECT_EQ((*parsed)->weights().bytes(*(*parsed)->weights().find("b"))[11], 11);
}

TEST(GGUF, KeepsMessagesReadable) {
  GGUFBuilder file;
  std::string name = "bad\n\x1b[31m\xff" + std::string(300, 'x');
  file.u32(name, 1);
  file.u32(name, 2);
  std::string text = message(parseGGUF(file.build()));
  EXPECT_LT(text.size(), 200u);
  EXPECT_NE(text.find("bad??[31m?"), std::string::npos) << text;
}

/// Every prefix of a file and many corruptions of it are read or refused with
/// one line; nothing is read outside the buffer (the tests also run with
/// AddressSanitizer).
TEST(GGUF, SurvivesCorruption) {
  std::string whole = makeFile().build();
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(message(parseGGUF(llvm::StringRef(whole).take_front(size))), "") << size;
  unsigned refused = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    auto file = parseGGUF(corrupt(whole, seed));
    if (!file) {
      std::string text = llvm::toString(file.takeError());
      EXPECT_EQ(text.rfind("test.gguf: ", 0), 0u) << text;
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
      ++refused;
      continue;
    }
    uint64_t sum = 0;
    for (const TensorEntry &entry : (*file)->weights().tensors())
      for (uint8_t byte : (*file)->weights().bytes(entry))
        sum += byte;
    EXPECT_LE(sum, 255 * whole.size() * 2);
  }
  EXPECT_GT(refused, 1000u);
}

} // namespace
