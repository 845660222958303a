//===- Testing.h - What the importers' tests share --------------*- C++ -*-===//

#ifndef SEQ_TEST_UNIT_IMPORT_TESTING_H
#define SEQ_TEST_UNIT_IMPORT_TESTING_H

#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

#include <random>
#include <string>

namespace seqc::test {

/// The message of an error, "" for success.
inline std::string message(llvm::Error error) { return llvm::toString(std::move(error)); }
template <typename T> std::string message(llvm::Expected<T> value) {
  return value ? std::string() : llvm::toString(value.takeError());
}

/// Expects an error of one line that holds `part`.
#define EXPECT_MESSAGE(value, part)                                                                                    \
  do {                                                                                                                 \
    std::string text = ::seqc::test::message(value);                                                                   \
    EXPECT_NE(text.find(part), std::string::npos) << "message: " << text;                                              \
    EXPECT_EQ(text.find('\n'), std::string::npos) << "message: " << text;                                              \
  } while (false)

/// The value, or a failed test that shows the error.
#define ASSERT_VALUE(variable, expression)                                                                             \
  auto variable = expression;                                                                                          \
  ASSERT_TRUE(static_cast<bool>(variable)) << llvm::toString(variable.takeError())

/// Changes a file in one of the ways in which files break: bits and bytes that
/// flip, numbers that become extreme, pieces that are cut out or doubled, an
/// end that is missing.
inline std::string corrupt(const std::string &original, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string data = original;
  auto position = [&] { return random() % data.size(); };
  unsigned changes = 1 + random() % 3;
  for (unsigned i = 0; i < changes && !data.empty(); ++i) {
    size_t at = position();
    switch (random() % 6) {
    case 0:
      data[at] ^= 1 << random() % 8;
      break;
    case 1:
      data[at] = static_cast<char>(random());
      break;
    case 2: {
      static constexpr uint64_t extremes[] = {0,         1,          0x7fffffff, 0xffffffff,
                                              INT64_MAX, UINT64_MAX, 1ull << 32, UINT64_MAX - 31};
      uint64_t value = extremes[random() % std::size(extremes)];
      size_t size = random() % 2 ? 8 : 4;
      for (size_t k = 0; k < size && at + k < data.size(); ++k)
        data[at + k] = static_cast<char>(value >> (8 * k));
      break;
    }
    case 3:
      data.erase(at, 1 + random() % 16);
      break;
    case 4:
      data.insert(at, data.substr(position(), 1 + random() % 16));
      break;
    case 5:
      data.resize(at);
      break;
    }
  }
  return data;
}

/// A folder of its own for a test, removed at the end.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::error_code code = llvm::sys::fs::createUniqueDirectory("seq-import", folder);
    if (code)
      ADD_FAILURE() << code.message();
  }
  ~TemporaryFolder() { llvm::sys::fs::remove_directories(folder); }

  std::string path(llvm::StringRef name) const {
    llvm::SmallString<128> result(folder);
    llvm::sys::path::append(result, name);
    return result.str().str();
  }
  std::string root() const { return folder.str().str(); }
  std::string write(llvm::StringRef name, llvm::StringRef data) const {
    std::string result = path(name);
    std::error_code code;
    llvm::raw_fd_ostream stream(result, code);
    if (code)
      ADD_FAILURE() << result << ": " << code.message();
    stream << data;
    return result;
  }

private:
  llvm::SmallString<128> folder;
};

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_IMPORT_TESTING_H
