//===- PreTokenizer.h - From a text to the words in it ----------*- C++ -*-===//
//
// Cuts text by the regular expressions of a vocabulary. Bytes that are not
// UTF-8 are words of their own, so that the patterns only see characters.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_TOKENIZER_PRETOKENIZER_H
#define SEQ_LIB_TOKENIZER_PRETOKENIZER_H

#include "seq/Tokenizer/Result.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace seqc::tokenizer {

class PreTokenizer {
public:
  /// Compiles the patterns (PCRE2 syntax, Unicode classes).
  static Result<PreTokenizer> create(const std::vector<std::string> &patterns);

  PreTokenizer(PreTokenizer &&) noexcept;
  PreTokenizer &operator=(PreTokenizer &&) noexcept;
  ~PreTokenizer();

  /// The words of `text`, in order and without gaps: views of it.
  Result<std::vector<std::string_view>> split(std::string_view text) const;

private:
  struct Pattern;
  PreTokenizer();
  std::vector<std::unique_ptr<Pattern>> patterns;
};

} // namespace seqc::tokenizer

#endif // SEQ_LIB_TOKENIZER_PRETOKENIZER_H
