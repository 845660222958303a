#include "Utf8.h"

namespace seqc::tokenizer {

/// The bytes of a character with this first byte, 0 for none.
static unsigned sequenceLength(uint8_t first) {
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first <= 0xDF)
    return 2;
  if (first >= 0xE0 && first <= 0xEF)
    return 3;
  return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

/// Whether `second` may follow `first`: excludes overlong forms, surrogates
/// and what lies beyond U+10FFFF.
static bool mayFollow(uint8_t first, uint8_t second) {
  uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  return second >= low && second <= high;
}

Utf8Unit nextUtf8(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  unsigned length = sequenceLength(byte(0));
  if (length == 1)
    return {byte(0), 1, true, false};
  if (length == 0)
    return {0, 1, false, false};
  uint32_t codepoint = byte(0) & (0x7F >> length);
  for (unsigned i = 1; i < length; ++i) {
    if (i == text.size())
      return {0, static_cast<uint8_t>(i), false, true};
    bool fits = i == 1 ? mayFollow(byte(0), byte(1)) : (byte(i) & 0xC0) == 0x80;
    if (!fits)
      return {0, static_cast<uint8_t>(i), false, false};
    codepoint = codepoint << 6 | (byte(i) & 0x3F);
  }
  return {codepoint, static_cast<uint8_t>(length), true, false};
}

void appendUtf8(std::string &out, uint32_t codepoint) {
  if (codepoint < 0x80) {
    out += static_cast<char>(codepoint);
    return;
  }
  unsigned extra = codepoint < 0x800 ? 1 : codepoint < 0x10000 ? 2 : 3;
  static constexpr uint8_t marks[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(marks[extra] | codepoint >> (6 * extra));
  while (extra-- > 0)
    out += static_cast<char>(0x80 | (codepoint >> (6 * extra) & 0x3F));
}

bool isWhiteSpace(uint32_t codepoint) {
  switch (codepoint) {
  case 0x20:
  case 0x85:
  case 0xA0:
  case 0x1680:
  case 0x2028:
  case 0x2029:
  case 0x202F:
  case 0x205F:
  case 0x3000:
    return true;
  default:
    return (codepoint >= 0x09 && codepoint <= 0x0D) || (codepoint >= 0x2000 && codepoint <= 0x200A);
  }
}

std::string replaceAll(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  out.reserve(text.size());
  for (size_t at; (at = text.find(from)) != std::string_view::npos; text.remove_prefix(at + from.size())) {
    out += text.substr(0, at);
    out += to;
  }
  return out += text;
}

} // namespace seqc::tokenizer
