#include "seq/Tokenizer/TokenizerData.h"

#include "Tokenizer_generated.h"

#include <cstring>

namespace seqc::tokenizer {

/// The version that this reader is; see `reader` in Tokenizer.fbs.
static constexpr uint32_t readerVersion = 1;

std::string serialise(const TokenizerData &data) {
  flatbuffers::FlatBufferBuilder builder(1 << 20);
  std::vector<uint8_t> text;
  std::vector<uint32_t> ends;
  ends.reserve(data.tokens.size());
  for (const std::string &token : data.tokens) {
    text.insert(text.end(), token.begin(), token.end());
    ends.push_back(static_cast<uint32_t>(text.size()));
  }
  std::vector<schema::Merge> merges;
  merges.reserve(data.merges.size());
  for (const Merge &merge : data.merges)
    merges.emplace_back(merge.left, merge.right, merge.result);
  std::vector<schema::StripRule> strips;
  strips.reserve(data.strips.size());
  for (const StripRule &strip : data.strips)
    strips.emplace_back(strip.token, strip.left, strip.right);
  std::vector<uint8_t> types;
  types.reserve(data.types.size());
  for (TokenType type : data.types)
    types.push_back(static_cast<uint8_t>(type));

  auto textOffset = builder.CreateVector(text);
  auto endsOffset = builder.CreateVector(ends);
  auto typesOffset = builder.CreateVector(types);
  auto scoresOffset = builder.CreateVector(data.scores);
  auto mergesOffset = builder.CreateVectorOfStructs(merges);
  auto splitsOffset = builder.CreateVectorOfStrings(data.splits);
  auto stripsOffset = builder.CreateVectorOfStructs(strips);
  auto stopsOffset = builder.CreateVector(data.stops);
  auto chatOffset = builder.CreateString(data.chatTemplate);

  schema::TokenizerBuilder table(builder);
  table.add_model(static_cast<uint8_t>(data.model));
  table.add_token_text(textOffset);
  table.add_token_ends(endsOffset);
  table.add_types(typesOffset);
  table.add_scores(scoresOffset);
  table.add_merges(mergesOffset);
  table.add_splits(splitsOffset);
  table.add_whole_words_first(data.wholeWordsFirst);
  table.add_normalize_nfc(data.normalizeNFC);
  table.add_space_prefix(static_cast<uint8_t>(data.spacePrefix));
  table.add_prefix_start_only(data.prefixStartOnly);
  table.add_strips(stripsOffset);
  table.add_bos(data.bos);
  table.add_eos(data.eos);
  table.add_unknown(data.unknown);
  table.add_stops(stopsOffset);
  table.add_add_bos(data.addBos);
  table.add_add_eos(data.addEos);
  table.add_chat_template(chatOffset);
  schema::FinishTokenizerBuffer(builder, table.Finish());
  return std::string(reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize());
}

/// Cuts the tokens out of their text; false where the ends do not fit it.
static bool readTokens(const schema::Tokenizer &table, TokenizerData &data) {
  auto *text = table.token_text();
  auto *ends = table.token_ends();
  if (!ends)
    return true;
  size_t size = text ? text->size() : 0;
  uint32_t begin = 0;
  data.tokens.reserve(ends->size());
  for (uint32_t end : *ends) {
    if (end < begin || end > size)
      return false;
    data.tokens.emplace_back(reinterpret_cast<const char *>(text ? text->data() : nullptr) + begin, end - begin);
    begin = end;
  }
  return begin == size;
}

template <typename From, typename To> static void readVector(const From *from, To &to) {
  if (from)
    to.assign(from->begin(), from->end());
}

static void readLists(const schema::Tokenizer &table, TokenizerData &data) {
  if (auto *types = table.types())
    for (uint8_t type : *types)
      data.types.push_back(static_cast<TokenType>(type));
  readVector(table.scores(), data.scores);
  readVector(table.stops(), data.stops);
  if (auto *merges = table.merges())
    for (const schema::Merge *merge : *merges)
      data.merges.push_back({merge->left(), merge->right(), merge->result()});
  if (auto *strips = table.strips())
    for (const schema::StripRule *strip : *strips)
      data.strips.push_back({strip->token(), strip->left(), strip->right()});
  if (auto *splits = table.splits())
    for (const flatbuffers::String *split : *splits)
      data.splits.push_back(split->str());
}

static TokenizerData readFields(const schema::Tokenizer &table) {
  TokenizerData data;
  data.model = static_cast<Model>(table.model());
  data.wholeWordsFirst = table.whole_words_first();
  data.normalizeNFC = table.normalize_nfc();
  data.spacePrefix = static_cast<SpacePrefix>(table.space_prefix());
  data.prefixStartOnly = table.prefix_start_only();
  data.bos = table.bos();
  data.eos = table.eos();
  data.unknown = table.unknown();
  data.addBos = table.add_bos();
  data.addEos = table.add_eos();
  if (auto *chat = table.chat_template())
    data.chatTemplate = chat->str();
  return data;
}

Result<TokenizerData> deserialise(std::string_view bytes) {
  static constexpr const char *damaged = "the tokenizer section is damaged: compile the model again";
  // Aligned as the vectors in it need.
  std::vector<uint64_t> aligned(bytes.size() / 8 + 1);
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  const uint8_t *begin = reinterpret_cast<const uint8_t *>(aligned.data());
  flatbuffers::Verifier verifier(begin, bytes.size());
  if (bytes.size() < 16 || !schema::TokenizerBufferHasIdentifier(begin) || !schema::VerifyTokenizerBuffer(verifier))
    return Failure{damaged};
  const schema::Tokenizer &table = *schema::GetTokenizer(begin);
  if (table.reader() > readerVersion)
    return Failure{"the tokenizer section needs a newer runtime (its format is " + std::to_string(table.reader()) +
                   ", this one reads up to " + std::to_string(readerVersion) + ")"};
  TokenizerData data = readFields(table);
  if (!readTokens(table, data))
    return Failure{damaged};
  readLists(table, data);
  if (std::string error = validate(data); !error.empty())
    return Failure{std::string(damaged) + " (" + error + ")"};
  return data;
}

} // namespace seqc::tokenizer
