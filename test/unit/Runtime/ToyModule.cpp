#include "ToyModule.h"

#include "seq/Runtime/ABI.h"

#include <algorithm>
#include <cstdlib>
#include <elf.h>
#include <filesystem>
#include <fstream>
#include <limits>
#include <unistd.h>

namespace seqc::test {

std::vector<uint8_t> readFile(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(in), {});
}

void writeFile(const std::string &path, const std::vector<uint8_t> &bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

std::string temporaryPath(const std::string &name) {
  const auto *info = testing::UnitTest::GetInstance()->current_test_info();
  std::string prefix = info ? std::string(info->test_suite_name()) + "." + info->name() : "";
  return (std::filesystem::temp_directory_path() / ("seqrt-" + std::to_string(getpid()) + "-" + prefix + "-" + name))
      .string();
}

const std::vector<uint8_t> &toyImage() {
  static const std::vector<uint8_t> image = readFile(TOY_IMAGE);
  return image;
}

uint64_t toyAddress(const std::string &function) {
  const std::vector<uint8_t> &image = toyImage();
  const auto *header = reinterpret_cast<const Elf64_Ehdr *>(image.data());
  const auto *sections = reinterpret_cast<const Elf64_Shdr *>(image.data() + header->e_shoff);
  for (int i = 0; i < header->e_shnum; ++i) {
    if (sections[i].sh_type != SHT_SYMTAB)
      continue;
    const auto *symbols = reinterpret_cast<const Elf64_Sym *>(image.data() + sections[i].sh_offset);
    const char *names = reinterpret_cast<const char *>(image.data() + sections[sections[i].sh_link].sh_offset);
    for (size_t j = 0; j < sections[i].sh_size / sizeof(Elf64_Sym); ++j)
      if (function == names + symbols[j].st_name)
        return symbols[j].st_value;
  }
  ADD_FAILURE() << "no function " << function << " in the toy image";
  return 0;
}

const std::vector<float> &toyTable() {
  static const std::vector<float> table = [] {
    std::vector<float> values;
    for (int i = 0; i < 16 * 4; ++i)
      values.push_back(static_cast<float>(i % 7) - 2.0f);
    return values;
  }();
  return table;
}

using file::ElementType;
using file::symbolicDim;

static file::Export tokenExport(const char *name, const char *kind, std::vector<int64_t> ids,
                                std::vector<int64_t> result) {
  file::Export function;
  function.name = name;
  function.kind = kind;
  function.arguments = {{"ids", ElementType::I32, std::move(ids)}};
  function.results = {{"out", ElementType::F32, std::move(result)}};
  function.dims = {{"B", 0, 0}, {"T", 1, 0}};
  function.batchDim = 0;
  function.timeDim = 1;
  // 2·4·B·T FLOPs, and what every token in the context costs again.
  function.flops = {{8, {1, 1}}, {3, {1, 0, 1}}};
  function.bytes = {{256, {}}, {4, {1, 1}}};
  return function;
}

static void addExports(file::Module &module) {
  int64_t b = symbolicDim(0), t = symbolicDim(1);
  module.exports.push_back(tokenExport("forward", "forward", {b, t}, {b, t, 4}));
  module.exports.push_back(tokenExport("prefill", "prefill", {b, t}, {b, 4}));
  module.exports.push_back(tokenExport("step", "step", {b, 1}, {b, 4}));
  module.exports[1].states = {0, 1};
  file::Export &step = module.exports[2];
  step.states = {0, 1};
  step.dims.pop_back();
  step.timeDim = -1;
  step.tokensPerCall = 1;
  step.flops = step.bytes = {};

  file::Export doubling;
  doubling.name = "double";
  doubling.arguments = {{"x", ElementType::F32, {symbolicDim(0)}}};
  doubling.results = {{"doubled", ElementType::F32, {symbolicDim(0)}}, {"iterations", ElementType::I64, {1}}};
  doubling.dims = {{"N", 0, 1 << 20}};
  module.exports.push_back(doubling);

  file::Export fail;
  fail.name = "fail";
  fail.arguments = {{"code", ElementType::I32, {symbolicDim(0)}}};
  fail.dims = {{"N", 1, 0}};
  module.exports.push_back(fail);
}

static void addStates(file::Module &module) {
  using file::StateDim;
  file::State cache;
  cache.name = "cache";
  cache.kind = "kv";
  cache.hasCapacity = true;
  cache.components = {
      {ElementType::F32, {StateDim::batch(), StateDim::capacity(4), StateDim::fixed(4), StateDim::fixed(4)}, 0}};
  file::State totals;
  totals.name = "totals";
  totals.kind = "matrix";
  totals.components = {{ElementType::F32, {StateDim::batch(), StateDim::fixed(4)}, 0},
                       {ElementType::F32, {StateDim::batch()}, -std::numeric_limits<double>::infinity()}};
  module.states = {cache, totals};
}

file::Writer toyWriter() {
  file::Writer writer;
  file::Module &module = writer.module;
  module.producer = "seqrt tests";
  module.name = "toy";
  module.metadata = {{"license", "none"}, {"license.link", ""}};
  module.contextLength = 10;
  module.vocabularySize = 16;
  addExports(module);
  addStates(module);
  uint32_t code = writer.addSection("code", "baseline", toyImage().data(), toyImage().size());
  uint32_t weights = writer.addSection("weights", "", toyTable().data(), toyTable().size() * sizeof(float));
  static const char tokenizer[] = "the tokenizer";
  writer.addSection("tokenizer", "", tokenizer, sizeof(tokenizer));
  module.parameters = {{"table", "f32", {16, 4}, "", weights, 0, toyTable().size() * 4}};

  file::Target baseline;
  baseline.name = "baseline";
  baseline.features = {"sse2"};
  baseline.rank = 1;
  baseline.abiVersion = SEQ_ABI_VERSION;
  baseline.section = code;
  baseline.entries = {{toyAddress("toy_forward"), 0},
                      {toyAddress("toy_prefill"), 0},
                      {toyAddress("toy_step"), 0},
                      {toyAddress("toy_double"), toyAddress("toy_double_arena")},
                      {toyAddress("toy_fail"), toyAddress("toy_fail_arena")}};
  file::Target future = baseline;
  future.name = "future";
  future.features = {"sse2", "timetravel"};
  future.rank = 9;
  module.targets = {baseline, future};
  return writer;
}

AlignedBytes::AlignedBytes(const std::vector<uint8_t> &bytes)
    : address(static_cast<uint8_t *>(std::aligned_alloc(64, (bytes.size() + 64) / 64 * 64))), length(bytes.size()) {
  std::copy(bytes.begin(), bytes.end(), address);
}

AlignedBytes::~AlignedBytes() { std::free(address); }

void ToyTest::SetUp() {
  path = temporaryPath("toy.seqm");
  file::Status status = toyWriter().write(path);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_OK(seqrt_module_open(path.c_str(), nullptr, &module));
}

void ToyTest::TearDown() {
  for (seqrt_context *context : contexts)
    seqrt_context_release(context);
  seqrt_module_release(module);
  std::filesystem::remove(path);
}

seqrt_context *ToyTest::context(int64_t batch, int64_t capacity, int32_t threads) {
  seqrt_context_options options = SEQRT_CONTEXT_OPTIONS_INIT;
  options.batch = batch;
  options.capacity = capacity;
  options.threads = threads;
  seqrt_context *created = nullptr;
  EXPECT_OK(seqrt_context_create(module, &options, &created));
  contexts.push_back(created);
  return created;
}

} // namespace seqc::test
