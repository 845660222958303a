//===----------------------------------------------------------------------===//
//
// Saving and loading states, and the memory that states take.
//
//===----------------------------------------------------------------------===//

#include "ToyModule.h"

#include <csignal>
#include <filesystem>
#include <sys/mman.h>
#include <sys/resource.h>

using namespace seqc;
using namespace seqc::test;

namespace {

class SnapshotTest : public ToyTest {
protected:
  std::vector<float> feed(seqrt_context *context, std::vector<int32_t> ids) {
    Buffer<int32_t> input({1, static_cast<int64_t>(ids.size())}, ids);
    Buffer<float> out({1, 4});
    seqrt_tensor argument = input.tensor(), result = out.tensor();
    EXPECT_OK(seqrt_context_call(context, "prefill", &argument, 1, &result, 1));
    return out.elements;
  }

  std::vector<uint8_t> save(seqrt_context *context) {
    size_t size = 0;
    EXPECT_OK(seqrt_context_save_memory(context, nullptr, &size));
    std::vector<uint8_t> bytes(size);
    EXPECT_OK(seqrt_context_save_memory(context, bytes.data(), &size));
    EXPECT_EQ(size, bytes.size());
    return bytes;
  }

  seqrt_status load(seqrt_context *context, const std::vector<uint8_t> &bytes) {
    return seqrt_context_load_memory(context, bytes.data(), bytes.size());
  }
};

TEST_F(SnapshotTest, LoadContinuesWhereSaveWas) {
  seqrt_context *first = context();
  feed(first, {3, 1, 4, 1, 5});
  std::vector<uint8_t> saved = save(first);
  std::vector<float> expected = feed(first, {9, 2});

  seqrt_context *second = context();
  feed(second, {7, 7, 7, 7, 7, 7, 7, 7, 7});
  ASSERT_OK(load(second, saved));
  EXPECT_EQ(seqrt_context_tokens(second), 5);
  EXPECT_EQ(feed(second, {9, 2}), expected);
}

TEST_F(SnapshotTest, Files) {
  std::string file = temporaryPath("state");
  seqrt_context *first = context();
  feed(first, {3, 1, 4});
  ASSERT_OK(seqrt_context_save(first, file.c_str()));
  EXPECT_EQ(readFile(file), save(first));
  seqrt_context *second = context();
  ASSERT_OK(seqrt_context_load(second, file.c_str()));
  EXPECT_EQ(feed(second, {5}), feed(first, {5}));
  std::filesystem::remove(file);
  EXPECT_FAILURE(seqrt_context_load(second, file.c_str()), SEQRT_IO, "cannot open '" + file + "': No such file");
  EXPECT_FAILURE(seqrt_context_save(second, (file + "/x").c_str()), SEQRT_IO, "create the folder first");
}

TEST_F(SnapshotTest, OnlyTheTokensSoFarAreSaved) {
  seqrt_context *first = context();
  size_t empty = save(first).size();
  feed(first, {3, 1});
  size_t oneBlock = save(first).size();
  feed(first, {3, 1, 3});
  EXPECT_EQ(oneBlock - empty, 64u) << "a block of 4 tokens of 4 numbers";
  EXPECT_EQ(save(first).size() - oneBlock, 64u);
}

TEST_F(SnapshotTest, AnotherCapacityIsFineIfTheTokensFit) {
  seqrt_context *big = context();
  feed(big, {3, 1, 4, 1, 5});
  std::vector<uint8_t> saved = save(big);
  seqrt_context *medium = context(1, 6);
  ASSERT_OK(load(medium, saved));
  EXPECT_EQ(feed(medium, {9}), feed(big, {9}));
  seqrt_context *small = context(1, 4);
  feed(small, {2});
  EXPECT_FAILURE(load(small, saved), SEQRT_STATE_FULL,
                 "it holds 5 tokens, but the context has room for 4: create "
                 "the context with a larger capacity");
  EXPECT_EQ(feed(small, {2})[3], 2) << "a failed load must change nothing";
}

TEST_F(SnapshotTest, RowsOfABatch) {
  seqrt_context *two = context(2);
  Buffer<int32_t> ids({2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  Buffer<float> out({2, 4});
  seqrt_tensor argument = ids.tensor(), result = out.tensor();
  ASSERT_OK(seqrt_context_call(two, "prefill", &argument, 1, &result, 1));
  std::vector<uint8_t> saved = save(two);
  seqrt_context *other = context(2, 9);
  ASSERT_OK(load(other, saved));
  Buffer<int32_t> next({2, 1}, {11, 12});
  Buffer<float> expected({2, 4}), got({2, 4});
  argument = next.tensor();
  result = expected.tensor();
  ASSERT_OK(seqrt_context_call(two, "step", &argument, 1, &result, 1));
  result = got.tensor();
  ASSERT_OK(seqrt_context_call(other, "step", &argument, 1, &result, 1));
  EXPECT_EQ(got.elements, expected.elements);
  EXPECT_FAILURE(load(context(1), saved), SEQRT_INVALID_ARGUMENT, "it has a batch of 2, but the context one of 1");
}

TEST_F(SnapshotTest, DamageIsFound) {
  seqrt_context *first = context();
  feed(first, {3, 1, 4});
  std::vector<uint8_t> saved = save(first);
  seqrt_context *second = context();
  feed(second, {2});
  for (size_t size = 0; size < saved.size(); size += 3) {
    std::vector<uint8_t> cut(saved.begin(), saved.begin() + long(size));
    cut.reserve(1);
    EXPECT_FAILURE(load(second, cut), SEQRT_CORRUPT, "saved state");
  }
  for (size_t i = 0; i < saved.size(); ++i) {
    std::vector<uint8_t> damaged = saved;
    damaged[i] ^= 0x10;
    EXPECT_NE(load(second, damaged).code, SEQRT_OK) << "byte " << i;
  }
  EXPECT_EQ(feed(second, {2})[3], 2) << "a failed load must change nothing";
  size_t small = 10;
  EXPECT_FAILURE(seqrt_context_save_memory(first, saved.data(), &small), SEQRT_INVALID_ARGUMENT,
                 "but the buffer has 10");
}

TEST_F(SnapshotTest, StatesOfAnotherModuleAreRefused) {
  std::string otherPath = temporaryPath("other.seqm");
  file::Writer writer = toyWriter();
  writer.module.name = "another toy";
  ASSERT_TRUE(writer.write(otherPath).ok());
  seqrt_module *other = nullptr;
  ASSERT_OK(seqrt_module_open(otherPath.c_str(), nullptr, &other));
  seqrt_context *stranger = nullptr;
  ASSERT_OK(seqrt_context_create(other, nullptr, &stranger));
  EXPECT_FAILURE(load(stranger, save(context())), SEQRT_INVALID_ARGUMENT, "it is the state of another module");
  seqrt_context_release(stranger);
  seqrt_module_release(other);
  std::filesystem::remove(otherPath);
}

TEST_F(SnapshotTest, FullDiskLeavesTheOldFile) {
  std::string file = temporaryPath("state");
  seqrt_context *first = context();
  ASSERT_OK(seqrt_context_save(first, file.c_str()));
  std::vector<uint8_t> before = readFile(file);
  feed(first, {3, 1, 4});

  auto oldHandler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old;
  getrlimit(RLIMIT_FSIZE, &old);
  rlimit tight = {100, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  seqrt_status status = seqrt_context_save(first, file.c_str());
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, oldHandler);

  EXPECT_FAILURE(status, SEQRT_IO, "cannot write '" + file + "'");
  EXPECT_EQ(readFile(file), before);
  std::filesystem::remove(file);
}

/// Resident bytes of the pages of a state component.
size_t residentBytes(const seqrt_tensor &tensor) {
  size_t size = 4;
  for (int i = 0; i < tensor.ndim; ++i)
    size *= static_cast<size_t>(tensor.shape[i]);
  uintptr_t begin = reinterpret_cast<uintptr_t>(tensor.data) & ~uintptr_t(4095);
  size_t pages = (size + 4095) / 4096;
  std::vector<unsigned char> resident(pages);
  if (mincore(reinterpret_cast<void *>(begin), pages * 4096, resident.data()) != 0)
    return ~size_t(0);
  size_t count = 0;
  for (unsigned char page : resident)
    count += page & 1;
  return count * 4096;
}

TEST_F(SnapshotTest, UntouchedStatesTakeNoMemory) {
  std::string bigPath = temporaryPath("big.seqm");
  file::Writer writer = toyWriter();
  writer.module.contextLength = 1 << 20;
  ASSERT_TRUE(writer.write(bigPath).ok());
  seqrt_module *big = nullptr;
  ASSERT_OK(seqrt_module_open(bigPath.c_str(), nullptr, &big));
  uint64_t bytes = 0;
  ASSERT_OK(seqrt_module_state_bytes(big, 1, 1 << 20, &bytes));
  EXPECT_GE(bytes, 16u << 20);
  seqrt_context *used = nullptr, *copy = nullptr;
  ASSERT_OK(seqrt_context_create(big, nullptr, &used));
  feed(used, {3, 1, 4, 1, 5});
  ASSERT_OK(seqrt_context_clone(used, &copy));
  for (seqrt_context *context : {used, copy}) {
    seqrt_tensor tensor;
    ASSERT_OK(seqrt_context_state(context, 0, 0, &tensor));
    EXPECT_LE(residentBytes(tensor), 64u << 10);
    EXPECT_GT(residentBytes(tensor), 0u);
  }
  EXPECT_LT(save(copy).size(), 1000u);
  ASSERT_OK(seqrt_context_reset(used));
  seqrt_tensor tensor;
  ASSERT_OK(seqrt_context_state(used, 0, 0, &tensor));
  EXPECT_EQ(residentBytes(tensor), 0u);
  seqrt_context_release(copy);
  seqrt_context_release(used);
  seqrt_module_release(big);
  std::filesystem::remove(bigPath);
}

TEST_F(SnapshotTest, TooLargeStatesAreAnError) {
  seqrt_context_options options = SEQRT_CONTEXT_OPTIONS_INIT;
  options.batch = int64_t(1) << 40;
  seqrt_context *context = nullptr;
  EXPECT_FAILURE(seqrt_context_create(module, &options, &context), SEQRT_INVALID_ARGUMENT, "a batch of");
  uint64_t bytes = 0;
  EXPECT_FAILURE(seqrt_module_state_bytes(module, int64_t(1) << 40, 1 << 20, &bytes), SEQRT_OUT_OF_MEMORY,
                 "ask for a smaller batch or capacity");
}

} // namespace
