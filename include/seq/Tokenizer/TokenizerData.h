//===- TokenizerData.h - What a tokenizer is made of ------------*- C++ -*-===//
//
// A vocabulary with everything that turning text into ids needs, as plain
// data: the importers fill it in, a module's tokenizer section holds it, and
// Tokenizer is built from it.
//
// How tokens are spelled
//  - ByteLevelBPE: normal tokens in GPT-2's alphabet, where each byte stands as
//    one printable character ("Ġthe" is " the"); all other types as plain text.
//  - SentencePieceBPE: with U+2581 for a space; byte tokens as "<0x0A>".
//  - Bytes: token i is byte i, `tokens` is empty or has further tokens from 256
//    on.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TOKENIZER_TOKENIZERDATA_H
#define SEQ_TOKENIZER_TOKENIZERDATA_H

#include "seq/Tokenizer/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seqc::tokenizer {

enum class Model : uint8_t {
  ByteLevelBPE = 0,     ///< merges by rank over bytes, words split by patterns
  SentencePieceBPE = 1, ///< merges by rank, else by score, over characters
  Bytes = 2,            ///< one token a byte
};

/// Numbered as in GGUF.
enum class TokenType : uint8_t {
  Normal = 1,
  Unknown = 2,
  Control = 3,     ///< never made from text unless the caller asks for it
  UserDefined = 4, ///< always made from its text, before anything else
  Unused = 5,
  Byte = 6, ///< stands for a byte that no other token holds
};

/// Whether a space is put before a text (or the part after a special token).
enum class SpacePrefix : uint8_t {
  None = 0,
  Always = 1,
  WhenMissing = 2, ///< only before a text that does not start with one
};

/// Tokens `left` and `right` side by side become `result`, spelled as both.
struct Merge {
  int32_t left;
  int32_t right;
  int32_t result;
};

/// A special token that takes the white space beside it along.
struct StripRule {
  int32_t token;
  bool left;
  bool right;
};

struct TokenizerData {
  Model model = Model::ByteLevelBPE;
  std::vector<std::string> tokens; ///< by id
  std::vector<TokenType> types;    ///< one a token, or empty: all normal
  std::vector<float> scores;       ///< SentencePieceBPE without merges: one a token
  std::vector<Merge> merges;       ///< by rank

  /// Regular expressions (PCRE2 syntax) that cut a text into the words that no
  /// merge crosses: each cuts the pieces that those before it left into its
  /// matches and what lies between them. None: the text is one word.
  std::vector<std::string> splits;
  /// Whole words that are tokens are taken as such, whatever merges exist.
  bool wholeWordsFirst = false;
  bool normalizeNFC = false; ///< Unicode composition before everything else
  SpacePrefix spacePrefix = SpacePrefix::None;
  /// The prefix is put at the start of the text alone, not after special tokens.
  bool prefixStartOnly = false;
  std::vector<StripRule> strips;

  /// Ids, -1 where there is none.
  int32_t bos = -1;
  int32_t eos = -1;
  int32_t unknown = -1;
  std::vector<int32_t> stops; ///< each ends a generation; holds eos where there is one
  bool addBos = false;        ///< prompts start with bos
  bool addEos = false;        ///< encoder inputs end with eos

  std::string chatTemplate; ///< Jinja, as the model's authors wrote it; may be empty

  /// Ids are below this: tokens.size(), for Bytes at least 256.
  int32_t vocabularySize() const;
  TokenType type(int32_t id) const { return types.empty() ? TokenType::Normal : types[id]; }
};

/// Checks everything that the other functions rely on: lengths that belong
/// together, ids in range, finite scores, merges that spell their result, sizes
/// that a module can hold. Returns what is wrong, or "".
std::string validate(const TokenizerData &data);

/// The bytes of a module's tokenizer section: the same for the same data.
std::string serialise(const TokenizerData &data);

/// The reverse; `bytes` need no alignment and may be anything.
Result<TokenizerData> deserialise(std::string_view bytes);

/// Sets `splits` and what else the pre-tokenizer of this name means, as named
/// in GGUF files ("smollm", "gpt-2", "llama-bpe", "qwen2", …). An unknown name
/// is an error that lists the known ones.
Result<bool> setPreTokenizer(TokenizerData &data, std::string_view name);

/// Appends the merges, given as pairs of spellings, to `data.merges`; all
/// tokens are in place. A merge of or into something that is no token is an
/// error.
Result<bool> addMerges(TokenizerData &data, const std::vector<std::pair<std::string_view, std::string_view>> &merges);

/// Makes `stops` from eos and the tokens that end a turn in the families of
/// models that are known, recognised by their spelling among the special ones.
void addUsualStops(TokenizerData &data);

} // namespace seqc::tokenizer

#endif // SEQ_TOKENIZER_TOKENIZERDATA_H
