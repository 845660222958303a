#include "Json.h"

#include <cstdio>

namespace seqc::run {

std::string jsonText(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      char escaped[8];
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string jsonList(std::span<const int32_t> numbers) {
  std::string out = "[";
  for (int32_t number : numbers) {
    if (out.size() > 1)
      out += ", ";
    out += std::to_string(number);
  }
  return out + "]";
}

} // namespace seqc::run
