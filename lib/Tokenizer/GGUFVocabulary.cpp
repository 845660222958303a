#include "seq/Tokenizer/GGUFVocabulary.h"

namespace seqc::tokenizer {

static std::string keyError(std::string_view key, const std::string &what) {
  return "tokenizer.ggml." + std::string(key) + ": " + what;
}

static std::string readTypes(const GGUFVocabulary &vocabulary, TokenizerData &data) {
  for (int64_t type : vocabulary.tokenType) {
    if (type < 1 || type > 6)
      return keyError("token_type", "the type " + std::to_string(type) + " is unknown");
    data.types.push_back(static_cast<TokenType>(type));
  }
  return "";
}

static std::string readId(std::string_view key, const std::optional<int64_t> &value, size_t size, int32_t &id) {
  if (!value)
    return "";
  // Some converters write -1 (or 2^32 - 1) for none.
  if (*value == -1 || *value == 0xFFFFFFFF)
    return "";
  if (*value < 0 || static_cast<uint64_t>(*value) >= size)
    return keyError(key, std::to_string(*value) + " is outside of the vocabulary of " + std::to_string(size));
  id = static_cast<int32_t>(*value);
  return "";
}

static std::string readIds(const GGUFVocabulary &vocabulary, TokenizerData &data) {
  size_t size = vocabulary.tokens.size();
  int32_t eot = -1, eom = -1;
  struct Key {
    std::string_view name;
    const std::optional<int64_t> &value;
    int32_t &id;
  };
  for (const Key &key :
       {Key{"bos_token_id", vocabulary.bosTokenId, data.bos}, Key{"eos_token_id", vocabulary.eosTokenId, data.eos},
        Key{"eot_token_id", vocabulary.eotTokenId, eot}, Key{"eom_token_id", vocabulary.eomTokenId, eom},
        Key{"unknown_token_id", vocabulary.unknownTokenId, data.unknown}})
    if (std::string error = readId(key.name, key.value, size, key.id); !error.empty())
      return error;
  for (int32_t id : {eot, eom})
    if (id >= 0 && id != data.eos)
      data.stops.push_back(id);
  addUsualStops(data);
  return "";
}

static std::string readMerges(const GGUFVocabulary &vocabulary, TokenizerData &data) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  pairs.reserve(vocabulary.merges.size());
  for (std::string_view merge : vocabulary.merges) {
    // A space is never part of a token's spelling, but may be its first byte in
    // files that spell it as is.
    size_t space = merge.find(' ', 1);
    if (merge.empty() || space == std::string_view::npos || space + 1 == merge.size())
      return keyError("merges", "entry " + std::to_string(pairs.size()) + " ('" + std::string(merge) +
                                    "') is not two tokens with a space between them");
    pairs.emplace_back(merge.substr(0, space), merge.substr(space + 1));
  }
  auto added = addMerges(data, pairs);
  return added ? "" : keyError("merges", added.message());
}

/// GPT-2's kind: words by patterns, merges by rank.
static std::string readByteLevel(const GGUFVocabulary &vocabulary, TokenizerData &data) {
  data.model = Model::ByteLevelBPE;
  if (vocabulary.merges.empty())
    return keyError("merges", "missing (a 'gpt2' vocabulary needs them)");
  auto set = setPreTokenizer(data, vocabulary.pre.empty() ? "default" : vocabulary.pre);
  if (!set)
    return keyError("pre", set.message());
  if (vocabulary.addSpacePrefix.value_or(false))
    data.spacePrefix = SpacePrefix::WhenMissing;
  // Bytes that have no token are left out in this kind.
  data.unknown = -1;
  return readMerges(vocabulary, data);
}

/// SentencePiece's kind: scores, and bytes for what has no token.
static std::string readSentencePiece(const GGUFVocabulary &vocabulary, TokenizerData &data) {
  data.model = Model::SentencePieceBPE;
  if (vocabulary.scores.size() != vocabulary.tokens.size())
    return keyError("scores", "a 'llama' vocabulary needs one for each of the " +
                                  std::to_string(vocabulary.tokens.size()) + " tokens");
  data.scores = vocabulary.scores;
  data.addBos = true;
  data.spacePrefix = vocabulary.addSpacePrefix.value_or(true) ? SpacePrefix::Always : SpacePrefix::None;
  return "";
}

Result<TokenizerData> fromGGUF(const GGUFVocabulary &vocabulary) {
  TokenizerData data;
  data.tokens.assign(vocabulary.tokens.begin(), vocabulary.tokens.end());
  if (data.tokens.empty())
    return Failure{keyError("tokens", "missing or empty")};
  std::string error = readTypes(vocabulary, data);
  if (error.empty())
    error = readIds(vocabulary, data);
  if (error.empty() && vocabulary.model == "gpt2")
    error = readByteLevel(vocabulary, data);
  else if (error.empty() && vocabulary.model == "llama")
    error = readSentencePiece(vocabulary, data);
  else if (error.empty())
    error =
        keyError("model", "the kind '" + std::string(vocabulary.model) + "' is not supported (these are: gpt2, llama)");
  if (!error.empty())
    return Failure{error};
  data.addBos = vocabulary.addBosToken.value_or(data.addBos);
  data.addEos = vocabulary.addEosToken.value_or(false);
  data.chatTemplate = vocabulary.chatTemplate;
  if (error = validate(data); !error.empty())
    return Failure{"tokenizer.ggml: " + error};
  return data;
}

} // namespace seqc::tokenizer
