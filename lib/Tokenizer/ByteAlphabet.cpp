#include "ByteAlphabet.h"

#include "Utf8.h"

#include <array>

namespace seqc::tokenizer {

namespace {

struct Alphabet {
  std::array<uint16_t, 256> character;
  std::array<int16_t, 256 + 68> byte; ///< by character, -1 for none

  constexpr Alphabet() : character(), byte() {
    byte.fill(-1);
    uint16_t next = 256;
    for (unsigned i = 0; i < 256; ++i) {
      bool printable = (i >= 0x21 && i <= 0x7E) || (i >= 0xA1 && i <= 0xAC) || i >= 0xAE;
      character[i] = printable ? static_cast<uint16_t>(i) : next++;
      byte[character[i]] = static_cast<int16_t>(i);
    }
  }
};

constexpr Alphabet alphabet;

} // namespace

bool bytesFromAlphabet(std::string_view text, std::string &bytes) {
  bytes.clear();
  while (!text.empty()) {
    Utf8Unit unit = nextUtf8(text);
    if (!unit.valid || unit.codepoint >= alphabet.byte.size() || alphabet.byte[unit.codepoint] < 0)
      return false;
    bytes += static_cast<char>(alphabet.byte[unit.codepoint]);
    text.remove_prefix(unit.length);
  }
  return true;
}

std::string alphabetFromBytes(std::string_view bytes) {
  std::string text;
  for (char byte : bytes)
    appendUtf8(text, alphabet.character[static_cast<uint8_t>(byte)]);
  return text;
}

} // namespace seqc::tokenizer
