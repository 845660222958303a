//===- StreamDecoder.h - Text while it is generated -------------*- C++ -*-===//
//
// Tokens may end inside a character. The decoder holds such bytes back until
// the rest has come, so that what it returns is always whole, valid UTF-8;
// bytes that can't become a character turn into U+FFFD.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TOKENIZER_STREAMDECODER_H
#define SEQ_TOKENIZER_STREAMDECODER_H

#include <string>
#include <string_view>

namespace seqc::tokenizer {

class StreamDecoder {
public:
  /// The characters that are complete with these bytes (of the next token).
  std::string feed(std::string_view bytes);
  /// The end: what was held back, as U+FFFD.
  std::string finish();

private:
  std::string pending;
};

} // namespace seqc::tokenizer

#endif // SEQ_TOKENIZER_STREAMDECODER_H
