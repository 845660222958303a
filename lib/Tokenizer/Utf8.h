//===- Utf8.h - One character at a time -------------------------*- C++ -*-===//

#ifndef SEQ_LIB_TOKENIZER_UTF8_H
#define SEQ_LIB_TOKENIZER_UTF8_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace seqc::tokenizer {

struct Utf8Unit {
  uint32_t codepoint = 0; ///< where valid
  uint8_t length = 0;     ///< bytes of the character, or of what is none
  bool valid = false;
  bool truncated = false; ///< a character that the end of the text cuts off
};

/// What `text` (not empty) starts with: a character, or the longest part of one
/// (at least a byte) that does not become one. Surrogates and overlong forms
/// are no characters.
Utf8Unit nextUtf8(std::string_view text);

void appendUtf8(std::string &out, uint32_t codepoint);

/// Unicode's White_Space.
bool isWhiteSpace(uint32_t codepoint);

inline constexpr std::string_view replacementCharacter = "\xEF\xBF\xBD";
/// U+2581, SentencePiece's space.
inline constexpr std::string_view visibleSpace = "\xE2\x96\x81";

/// `text` with every `from` (not empty) replaced.
std::string replaceAll(std::string_view text, std::string_view from, std::string_view to);

} // namespace seqc::tokenizer

#endif // SEQ_LIB_TOKENIZER_UTF8_H
