//===- Json.h - Writing JSON ------------------------------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_RUN_JSON_H
#define SEQ_TOOLS_SEQ_RUN_JSON_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace seqc::run {

/// A JSON string, quotes included; `text` is UTF-8.
std::string jsonText(std::string_view text);

/// "[1, 2, 3]"
std::string jsonList(std::span<const int32_t> numbers);

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_JSON_H
