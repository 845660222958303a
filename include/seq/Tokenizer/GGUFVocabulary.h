//===- GGUFVocabulary.h - Tokenizers from GGUF key/values -------*- C++ -*-===//
//
// What the keys tokenizer.ggml.* (and tokenizer.chat_template) of a GGUF file
// say, read already, and its translation.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TOKENIZER_GGUFVOCABULARY_H
#define SEQ_TOKENIZER_GGUFVOCABULARY_H

#include "seq/Tokenizer/TokenizerData.h"

#include <optional>

namespace seqc::tokenizer {

/// The members are named as the keys. All text is borrowed.
struct GGUFVocabulary {
  std::string_view model; ///< "gpt2", "llama"
  std::string_view pre;   ///< "" when the file does not say
  std::vector<std::string_view> tokens;
  std::vector<float> scores;
  std::vector<int64_t> tokenType;
  std::vector<std::string_view> merges; ///< "left right"
  std::optional<int64_t> bosTokenId, eosTokenId, eotTokenId, eomTokenId, unknownTokenId;
  std::optional<bool> addBosToken, addEosToken, addSpacePrefix;
  std::string_view chatTemplate;
};

/// Errors name the key.
Result<TokenizerData> fromGGUF(const GGUFVocabulary &vocabulary);

} // namespace seqc::tokenizer

#endif // SEQ_TOKENIZER_GGUFVOCABULARY_H
