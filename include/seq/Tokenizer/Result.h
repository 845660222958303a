//===- Result.h - A value, or one line that says why not --------*- C++ -*-===//
//
// How the tokenizer library reports errors: by value, without exceptions. The
// message names the place and what to do, without an "error:" in front and
// without a final full stop; callers put the file's name before it.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TOKENIZER_RESULT_H
#define SEQ_TOKENIZER_RESULT_H

#include <cassert>
#include <optional>
#include <string>
#include <utility>

namespace seqc::tokenizer {

/// An error on its way into a Result of any type.
struct Failure {
  std::string message;
};

template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : held(std::move(value)) {}
  Result(Failure failure) : text(std::move(failure.message)) {}

  explicit operator bool() const { return held.has_value(); }
  /// Empty on success.
  const std::string &message() const { return text; }
  Failure failure() const { return Failure{text}; }

  T &operator*() {
    assert(held && "the value of a failure");
    return *held;
  }
  T *operator->() { return &**this; }

private:
  std::optional<T> held;
  std::string text;
};

} // namespace seqc::tokenizer

#endif // SEQ_TOKENIZER_RESULT_H
