#include "seq/Tokenizer/TokenizerData.h"

#include "TextTable.h"

#include <algorithm>
#include <cmath>

namespace seqc::tokenizer {

/// What a tokenizer section may hold: far beyond any model, and well within
/// FlatBuffers' 2 GB.
static constexpr size_t maxEntries = size_t{1} << 24;
static constexpr size_t maxText = size_t{1} << 28;

int32_t TokenizerData::vocabularySize() const {
  size_t size = tokens.size();
  return static_cast<int32_t>(model == Model::Bytes ? std::max<size_t>(size, 256) : size);
}

static std::string validateSizes(const TokenizerData &data) {
  size_t text = data.chatTemplate.size();
  for (const std::string &token : data.tokens)
    text += token.size();
  for (const std::string &split : data.splits)
    text += split.size();
  if (data.tokens.size() > maxEntries || data.merges.size() > maxEntries || text > maxText)
    return "the vocabulary is too large: at most " + std::to_string(maxEntries) + " tokens and merges with " +
           std::to_string(maxText) + " bytes of text are possible";
  if (data.tokens.empty() && data.model != Model::Bytes)
    return "the vocabulary is empty";
  if (!data.types.empty() && data.types.size() != static_cast<size_t>(data.vocabularySize()))
    return "there are " + std::to_string(data.types.size()) + " token types for " +
           std::to_string(data.vocabularySize()) + " tokens";
  if (!data.scores.empty() && data.scores.size() != data.tokens.size())
    return "there are " + std::to_string(data.scores.size()) + " scores for " + std::to_string(data.tokens.size()) +
           " tokens";
  return "";
}

static std::string validateIds(const TokenizerData &data) {
  int32_t size = data.vocabularySize();
  auto outside = [&](int32_t id) { return id < 0 || id >= size; };
  auto error = [&](const char *what, int32_t id) {
    return std::string(what) + " " + std::to_string(id) + " is outside of the vocabulary of " + std::to_string(size);
  };
  for (auto [what, id] :
       {std::pair("the bos token", data.bos), {"the eos token", data.eos}, {"the unknown token", data.unknown}})
    if (id != -1 && outside(id))
      return error(what, id);
  for (int32_t id : data.stops)
    if (outside(id))
      return error("the stop token", id);
  for (const StripRule &strip : data.strips)
    if (outside(strip.token))
      return error("the special token", strip.token);
  return "";
}

static bool spells(const TokenizerData &data, const Merge &merge) {
  int32_t size = static_cast<int32_t>(data.tokens.size());
  for (int32_t id : {merge.left, merge.right, merge.result})
    if (id < 0 || id >= size)
      return false;
  const std::string &left = data.tokens[merge.left], &right = data.tokens[merge.right];
  const std::string &result = data.tokens[merge.result];
  return result.size() == left.size() + right.size() && result.starts_with(left) && result.ends_with(right) &&
         !left.empty() && !right.empty();
}

std::string validate(const TokenizerData &data) {
  if (data.model > Model::Bytes)
    return "the kind of tokenizer " + std::to_string(static_cast<int>(data.model)) + " is unknown";
  if (data.spacePrefix > SpacePrefix::WhenMissing)
    return "the kind of space prefix is unknown";
  if (std::string error = validateSizes(data); !error.empty())
    return error;
  if (std::string error = validateIds(data); !error.empty())
    return error;
  for (TokenType type : data.types)
    if (type < TokenType::Normal || type > TokenType::Byte)
      return "the token type " + std::to_string(static_cast<int>(type)) + " is unknown";
  for (float score : data.scores)
    if (!std::isfinite(score))
      return "a token's score is not a finite number";
  for (size_t i = 0; i < data.merges.size(); ++i)
    if (!spells(data, data.merges[i]))
      return "merge " + std::to_string(i) + " does not spell its result";
  if (data.model == Model::SentencePieceBPE && data.merges.empty() && data.scores.empty())
    return "there are neither merges nor scores";
  return "";
}

Result<bool> addMerges(TokenizerData &data, const std::vector<std::pair<std::string_view, std::string_view>> &merges) {
  TextTable ids;
  ids.reserve(data.tokens.size());
  for (size_t i = 0; i < data.tokens.size(); ++i)
    ids.insert(data.tokens[i], static_cast<int32_t>(i));
  data.merges.reserve(data.merges.size() + merges.size());
  std::string joined;
  for (auto [left, right] : merges) {
    joined.assign(left).append(right);
    Merge merge = {ids.find(left), ids.find(right), ids.find(joined)};
    for (auto [id, text] :
         {std::pair(merge.left, left), {merge.right, right}, {merge.result, std::string_view(joined)}})
      if (id < 0)
        return Failure{"merge " + std::to_string(data.merges.size()) + " ('" + std::string(left) + "' with '" +
                       std::string(right) + "'): '" + std::string(text) + "' is not in the vocabulary"};
    data.merges.push_back(merge);
  }
  return true;
}

void addUsualStops(TokenizerData &data) {
  static constexpr std::string_view usual[] = {"<|im_end|>", "<|eot_id|>",           "<|eom_id|>",      "<end_of_turn>",
                                               "<|end|>",    "<|endoftext|>",        "<|end_of_text|>", "<EOT>",
                                               "<|eot|>",    "<｜end▁of▁sentence｜>"};
  auto add = [&](int32_t id) {
    if (std::find(data.stops.begin(), data.stops.end(), id) == data.stops.end())
      data.stops.push_back(id);
  };
  if (data.eos >= 0)
    add(data.eos);
  for (size_t i = 0; i < data.types.size() && i < data.tokens.size(); ++i)
    if (data.types[i] == TokenType::Control &&
        std::find(std::begin(usual), std::end(usual), data.tokens[i]) != std::end(usual))
      add(static_cast<int32_t>(i));
}

} // namespace seqc::tokenizer
