#include "seq/Tokenizer/StreamDecoder.h"

#include "Utf8.h"

namespace seqc::tokenizer {

std::string StreamDecoder::feed(std::string_view bytes) {
  pending += bytes;
  std::string out;
  std::string_view rest = pending;
  while (!rest.empty()) {
    Utf8Unit unit = nextUtf8(rest);
    if (unit.truncated)
      break;
    out += unit.valid ? rest.substr(0, unit.length) : replacementCharacter;
    rest.remove_prefix(unit.length);
  }
  pending.erase(0, pending.size() - rest.size());
  return out;
}

std::string StreamDecoder::finish() {
  std::string out(pending.empty() ? "" : replacementCharacter);
  pending.clear();
  return out;
}

} // namespace seqc::tokenizer
