//===- Vocabulary.h - Small vocabularies for tests --------------*- C++ -*-===//

#ifndef SEQ_TEST_UNIT_TOKENIZER_VOCABULARY_H
#define SEQ_TEST_UNIT_TOKENIZER_VOCABULARY_H

#include "seq/Tokenizer/Tokenizer.h"

#include "gtest/gtest.h"

namespace seqc::test {

using namespace tokenizer;

/// 256 byte tokens (token i is byte i), the results of the merges (pairs of
/// texts, by rank), and then the special tokens, which are control tokens.
TokenizerData byteVocabulary(const std::vector<std::pair<std::string, std::string>> &merges,
                             const std::vector<std::string> &specials = {});

/// <unk>, <s>, </s>, 256 byte tokens, and then the pieces with scores.
TokenizerData pieceVocabulary(const std::vector<std::pair<std::string, float>> &pieces);

/// A byte vocabulary of all features, which the section must keep.
TokenizerData richVocabulary();

/// Creates the tokenizer; a failure of the test where that fails.
std::unique_ptr<Tokenizer> makeTokenizer(TokenizerData data);

/// The bytes of each token of an encoding.
std::vector<std::string> pieces(const Tokenizer &tokenizer, std::string_view text, EncodeOptions options = {});

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_TOKENIZER_VOCABULARY_H
