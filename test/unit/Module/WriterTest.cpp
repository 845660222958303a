//===----------------------------------------------------------------------===//
//
// Writing modules: what comes out, and what happens when it cannot.
//
//===----------------------------------------------------------------------===//

#include "seq/Module/Writer.h"
#include "seq/Module/Digest.h"
#include "seq/Module/Reader.h"

#include "gtest/gtest.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numeric>
#include <sys/resource.h>
#include <unistd.h>

using namespace seqc::file;
namespace fs = std::filesystem;

namespace {

class WriterTest : public testing::Test {
protected:
  void SetUp() override {
    const auto *info = testing::UnitTest::GetInstance()->current_test_info();
    folder = fs::temp_directory_path() / ("seqm-" + std::to_string(getpid()) + "-" + info->name());
    fs::create_directory(folder);
    path = folder / "model.seqm";
  }
  void TearDown() override { fs::remove_all(folder); }

  std::vector<uint8_t> read(const fs::path &file) {
    std::ifstream in(file, std::ios::binary);
    return std::vector<uint8_t>(std::istreambuf_iterator<char>(in), {});
  }

  /// The names in the test's folder.
  std::vector<std::string> files() {
    std::vector<std::string> names;
    for (const auto &entry : fs::directory_iterator(folder))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  void expectInvalid(const std::string &text) {
    Status status = writer.write(path);
    EXPECT_NE(status.message().find(text), std::string::npos) << status.message();
    EXPECT_EQ(status.message().find("cannot write '" + path), 0u);
    EXPECT_EQ(files(), std::vector<std::string>{});
    fill();
  }

  /// A description that uses every field.
  void fill() {
    writer = Writer();
    Module &module = writer.module;
    module.producer = "a test";
    module.name = "model";
    module.metadata = {{"b", "2"}, {"a", "1"}, {"empty", ""}};
    module.contextLength = 2048;
    module.vocabularySize = 7;
    module.stopTokens = {2, 5};
    Export function;
    function.name = "f";
    function.kind = "step";
    function.arguments = {{"x", ElementType::BF16, {symbolicDim(1), 3, symbolicDim(0)}}};
    function.results = {{"y", ElementType::Bool, {}}};
    function.dims = {{"B", 1, 8}, {"T", 0, 0}};
    function.batchDim = 0;
    function.timeDim = 1;
    function.tokensPerCall = 3;
    function.states = {0};
    function.flops = {{2.5, {1, 2, 0}}, {1, {}}};
    function.bytes = {{4, {0, 1}}};
    module.exports = {function};
    State state;
    state.name = "cache";
    state.kind = "kv";
    state.hasCapacity = true;
    state.components = {{ElementType::F16, {StateDim::batch(), StateDim::capacity(32), StateDim::fixed(5)}, 0.5}};
    module.states = {state};
    weights.resize(1000);
    std::iota(weights.begin(), weights.end(), uint8_t(1));
    writer.addSection("code", "v3", "machine", 7);
    writer.addSection("weights", "w", weights.data(), weights.size());
    writer.addSection("empty", "", nullptr, 0);
    module.parameters = {{"p", "q4_1", {3, 4}, "panels8", 1, 64, 100}};
    Target target;
    target.name = "x86-64-v3";
    target.features = {"avx2", "fma"};
    target.rank = 3;
    target.abiVersion = 1;
    target.entries = {{0x1000, 0x2000}};
    module.targets = {target};
  }

  fs::path folder;
  std::string path;
  Writer writer;
  std::vector<uint8_t> weights;
};

TEST_F(WriterTest, EverythingComesBack) {
  fill();
  Status status = writer.write(path);
  ASSERT_TRUE(status.ok()) << status.message();
  std::unique_ptr<ModuleFile> file;
  status = ModuleFile::open(path, {}, file);
  ASSERT_TRUE(status.ok()) << status.message();
  const Module &module = file->module();
  EXPECT_EQ(module.producer, "a test");
  EXPECT_EQ(module.name, "model");
  EXPECT_EQ(module.metadata, writer.module.metadata);
  EXPECT_EQ(module.contextLength, 2048);
  EXPECT_EQ(module.vocabularySize, 7);
  EXPECT_EQ(module.stopTokens, (std::vector<int64_t>{2, 5}));

  ASSERT_EQ(module.exports.size(), 1u);
  const Export &function = module.exports[0];
  EXPECT_EQ(function.name, "f");
  EXPECT_EQ(function.kind, "step");
  ASSERT_EQ(function.arguments.size(), 1u);
  EXPECT_EQ(function.arguments[0].name, "x");
  EXPECT_EQ(function.arguments[0].type, ElementType::BF16);
  EXPECT_EQ(function.arguments[0].shape, (std::vector<int64_t>{-2, 3, -1}));
  EXPECT_EQ(function.results[0].type, ElementType::Bool);
  EXPECT_TRUE(function.results[0].shape.empty());
  ASSERT_EQ(function.dims.size(), 2u);
  EXPECT_EQ(function.dims[0].name, "B");
  EXPECT_EQ(function.dims[0].min, 1);
  EXPECT_EQ(function.dims[0].max, 8);
  EXPECT_EQ(function.batchDim, 0);
  EXPECT_EQ(function.timeDim, 1);
  EXPECT_EQ(function.tokensPerCall, 3);
  EXPECT_EQ(function.states, std::vector<uint32_t>{0});
  ASSERT_EQ(function.flops.size(), 2u);
  EXPECT_EQ(function.flops[0].coefficient, 2.5);
  EXPECT_EQ(function.flops[0].exponents, (std::vector<uint8_t>{1, 2, 0}));
  EXPECT_EQ(function.bytes[0].exponents, (std::vector<uint8_t>{0, 1}));

  ASSERT_EQ(module.states.size(), 1u);
  const State &state = module.states[0];
  EXPECT_EQ(state.name, "cache");
  EXPECT_EQ(state.kind, "kv");
  EXPECT_TRUE(state.hasCapacity);
  const StateComponent &component = state.components[0];
  EXPECT_EQ(component.type, ElementType::F16);
  EXPECT_EQ(component.fill, 0.5);
  ASSERT_EQ(component.dims.size(), 3u);
  EXPECT_EQ(component.dims[0].kind, StateDim::Kind::Batch);
  EXPECT_EQ(component.dims[1].kind, StateDim::Kind::Capacity);
  EXPECT_EQ(component.dims[1].value, 32);
  EXPECT_EQ(component.dims[2].value, 5);

  const Parameter &parameter = module.parameters[0];
  EXPECT_EQ(parameter.name, "p");
  EXPECT_EQ(parameter.type, "q4_1");
  EXPECT_EQ(parameter.shape, (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(parameter.packing, "panels8");
  EXPECT_EQ(parameter.offset, 64u);
  EXPECT_EQ(parameter.size, 100u);

  const Target &target = module.targets[0];
  EXPECT_EQ(target.name, "x86-64-v3");
  EXPECT_EQ(target.device, "cpu");
  EXPECT_EQ(target.features, (std::vector<std::string>{"avx2", "fma"}));
  EXPECT_EQ(target.rank, 3);
  EXPECT_EQ(target.abiVersion, 1u);
  EXPECT_EQ(target.entries[0].function, 0x1000u);
  EXPECT_EQ(target.entries[0].arena, 0x2000u);

  ASSERT_EQ(module.sections.size(), 3u);
  EXPECT_EQ(module.sections[1].kind, "weights");
  EXPECT_EQ(module.sections[1].offset % 64, 0u);
  EXPECT_EQ(module.sections[1].digest, digestOf(weights.data(), weights.size()));
  EXPECT_EQ(std::vector<uint8_t>(file->sectionData(1), file->sectionData(1) + weights.size()), weights);
  EXPECT_EQ(file->sectionData(2), nullptr);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_TRUE(file->verifySection(i).ok());
}

TEST_F(WriterTest, EqualDescriptionsGiveEqualBytes) {
  fill();
  ASSERT_TRUE(writer.write(path).ok());
  std::vector<uint8_t> first = read(path);
  ASSERT_TRUE(writer.write(path).ok()) << "the same writer again";
  EXPECT_EQ(read(path), first);
  fill();
  std::string other = folder / "other.seqm";
  ASSERT_TRUE(writer.write(other).ok()) << "another name";
  EXPECT_EQ(read(other), first);
  EXPECT_EQ(files(), (std::vector<std::string>{"model.seqm", "other.seqm"}));
  writer.module.metadata[0].second = "3";
  ASSERT_TRUE(writer.write(other).ok());
  EXPECT_NE(read(other), first);
}

TEST_F(WriterTest, PiecesOfAnySize) {
  fill();
  std::vector<uint8_t> large(7 << 20);
  for (size_t i = 0; i < large.size(); ++i)
    large[i] = static_cast<uint8_t>(i >> 8 ^ i);
  std::fill(large.begin() + (1 << 20), large.begin() + (6 << 20), 0); // a hole, with all of a huge page
  writer.addSection("pieces", "", large.size(), [&](const Emit &emit) {
    size_t piece = 1;
    for (size_t at = 0; at < large.size(); at += piece, piece = piece * 3 + 1) {
      piece = std::min(piece, large.size() - at);
      if (Status status = emit(&large[at], piece); status.failed())
        return status;
    }
    return Status();
  });
  Status status = writer.write(path);
  ASSERT_TRUE(status.ok()) << status.message();
  std::unique_ptr<ModuleFile> file;
  ASSERT_TRUE(ModuleFile::open(path, {}, file).ok());
  EXPECT_TRUE(file->verifySection(3).ok());
  EXPECT_TRUE(std::equal(large.begin(), large.end(), file->sectionData(3)));
}

TEST_F(WriterTest, ExternalSections) {
  fill();
  writer.module.sections[1].file = "model.weights";
  ASSERT_TRUE(writer.write(path).ok());
  EXPECT_EQ(files(), (std::vector<std::string>{"model.seqm", "model.weights"}));
  EXPECT_EQ(read(folder / "model.weights"), weights);
  std::unique_ptr<ModuleFile> file;
  ASSERT_TRUE(ModuleFile::open(path, {}, file).ok());
  EXPECT_TRUE(file->verifySection(1).ok());

  fs::create_directory(folder / "elsewhere");
  fs::rename(folder / "model.weights", folder / "elsewhere/model.weights");
  Status status = ModuleFile::open(path, {}, file);
  EXPECT_NE(status.message().find("its weights: cannot open '"), std::string::npos) << status.message();
  ReadOptions options;
  options.externalFolder = folder / "elsewhere";
  EXPECT_TRUE(ModuleFile::open(path, options, file).ok());
  options.externalFolder.clear();
  options.skipExternal = true;
  ASSERT_TRUE(ModuleFile::open(path, options, file).ok());
  EXPECT_EQ(file->sectionData(1), nullptr);
  EXPECT_EQ(file->verifySection(1).code(), SEQRT_IO);
}

TEST_F(WriterTest, WrongNumberOfBytes) {
  fill();
  writer.addSection("odd", "one", 10, [](const Emit &emit) { return emit("123", 3); });
  Status status = writer.write(path);
  EXPECT_EQ(status.message(), "section 'one': 3 of its 10 bytes were produced");
  fill();
  writer.addSection("odd", "two", 2, [](const Emit &emit) { return emit("123", 3); });
  status = writer.write(path);
  EXPECT_EQ(status.message(), "section 'two': more than its 2 bytes were produced");
  EXPECT_EQ(files(), std::vector<std::string>{});
}

TEST_F(WriterTest, FailingProducer) {
  fill();
  ASSERT_TRUE(writer.write(path).ok());
  std::vector<uint8_t> before = read(path);
  writer.addSection("odd", "", 10, [](const Emit &emit) {
    Status status = emit("12345", 5);
    return status.ok() ? makeError(SEQRT_IO, "the weights are gone") : status;
  });
  EXPECT_EQ(writer.write(path).message(), "the weights are gone");
  EXPECT_EQ(read(path), before) << "the old module must stay";
  EXPECT_EQ(files(), std::vector<std::string>{"model.seqm"});
}

TEST_F(WriterTest, FullDisk) {
  fill();
  ASSERT_TRUE(writer.write(path).ok());
  std::vector<uint8_t> before = read(path);
  std::vector<uint8_t> large(1 << 20, 1);
  writer.addSection("large", "", large.data(), large.size());
  writer.module.sections[1].file = "model.weights";

  auto oldHandler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old;
  getrlimit(RLIMIT_FSIZE, &old);
  rlimit tight = {100000, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  Status status = writer.write(path);
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, oldHandler);

  EXPECT_EQ(status.code(), SEQRT_IO);
  EXPECT_EQ(status.message(), "cannot write '" + path + "': File too large (the file size limit is too small)");
  EXPECT_EQ(read(path), before) << "the old module must stay";
  EXPECT_EQ(files(), std::vector<std::string>{"model.seqm"});
}

TEST_F(WriterTest, PlacesThatCannotBeWritten) {
  fill();
  Status status = writer.write(folder / "missing" / "model.seqm");
  EXPECT_NE(status.message().find("No such file or directory (create the "
                                  "folder first)"),
            std::string::npos)
      << status.message();
  status = writer.write(folder);
  EXPECT_NE(status.message().find("not a regular file"), std::string::npos);
  EXPECT_NE(writer.write("/dev/full").message().find("not a regular file"), std::string::npos);
}

TEST_F(WriterTest, LinksAreFollowed) {
  fill();
  std::ofstream(folder / "target.seqm") << "old";
  fs::create_symlink("target.seqm", folder / "model.seqm");
  ASSERT_TRUE(writer.write(path).ok());
  EXPECT_TRUE(fs::is_symlink(path));
  EXPECT_GT(fs::file_size(folder / "target.seqm"), 1000u);
}

TEST_F(WriterTest, RulesOfTheDescription) {
  fill();
  Module &module = writer.module;
  module.exports.push_back(module.exports[0]);
  expectInvalid("export 1 'f': an earlier one has the same name");
  module.exports[0].name = "";
  expectInvalid("export 0 '': it has no name");
  module.exports[0].arguments[0].shape = {symbolicDim(2)};
  expectInvalid("export 0 'f': argument 0: its shape names symbolic dimension "
                "2 of 2");
  module.exports[0].results[0].shape = std::vector<int64_t>(9, 1);
  expectInvalid("result 0: rank 9 is over 8");
  module.exports[0].results[0].shape = {std::numeric_limits<int64_t>::max()};
  expectInvalid("result 0: its shape has the size");
  module.exports[0].results[0].type = ElementType(13);
  expectInvalid("unknown element type 13");
  module.exports[0].batchDim = 2;
  expectInvalid("its batch or time dimension is 2 of 2");
  module.exports[0].timeDim = -2;
  expectInvalid("its batch or time dimension is -2 of 2");
  module.exports[0].dims[0] = {"B", 5, 4};
  expectInvalid("symbolic dimension 'B' has the range 5 to 4");
  module.exports[0].tokensPerCall = -1;
  expectInvalid("it adds -1 tokens a call");
  module.exports[0].states = {1};
  expectInvalid("it takes state 1 of 1");
  module.exports[0].states = {0, 0};
  expectInvalid("it takes state 0 twice");
  module.exports[0].flops = {{1, {1, 1, 1, 1}}};
  expectInvalid("4 exponents for 2 dimensions");
  module.exports[0].bytes = {{1, {9}}};
  expectInvalid("its cost has the exponent 9");
  module.exports[0].dims.resize(17);
  expectInvalid("17 symbolic dimensions are over 16");

  module.states[0].components.clear();
  expectInvalid("state 0 'cache': it has 0 components, not 1 to 4");
  module.states[0].components.resize(5);
  expectInvalid("5 components");
  module.states[0].hasCapacity = false;
  expectInvalid("component 0: a dimension grows with the tokens, but the state "
                "has no capacity");
  module.states[0].components[0].dims[2] = StateDim::capacity(1);
  expectInvalid("more than one dimension grows");
  module.states[0].components[0].dims[2] = StateDim::fixed(0);
  expectInvalid("a dimension has the size 0");
  module.states[0].components[0].dims[2].kind = StateDim::Kind(3);
  expectInvalid("unknown kind of dimension 3");
  module.states[0].components[0].type = ElementType::I8;
  module.states[0].components[0].fill = std::numeric_limits<double>::infinity();
  expectInvalid("integers cannot start as inf");

  module.parameters[0].section = 3;
  expectInvalid("parameter 0 'p': it is in section 3 of 3");
  module.parameters[0].offset = 8;
  expectInvalid("its offset 8 is not a multiple of 64");
  module.parameters[0].size = 937;
  expectInvalid("its 937 bytes at offset 64 leave the section of 1000 bytes");
  module.parameters[0].offset = ~uint64_t(63);
  expectInvalid("leave the section");
  module.parameters[0].shape = {-1};
  expectInvalid("its shape has the size -1");

  module.targets[0].section = 1;
  expectInvalid("target 0 'x86-64-v3': section 1 is not a code section");
  module.targets[0].entries.clear();
  expectInvalid("it has 0 entries for 1 exports");
  module.sections[0].file = "code";
  expectInvalid("its code is outside of the module");
  for (const char *name : {"../weights", "a/b", ".", ".."}) {
    module.sections[1].file = name;
    expectInvalid("is not a plain file name");
  }
  module.sections[1].kind = "";
  expectInvalid("section 1 'w': it has no kind");
  module.sections.push_back(module.sections[1]);
  expectInvalid("without addSection");
  module.sections[1].size = uint64_t(1) << 60;
  expectInvalid("bytes are too many");
  module.contextLength = -1;
  expectInvalid("the context length is -1");
  module.stopTokens = {2, 7};
  expectInvalid("the stop token 7 is not in the vocabulary");
  module.vocabularySize = -5;
  expectInvalid("the vocabulary size is -5");
}

TEST(ElementTypeTest, NamesAndSizes) {
  for (int i = 0; i <= int(lastElementType); ++i) {
    ElementType type = ElementType(i);
    EXPECT_EQ(parseElementType(elementName(type)), type);
  }
  EXPECT_EQ(parseElementType("f31"), std::nullopt);
  EXPECT_EQ(elementSize(ElementType::BF16), 2u);
  EXPECT_EQ(elementSize(ElementType::I64), 8u);
}

TEST(DigestTest, PiecesAndHex) {
  Hasher hasher;
  hasher.update("ab", 2);
  hasher.update(nullptr, 0);
  hasher.update("c", 1);
  EXPECT_EQ(hasher.digest(), digestOf("abc", 3));
  EXPECT_EQ(toHex(digestOf("abc", 3)), "06b05ab6733a618578af5f94892f3950");
  EXPECT_NE(digestOf("abd", 3), digestOf("abc", 3));
}

} // namespace
