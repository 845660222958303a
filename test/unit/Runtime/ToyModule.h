//===- ToyModule.h - A hand-written module for tests ------------*- C++ -*-===//

#ifndef SEQ_TEST_UNIT_RUNTIME_TOYMODULE_H
#define SEQ_TEST_UNIT_RUNTIME_TOYMODULE_H

#include "seq/Module/Writer.h"
#include "seqrt/seqrt.h"

#include "gtest/gtest.h"

#include <cstdint>
#include <string>
#include <vector>

namespace seqc::test {

/// The code image built from ToyImage.c.
const std::vector<uint8_t> &toyImage();
/// The address of a function in it.
uint64_t toyAddress(const std::string &function);
/// The table of the toy model: 16 rows of 4.
const std::vector<float> &toyTable();

/// A writer filled with the toy model: exports forward, prefill, step, double
/// and fail, states "cache" and "totals", a context length of 10.
file::Writer toyWriter();

/// A name for a file in the temporary folder, unlike that of other tests.
std::string temporaryPath(const std::string &name);

std::vector<uint8_t> readFile(const std::string &path);
void writeFile(const std::string &path, const std::vector<uint8_t> &bytes);

/// Bytes at a 64-byte aligned address, as opening from memory wants them.
class AlignedBytes {
public:
  explicit AlignedBytes(const std::vector<uint8_t> &bytes);
  ~AlignedBytes();
  AlignedBytes(const AlignedBytes &) = delete;
  uint8_t *data() { return address; }
  size_t size() const { return length; }

private:
  uint8_t *address;
  size_t length;
};

/// The toy module in a file, opened; everything is released at the end.
class ToyTest : public testing::Test {
protected:
  void SetUp() override;
  void TearDown() override;

  /// A context, released by TearDown.
  seqrt_context *context(int64_t batch = 1, int64_t capacity = 0, int32_t threads = 1);

  std::string path;
  seqrt_module *module = nullptr;

private:
  std::vector<seqrt_context *> contexts;
};

/// Numbers with a shape, as a seqrt_tensor.
template <typename T> class Buffer {
public:
  Buffer(std::vector<int64_t> sizes, std::vector<T> values) : shape(std::move(sizes)), elements(std::move(values)) {}
  explicit Buffer(std::vector<int64_t> sizes) : shape(std::move(sizes)) {
    size_t count = 1;
    for (int64_t size : shape)
      count *= static_cast<size_t>(size);
    elements.resize(count);
  }

  seqrt_tensor tensor() {
    constexpr uint8_t code = std::is_floating_point_v<T> ? SEQRT_FLOAT : SEQRT_INT;
    return {elements.data(), {1, 0}, static_cast<int32_t>(shape.size()), {code, 8 * sizeof(T), 1}, shape.data(),
            nullptr,         0};
  }

  std::vector<int64_t> shape;
  std::vector<T> elements;
};

/// Fails the test with the message unless the call succeeded.
#define EXPECT_OK(call)                                                                                                \
  do {                                                                                                                 \
    seqrt_status okStatus = (call);                                                                                    \
    EXPECT_EQ(okStatus.code, SEQRT_OK) << okStatus.message;                                                            \
  } while (false)
#define ASSERT_OK(call)                                                                                                \
  do {                                                                                                                 \
    seqrt_status okStatus = (call);                                                                                    \
    ASSERT_EQ(okStatus.code, SEQRT_OK) << okStatus.message;                                                            \
  } while (false)
/// Expects the call to fail with this code and a message that holds `text`.
#define EXPECT_FAILURE(call, failureCode, text)                                                                        \
  do {                                                                                                                 \
    seqrt_status failedStatus = (call);                                                                                \
    EXPECT_EQ(failedStatus.code, failureCode) << failedStatus.message;                                                 \
    EXPECT_NE(std::string(failedStatus.message).find(text), std::string::npos) << failedStatus.message;                \
  } while (false)

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_RUNTIME_TOYMODULE_H
