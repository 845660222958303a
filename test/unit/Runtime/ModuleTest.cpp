//===----------------------------------------------------------------------===//
//
// Opening modules and looking into them; choosing code.
//
//===----------------------------------------------------------------------===//

#include "Runtime/Cpu.h"
#include "ToyModule.h"

#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

using namespace seqc;
using namespace seqc::test;

namespace {

class ModuleTest : public ToyTest {
protected:
  /// Writes a variant of the toy module and opens it.
  seqrt_status open(file::Writer writer, const seqrt_open_options *options = nullptr) {
    variantPath = temporaryPath("variant.seqm");
    file::Status status = writer.write(variantPath);
    EXPECT_TRUE(status.ok()) << status.message();
    return seqrt_module_open(variantPath.c_str(), options, &variant);
  }

  void TearDown() override {
    seqrt_module_release(variant);
    if (!variantPath.empty())
      std::filesystem::remove(variantPath);
    ToyTest::TearDown();
  }

  std::string variantPath;
  seqrt_module *variant = nullptr;
};

TEST_F(ModuleTest, Inspection) {
  const seqrt_module_info *info = seqrt_module_get_info(module);
  EXPECT_STREQ(info->name, "toy");
  EXPECT_STREQ(info->producer, "seqrt tests");
  EXPECT_STREQ(info->target, "baseline");
  EXPECT_EQ(info->context_length, 10);
  EXPECT_EQ(info->vocabulary_size, 16);
  EXPECT_EQ(info->file_size, std::filesystem::file_size(path));

  ASSERT_EQ(seqrt_module_metadata_count(module), 2u);
  const char *key = nullptr, *value = nullptr;
  EXPECT_EQ(seqrt_module_metadata(module, 1, &key, &value), 1);
  EXPECT_STREQ(key, "license.link");
  EXPECT_EQ(seqrt_module_metadata(module, 2, &key, &value), 0);
  EXPECT_STREQ(seqrt_module_find_metadata(module, "license"), "none");
  EXPECT_EQ(seqrt_module_find_metadata(module, "author"), nullptr);

  uint64_t size = 0;
  const void *tokenizer = seqrt_module_section(module, "tokenizer", &size);
  ASSERT_NE(tokenizer, nullptr);
  EXPECT_EQ(std::string(static_cast<const char *>(tokenizer), size), std::string("the tokenizer", 14));
  EXPECT_EQ(seqrt_module_section(module, "spell book", &size), nullptr);
  EXPECT_OK(seqrt_module_verify(module));
}

TEST_F(ModuleTest, Signatures) {
  ASSERT_EQ(seqrt_module_export_count(module), 5u);
  EXPECT_EQ(seqrt_module_find_export(module, "prefill"), 1);
  EXPECT_EQ(seqrt_module_find_export(module, "nothing"), -1);
  EXPECT_EQ(seqrt_module_export(module, 5), nullptr);
  const seqrt_export_info *prefill = seqrt_module_export(module, 1);
  EXPECT_STREQ(prefill->kind, "prefill");
  ASSERT_EQ(prefill->argument_count, 1u);
  const seqrt_tensor_info *ids = prefill->arguments[0];
  EXPECT_STREQ(ids->name, "ids");
  EXPECT_STREQ(seqrt_dtype_name(ids->dtype), "i32");
  ASSERT_EQ(ids->rank, 2);
  EXPECT_EQ(ids->shape[0], SEQRT_DIM(0));
  EXPECT_EQ(SEQRT_DIM_INDEX(ids->shape[1]), 1u);
  EXPECT_EQ(prefill->results[0]->shape[1], 4);
  ASSERT_EQ(prefill->dim_count, 2u);
  EXPECT_STREQ(prefill->dims[1]->name, "T");
  EXPECT_EQ(prefill->dims[1]->min, 1);
  EXPECT_EQ(prefill->batch_dim, 0);
  EXPECT_EQ(prefill->time_dim, 1);
  ASSERT_EQ(prefill->state_count, 2u);
  EXPECT_EQ(prefill->states[1], 1u);
  EXPECT_EQ(seqrt_module_export(module, 2)->tokens_per_call, 1);
}

TEST_F(ModuleTest, StatesParametersTargets) {
  ASSERT_EQ(seqrt_module_state_count(module), 2u);
  EXPECT_STREQ(seqrt_module_state(module, 0)->kind, "kv");
  EXPECT_TRUE(seqrt_module_state(module, 0)->has_capacity);
  EXPECT_EQ(seqrt_module_state(module, 1)->component_count, 2u);
  EXPECT_FALSE(seqrt_module_state(module, 1)->has_capacity);
  EXPECT_EQ(seqrt_module_state(module, 2), nullptr);

  ASSERT_EQ(seqrt_module_parameter_count(module), 1u);
  const seqrt_parameter_info *table = seqrt_module_parameter(module, 0);
  EXPECT_STREQ(table->name, "table");
  EXPECT_STREQ(table->type, "f32");
  EXPECT_EQ(table->shape[0], 16);
  ASSERT_EQ(table->size, 256u);
  EXPECT_EQ(std::memcmp(table->data, toyTable().data(), 256), 0);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(table->data) % 64, 0u);

  ASSERT_EQ(seqrt_module_target_count(module), 2u);
  EXPECT_TRUE(seqrt_module_target(module, 0)->supported);
  EXPECT_FALSE(seqrt_module_target(module, 1)->supported);
  EXPECT_STREQ(seqrt_module_target(module, 1)->features, "sse2,timetravel");
}

TEST_F(ModuleTest, Costs) {
  int64_t dims[] = {2, 5};
  double flops = 0, bytes = 0;
  ASSERT_OK(seqrt_module_export_cost(module, 0, dims, 100, &flops, &bytes));
  EXPECT_EQ(flops, 8 * 2 * 5 + 3 * 2 * 100);
  EXPECT_EQ(bytes, 256 + 4 * 2 * 5);
  EXPECT_FAILURE(seqrt_module_export_cost(module, 9, dims, 0, &flops, &bytes), SEQRT_NOT_FOUND, "no export 9");
}

TEST_F(ModuleTest, FromMemory) {
  AlignedBytes bytes(readFile(path));
  ASSERT_OK(seqrt_module_open_memory(bytes.data(), bytes.size(), nullptr, &variant));
  EXPECT_STREQ(seqrt_module_get_info(variant)->name, "toy");
  const auto *data = static_cast<const uint8_t *>(seqrt_module_parameter(variant, 0)->data);
  EXPECT_GE(data, bytes.data());
  EXPECT_LT(data, bytes.data() + bytes.size());
  seqrt_module *none = nullptr;
  EXPECT_FAILURE(seqrt_module_open_memory(bytes.data() + 8, bytes.size() - 8, nullptr, &none), SEQRT_INVALID_ARGUMENT,
                 "not a multiple of 64");
  EXPECT_FAILURE(seqrt_module_open_memory(nullptr, 0, nullptr, &none), SEQRT_CORRUPT, "not a seqc module");
}

TEST_F(ModuleTest, WeightsInAFileOfTheirOwn) {
  file::Writer writer = toyWriter();
  std::string weights = temporaryPath("weights");
  writer.module.sections[1].file = std::filesystem::path(weights).filename().string();
  ASSERT_OK(open(std::move(writer)));
  EXPECT_EQ(readFile(weights).size(), 256u);
  EXPECT_EQ(std::memcmp(seqrt_module_parameter(variant, 0)->data, toyTable().data(), 256), 0);
  EXPECT_OK(seqrt_module_verify(variant));

  seqrt_module *other = nullptr;
  std::vector<uint8_t> bytes = readFile(weights);
  bytes[17] ^= 1;
  writeFile(weights, bytes);
  EXPECT_FAILURE(seqrt_module_open(variantPath.c_str(), nullptr, &other), SEQRT_CORRUPT,
                 "section 1 (weights ''): wrong digest");
  bytes.resize(100);
  writeFile(weights, bytes);
  EXPECT_FAILURE(seqrt_module_open(variantPath.c_str(), nullptr, &other), SEQRT_CORRUPT,
                 "have 100 bytes, not 256 (truncated?)");
  std::filesystem::remove(weights);
  EXPECT_FAILURE(seqrt_module_open(variantPath.c_str(), nullptr, &other), SEQRT_IO,
                 "its weights: cannot open '" + weights + "'");
}

TEST_F(ModuleTest, TheBestTargetThatRunsIsTaken) {
  file::Writer writer = toyWriter();
  file::Target better = writer.module.targets[0];
  better.name = "better";
  better.rank = 2;
  writer.module.targets.push_back(better);
  file::Target gpu = better;
  gpu.name = "gpu";
  gpu.device = "vulkan";
  gpu.rank = 100;
  writer.module.targets.push_back(gpu);
  ASSERT_OK(open(writer));
  EXPECT_STREQ(seqrt_module_get_info(variant)->target, "better");

  seqrt_open_options options = SEQRT_OPEN_OPTIONS_INIT;
  options.target = "baseline";
  seqrt_module *other = nullptr;
  ASSERT_OK(seqrt_module_open(variantPath.c_str(), &options, &other));
  EXPECT_STREQ(seqrt_module_get_info(other)->target, "baseline");
  seqrt_module_release(other);
  options.target = "future";
  EXPECT_FAILURE(seqrt_module_open(variantPath.c_str(), &options, &other), SEQRT_UNSUPPORTED,
                 "no code for this machine: future needs timetravel");
  options.target = "past";
  EXPECT_FAILURE(seqrt_module_open(variantPath.c_str(), &options, &other), SEQRT_NOT_FOUND, "no target 'past'");
}

TEST_F(ModuleTest, NoTargetThatRuns) {
  file::Writer writer = toyWriter();
  writer.module.targets[0].features = {"avx2", "magic"};
  writer.module.targets[1].abiVersion = 99;
  EXPECT_FAILURE(open(writer), SEQRT_UNSUPPORTED, "magic");
  writer.module.targets.erase(writer.module.targets.begin());
  EXPECT_FAILURE(open(writer), SEQRT_UNSUPPORTED, "future has ABI version 99 and this seqrt 1");
  writer.module.targets.clear();
  EXPECT_FAILURE(open(writer), SEQRT_UNSUPPORTED, "it holds no code");
}

TEST_F(ModuleTest, EntriesMustBeCode) {
  file::Writer writer = toyWriter();
  writer.module.targets[0].entries[2].function = 0x10; // the ELF header
  EXPECT_FAILURE(open(writer), SEQRT_CORRUPT,
                 "code of target 'baseline': the entry of export 'step' is "
                 "not in its code");
  writer = toyWriter();
  writer.module.targets[0].entries[3].arena = uint64_t(1) << 60;
  EXPECT_FAILURE(open(writer), SEQRT_CORRUPT, "the entry of export 'double'");
}

TEST_F(ModuleTest, FilesThatAreNoModules) {
  seqrt_module *none = nullptr;
  std::string missing = temporaryPath("missing.seqm");
  EXPECT_FAILURE(seqrt_module_open(missing.c_str(), nullptr, &none), SEQRT_IO,
                 "cannot open '" + missing + "': No such file or directory");
  EXPECT_EQ(none, nullptr);
  EXPECT_FAILURE(seqrt_module_open("/dev/null", nullptr, &none), SEQRT_IO, "not a regular file");
  EXPECT_FAILURE(seqrt_module_open(nullptr, nullptr, &none), SEQRT_INVALID_ARGUMENT, "path is a null pointer");
  EXPECT_FAILURE(seqrt_module_open(path.c_str(), nullptr, nullptr), SEQRT_INVALID_ARGUMENT, "null pointer");
}

TEST_F(ModuleTest, OptionsOfAnOlderCaller) {
  // Only struct_size and target were known to it; the rest is garbage.
  seqrt_open_options options;
  std::memset(&options, 0xff, sizeof(options));
  options.struct_size = offsetof(seqrt_open_options, weights_folder);
  options.target = nullptr;
  EXPECT_OK(seqrt_module_open(path.c_str(), &options, &variant));
}

TEST_F(ModuleTest, ThreadsShareAModule) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 50; ++round) {
        seqrt_context_options options = SEQRT_CONTEXT_OPTIONS_INIT;
        options.threads = 1 + i % 2;
        seqrt_context *context = nullptr;
        ASSERT_OK(seqrt_context_create(module, &options, &context));
        Buffer<int32_t> ids({1, 3}, {i, 1, 2});
        Buffer<float> out({1, 4});
        seqrt_tensor argument = ids.tensor(), result = out.tensor();
        EXPECT_OK(seqrt_context_call(context, "prefill", &argument, 1, &result, 1));
        EXPECT_EQ(out.elements[0], 0);
        seqrt_context_release(context);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST_F(ModuleTest, CpuFeatures) {
  EXPECT_TRUE(rt::cpuHasFeature("sse2"));
  EXPECT_FALSE(rt::cpuHasFeature("timetravel"));
  EXPECT_EQ(rt::cpuHasFeature("avx512_vnni"), rt::cpuHasFeature("avx512vnni"));
  EXPECT_EQ(rt::cpuHasFeature("avx2"), bool(__builtin_cpu_supports("avx2")));
  EXPECT_EQ(rt::cpuHasFeature("avx512f"), bool(__builtin_cpu_supports("avx512f")));
  EXPECT_EQ(rt::missingFeatures({"sse2", "magic", "timetravel"}), "magic, timetravel");
}

} // namespace
