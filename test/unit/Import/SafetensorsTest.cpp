#include "seq/Import/Safetensors.h"

#include "Testing.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace seqc;
using namespace seqc::importer;
using namespace seqc::test;

namespace {

/// A file with this header and `size` bytes of tensors.
std::string makeFile(llvm::StringRef header, size_t size) {
  uint64_t length = header.size();
  std::string file(reinterpret_cast<const char *>(&length), 8);
  file += header;
  for (size_t i = 0; i < size; ++i)
    file.push_back(static_cast<char>(i));
  return file;
}

constexpr llvm::StringLiteral kHeader = R"({"__metadata__":{"format":"pt"},)"
                                        R"("a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                                        R"("b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},)"
                                        R"("c":{"dtype":"I64","shape":[],"data_offsets":[32,40]},)"
                                        R"("d":{"dtype":"F16","shape":[0,5],"data_offsets":[40,40]}}   )";

std::string refusal(llvm::StringRef header, size_t size = 0) {
  return message(parseSafetensorsHeader(makeFile(header, size), "t.st"));
}

/// The refusal of a file whose one tensor of 8 bytes is described like this.
std::string refusalOfTensor(llvm::StringRef description) { return refusal(("{\"x\":" + description + "}").str(), 8); }

#define EXPECT_REFUSAL(text, part)                                                                                     \
  do {                                                                                                                 \
    std::string result = text;                                                                                         \
    EXPECT_NE(result.find(part), std::string::npos) << "message: " << result;                                          \
    EXPECT_EQ(result.find('\n'), std::string::npos) << "message: " << result;                                          \
  } while (false)

TEST(Safetensors, ReadsTensors) {
  TemporaryFolder folder;
  std::string path = folder.write("m.safetensors", makeFile(kHeader, 40));
  ASSERT_VALUE(source, openSafetensors(path));
  ASSERT_VALUE(a, source->use("a", {2, 3}));
  EXPECT_EQ((*a)->kind, ElementKind::F32);
  EXPECT_EQ((*a)->offset, 8 + kHeader.size());
  EXPECT_EQ(source->bytes(**a)[23], 23);
  EXPECT_EQ(source->filePath(**a), path);
  ASSERT_VALUE(b, source->use("b", {1, 1, 4}));
  EXPECT_EQ((*b)->kind, ElementKind::BF16);
  EXPECT_EQ(source->bytes(**b)[0], 24);
  EXPECT_MESSAGE(source->use("c"), "tensor 'c' has type I64");
  EXPECT_EQ(source->unused(), (std::vector<llvm::StringRef>{"c", "d"}));
}

TEST(Safetensors, ReadsMetadata) {
  std::string file = makeFile(kHeader, 40);
  ASSERT_VALUE(header, parseSafetensorsHeader(file, "t.st"));
  EXPECT_EQ(header->metadata.at("format"), "pt");
  EXPECT_EQ(header->tensors.size(), 4u);
}

TEST(Safetensors, RefusesBadHeaders) {
  EXPECT_MESSAGE(parseSafetensorsHeader("short", "t.st"), "too short");
  std::string file = makeFile("{}", 0);
  file[7] = 1;
  EXPECT_MESSAGE(parseSafetensorsHeader(file, "t.st"), "over the limit");
  file = makeFile("{}", 0);
  file[0] = 100;
  EXPECT_MESSAGE(parseSafetensorsHeader(file, "t.st"), "beyond the end");
  EXPECT_REFUSAL(refusal("[]"), "does not start with '{'");
  EXPECT_REFUSAL(refusal("{\"a\":"), "not valid JSON");
  EXPECT_REFUSAL(refusal("{\"\xff\":1}"), "not valid JSON");
  EXPECT_REFUSAL(refusal("{\"__metadata__\":1}"), "'__metadata__'");
  EXPECT_REFUSAL(refusal("{\"__metadata__\":{\"a\":1}}"), "not a string");
  EXPECT_REFUSAL(refusal("{\"a\":1}"), "tensor 'a'");
}

TEST(Safetensors, RefusesBadTensors) {
  EXPECT_REFUSAL(refusalOfTensor(R"({"shape":[2],"data_offsets":[0,8]})"), "'dtype' is missing");
  EXPECT_REFUSAL(refusalOfTensor(R"({"dtype":"X9","shape":[2],"data_offsets":[0,8]})"), "dtype 'X9' is not known");
  EXPECT_REFUSAL(refusalOfTensor(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), "not a size");
  EXPECT_REFUSAL(refusalOfTensor(R"({"dtype":"F32","shape":[1.5],"data_offsets":[0,8]})"), "not a size");
  EXPECT_REFUSAL(refusalOfTensor(R"({"dtype":"F32","shape":[2],"data_offsets":[8]})"), "two offsets");
  EXPECT_REFUSAL(refusalOfTensor(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), "not a range");
  EXPECT_REFUSAL(refusalOfTensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,16]})"), "the file holds 8 bytes");
  EXPECT_REFUSAL(refusalOfTensor(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"),
                 "8 bytes do not fit the shape [3] of F32");
  EXPECT_REFUSAL(refusalOfTensor(R"({"dtype":"F32","shape":)"
                                 R"([4611686018427387904,2,2],)"
                                 R"("data_offsets":[0,8]})"),
                 "do not fit the shape");
}

TEST(Safetensors, RefusesHolesOverlapsAndRests) {
  EXPECT_REFUSAL(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                         R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
                         6),
                 "tensor 'b': its bytes start at 2, inside");
  EXPECT_REFUSAL(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})", 8), "behind a hole");
  EXPECT_REFUSAL(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 9), "5 bytes at the end");
}

TEST(Safetensors, RefusesDuplicateKeys) {
  EXPECT_REFUSAL(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                         R"("a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
                         4),
                 "is there twice");
  EXPECT_REFUSAL(refusalOfTensor(R"({"dtype":"F32","shape":[2],)"
                                 R"("data_offsets":[0,8],"sh\u0061pe":[1]})"),
                 "is there twice");
}

TEST(Safetensors, RefusesDeepNesting) {
  EXPECT_REFUSAL(refusal("{\"a\":" + std::string(100000, '[')), "nest more than 64 deep");
}

class Shards : public testing::Test {
protected:
  void SetUp() override {
    folder.write("one.safetensors", makeFile(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8));
    folder.write("two.safetensors", makeFile(R"({"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                             R"("c":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                                             8));
  }
  std::string index(llvm::StringRef map) {
    return folder.write("model.safetensors.index.json", ("{\"weight_map\":" + map + "}").str());
  }
  TemporaryFolder folder;
};

TEST_F(Shards, AreReadThroughTheIndex) {
  ASSERT_VALUE(source, openSafetensorsIndex(index(R"({"a":"one.safetensors","c":"two.safetensors"})")));
  ASSERT_VALUE(c, source->use("c", {1}));
  EXPECT_EQ(source->filePath(**c), folder.path("two.safetensors"));
  EXPECT_EQ(source->bytes(**c)[0], 4);
  EXPECT_EQ(source->find("b"), nullptr) << "the index does not list it";
}

TEST_F(Shards, MustHoldWhatTheIndexSays) {
  EXPECT_MESSAGE(openSafetensorsIndex(index(R"({"c":"one.safetensors"})")), "tensor 'c' is missing");
  EXPECT_MESSAGE(openSafetensorsIndex(index(R"({"c":"three.safetensors"})")), "three.safetensors: can not be opened");
}

TEST_F(Shards, StayInTheirFolder) {
  EXPECT_MESSAGE(openSafetensorsIndex(index(R"({"a":"../one.safetensors"})")), "is not the name of a shard");
  EXPECT_MESSAGE(openSafetensorsIndex(index(R"({"a":".."})")), "is not the name of a shard");
  EXPECT_MESSAGE(openSafetensorsIndex(index("[]")), "'weight_map'");
}

TEST(Safetensors, ReadsBeyondFourGigabytes) {
  constexpr uint64_t large = 5ull << 30;
  std::string header = R"({"a":{"dtype":"U8","shape":[5368709120],"data_offsets":[0,5368709120]},)"
                       R"("b":{"dtype":"F32","shape":[1],"data_offsets":[5368709120,5368709124]}})";
  TemporaryFolder folder;
  std::string path = folder.write("large.safetensors", makeFile(header, 0));
  int file = -1;
  ASSERT_FALSE(llvm::sys::fs::openFileForReadWrite(path, file, llvm::sys::fs::CD_OpenExisting, llvm::sys::fs::OF_None));
  std::error_code code = llvm::sys::fs::resize_file_sparse(file, 8 + header.size() + large + 4);
  llvm::sys::fs::closeFile(file);
  if (code)
    GTEST_SKIP() << "no sparse file: " << code.message();
  ASSERT_VALUE(source, openSafetensors(path));
  ASSERT_VALUE(b, source->use("b", {1}));
  EXPECT_EQ((*b)->offset, 8 + header.size() + large);
  EXPECT_EQ(source->bytes(**b)[3], 0);
}

TEST(Safetensors, NamesFilesThatCanNotBeOpened) {
  TemporaryFolder folder;
  EXPECT_MESSAGE(openSafetensors(folder.path("absent")), "can not be opened");
  EXPECT_MESSAGE(openSafetensors(folder.root()), "is not a regular file");
}

TEST(Safetensors, SurvivesCorruption) {
  std::string whole = makeFile(kHeader, 40);
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(message(parseSafetensorsHeader(llvm::StringRef(whole).take_front(size), "t.st")), "") << size;
  unsigned refused = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    std::string data = corrupt(whole, seed);
    auto header = parseSafetensorsHeader(data, "t.st");
    if (!header) {
      std::string text = llvm::toString(header.takeError());
      EXPECT_EQ(text.rfind("t.st: ", 0), 0u) << text;
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
      ++refused;
      continue;
    }
    for (const TensorEntry &entry : header->tensors)
      EXPECT_LE(entry.offset + entry.size, data.size());
  }
  EXPECT_GT(refused, 1000u);
}

} // namespace
