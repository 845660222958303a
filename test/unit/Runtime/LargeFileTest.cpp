//===----------------------------------------------------------------------===//
//
// A module of more than 4 GiB, most of it a hole.
//
//===----------------------------------------------------------------------===//

#include "ToyModule.h"

#include <chrono>
#include <filesystem>
#include <sys/stat.h>

using namespace seqc;
using namespace seqc::test;

namespace {

TEST(LargeFileTest, WeightsBeyondFourGigabytes) {
  constexpr uint64_t before = (uint64_t(4) << 30) + 4096;
  const std::vector<float> &table = toyTable();
  file::Writer writer = toyWriter();
  uint32_t weights =
      writer.addSection("weights", "large", before + table.size() * sizeof(float), [&](const file::Emit &emit) {
        std::vector<uint8_t> zeros(1 << 20);
        for (uint64_t left = before; left != 0;) {
          uint64_t piece = std::min<uint64_t>(left, zeros.size());
          if (file::Status status = emit(zeros.data(), piece); status.failed())
            return status;
          left -= piece;
        }
        return emit(table.data(), table.size() * sizeof(float));
      });
  writer.module.parameters[0].section = weights;
  writer.module.parameters[0].offset = before;

  std::string path = temporaryPath("large.seqm");
  file::Status status = writer.write(path);
  ASSERT_TRUE(status.ok()) << status.message();
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_GT(static_cast<uint64_t>(info.st_size), before);
  EXPECT_LT(info.st_blocks * 512, 16 << 20) << "zeros should be holes";

  auto begin = std::chrono::steady_clock::now();
  seqrt_module *module = nullptr;
  ASSERT_OK(seqrt_module_open(path.c_str(), nullptr, &module));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(100))
      << "opening must not read all weights";
  seqrt_context *context = nullptr;
  ASSERT_OK(seqrt_context_create(module, nullptr, &context));
  Buffer<int32_t> ids({1, 2}, {15, 3});
  Buffer<float> out({1, 2, 4});
  seqrt_tensor argument = ids.tensor(), result = out.tensor();
  ASSERT_OK(seqrt_context_call(context, "forward", &argument, 1, &result, 1));
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(out.elements[i], table[15 * 4 + i]);
    EXPECT_EQ(out.elements[4 + i], table[3 * 4 + i]);
  }
  seqrt_context_release(context);
  seqrt_module_release(module);
  std::filesystem::remove(path);
}

} // namespace
