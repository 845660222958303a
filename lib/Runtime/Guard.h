//===- Guard.h - From C++ to the C API --------------------------*- C++ -*-===//

#ifndef SEQ_LIB_RUNTIME_GUARD_H
#define SEQ_LIB_RUNTIME_GUARD_H

#include "seq/Module/Status.h"
#include "seqrt/seqrt.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <exception>
#include <new>

namespace seqc::rt {

inline seqrt_status toC(seqrt_code code, std::string_view message) {
  seqrt_status status;
  status.code = code;
  size_t size = std::min(message.size(), sizeof(status.message) - 1);
  std::memcpy(status.message, message.data(), size);
  status.message[size] = '\0';
  return status;
}

/// Runs `function`, which returns a Status, so that no exception gets out.
template <typename Function> seqrt_status guard(Function function) noexcept {
  try {
    file::Status status = function();
    return toC(status.code(), status.message());
  } catch (const std::bad_alloc &) {
    return toC(SEQRT_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception &error) {
    return toC(SEQRT_INTERNAL, error.what());
  } catch (...) {
    return toC(SEQRT_INTERNAL, "unexpected exception");
  }
}

inline file::Status missing(const char *what) {
  return file::makeError(SEQRT_INVALID_ARGUMENT, "the ", what, " is a null pointer");
}

/// The options of a caller who may know fewer fields than we do (or more): the
/// others keep the values in `defaults`.
template <typename Options> Options withDefaults(const Options *given, Options defaults) {
  if (given)
    std::memcpy(&defaults, given, std::min(given->struct_size, sizeof(Options)));
  return defaults;
}

} // namespace seqc::rt

#endif // SEQ_LIB_RUNTIME_GUARD_H
