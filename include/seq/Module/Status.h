//===- Status.h - Success, or a code and one line of text -------*- C++ -*-===//
//
// How the module library and the runtime report errors: by value, without
// exceptions and without LLVM. Messages name the file, the place in it and
// what to do; they carry no "error:" prefix and no final full stop.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_MODULE_STATUS_H
#define SEQ_MODULE_STATUS_H

#include "seqrt/seqrt.h"

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace seqc::file {

class [[nodiscard]] Status {
public:
  Status() = default; ///< success
  Status(seqrt_code code, std::string message) : errorCode(code), text(std::move(message)) {}

  bool ok() const { return errorCode == SEQRT_OK; }
  bool failed() const { return !ok(); }
  seqrt_code code() const { return errorCode; }
  const std::string &message() const { return text; }

  /// The same error with `prefix` before the message; success stays success.
  Status withPrefix(std::string_view prefix) && {
    if (failed())
      text.insert(0, prefix);
    return std::move(*this);
  }

private:
  seqrt_code errorCode = SEQRT_OK;
  std::string text;
};

namespace detail {
inline void append(std::string &out, std::string_view piece) { out += piece; }
template <typename T>
  requires std::is_arithmetic_v<T>
void append(std::string &out, T number) {
  out += std::to_string(number);
}
} // namespace detail

/// Strings and numbers, one after the other.
template <typename... Ts> std::string concat(const Ts &...pieces) {
  std::string out;
  (detail::append(out, pieces), ...);
  return out;
}

template <typename... Ts> Status makeError(seqrt_code code, const Ts &...pieces) {
  return Status(code, concat(pieces...));
}

} // namespace seqc::file

#endif // SEQ_MODULE_STATUS_H
