#include "seq/Tokenizer/Tokenizer.h"

#include "Composition.h"
#include "PreTokenizer.h"
#include "SpecialMatcher.h"
#include "Utf8.h"
#include "WordEncoder.h"

#include <algorithm>
#include <deque>

namespace seqc::tokenizer {

struct Tokenizer::Tables {
  Tables(TokenizerData given, PreTokenizer preTokenizer)
      : data(std::move(given)), bytes(data), words(data, bytes), preTokenizer(std::move(preTokenizer)),
        specials(specialEntries()), isStop(data.vocabularySize()) {
    for (int32_t id : data.stops)
      isStop[id] = true;
  }

  std::vector<SpecialMatcher::Entry> specialEntries() const;

  TokenizerData data;
  TokenBytes bytes;
  WordTables words;
  PreTokenizer preTokenizer;
  SpecialMatcher specials;
  std::vector<bool> isStop;
};

std::vector<SpecialMatcher::Entry> Tokenizer::Tables::specialEntries() const {
  std::vector<SpecialMatcher::Entry> entries;
  for (int32_t id = 0; id < data.vocabularySize(); ++id) {
    TokenType type = data.type(id);
    if (type == TokenType::Control || type == TokenType::Unknown || type == TokenType::UserDefined)
      entries.push_back({bytes[id], id, type != TokenType::UserDefined, false, false});
  }
  for (const StripRule &strip : data.strips) {
    auto entry = std::lower_bound(entries.begin(), entries.end(), strip.token,
                                  [](const SpecialMatcher::Entry &entry, int32_t id) { return entry.id < id; });
    if (entry == entries.end() || entry->id != strip.token)
      continue;
    entry->stripLeft |= strip.left;
    entry->stripRight |= strip.right;
  }
  return entries;
}

Tokenizer::Tokenizer(std::unique_ptr<Tables> tables) : tables(std::move(tables)) {}
Tokenizer::~Tokenizer() = default;

Result<std::unique_ptr<Tokenizer>> Tokenizer::create(TokenizerData data) {
  if (std::string error = validate(data); !error.empty())
    return Failure{error};
  Result<PreTokenizer> preTokenizer = PreTokenizer::create(data.splits);
  if (!preTokenizer)
    return preTokenizer.failure();
  auto tables = std::make_unique<Tables>(std::move(data), std::move(*preTokenizer));
  return std::unique_ptr<Tokenizer>(new Tokenizer(std::move(tables)));
}

namespace {

/// One call of encode().
class TextEncoder {
public:
  TextEncoder(const TokenizerData &data, const WordTables &tables, const PreTokenizer &preTokenizer)
      : data(data), preTokenizer(preTokenizer), words(tables, encoding) {}

  /// Appends a part of the text that has no special tokens in it; returns an
  /// error or "".
  std::string part(std::string_view text, bool atStart);
  Encoding encoding;

private:
  std::string prepare(std::string_view text, bool atStart) const;

  const TokenizerData &data;
  const PreTokenizer &preTokenizer;
  std::deque<std::string> prepared; ///< what the words are views of; never moves
  WordEncoder words;
};

} // namespace

/// Normalises and puts the space in front.
std::string TextEncoder::prepare(std::string_view text, bool atStart) const {
  std::string out = data.normalizeNFC && !isPlainlyNFC(text) ? composeNFC(text) : std::string(text);
  if (data.model == Model::SentencePieceBPE)
    out = replaceAll(out, visibleSpace, " ");
  bool wanted = data.spacePrefix == SpacePrefix::Always ||
                (data.spacePrefix == SpacePrefix::WhenMissing && !out.starts_with(' '));
  if (wanted && (atStart || !data.prefixStartOnly))
    out.insert(0, 1, ' ');
  return out;
}

std::string TextEncoder::part(std::string_view text, bool atStart) {
  if (text.empty())
    return "";
  bool changes = data.normalizeNFC || data.model == Model::SentencePieceBPE || data.spacePrefix != SpacePrefix::None;
  if (changes)
    text = prepared.emplace_back(prepare(text, atStart));
  auto split = preTokenizer.split(text);
  if (!split)
    return split.message();
  for (std::string_view word : *split)
    words.encode(word);
  return "";
}

Result<Encoding> Tokenizer::encode(std::string_view text, const EncodeOptions &options) const {
  // Places in a word are 32-bit numbers.
  if (text.size() >= size_t{1} << 31)
    return Failure{"the text is too long: at most 2 GB can be turned into tokens at once"};
  const TokenizerData &data = tables->data;
  TextEncoder encoder(data, tables->words, tables->preTokenizer);
  std::vector<int32_t> &ids = encoder.encoding.ids;
  if (options.addSpecial && data.addBos && data.bos >= 0)
    ids.push_back(data.bos);
  for (size_t at = 0; at < text.size();) {
    SpecialMatcher::Match special = tables->specials.find(text, at, options.parseSpecial);
    size_t end = special.id < 0 ? text.size() : special.begin;
    if (std::string error = encoder.part(text.substr(at, end - at), at == 0); !error.empty())
      return Failure{error};
    if (special.id >= 0)
      ids.push_back(special.id);
    at = special.id < 0 ? text.size() : special.end;
  }
  if (options.addSpecial && data.addEos && data.eos >= 0)
    ids.push_back(data.eos);
  return std::move(encoder.encoding);
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool fromStart) const {
  const TokenizerData &data = tables->data;
  std::string text;
  bool prefixed = fromStart && data.model == Model::SentencePieceBPE && data.spacePrefix != SpacePrefix::None;
  bool strip = prefixed;
  for (int32_t id : ids) {
    std::string_view piece = bytes(id);
    if (strip && !isControl(id)) {
      if (piece.starts_with(' '))
        piece.remove_prefix(1);
      strip = false;
    } else if (isControl(id)) {
      // The text behind a special token got a space as well.
      strip = strip || (prefixed && !data.prefixStartOnly);
    }
    text += piece;
  }
  return text;
}

std::string_view Tokenizer::bytes(int32_t id) const { return tables->bytes[id]; }

bool Tokenizer::isControl(int32_t id) const {
  TokenType type = tables->data.type(id);
  return type == TokenType::Control || type == TokenType::Unknown;
}

bool Tokenizer::isStop(int32_t id) const { return tables->isStop[id]; }

int32_t Tokenizer::vocabularySize() const { return tables->data.vocabularySize(); }

const TokenizerData &Tokenizer::data() const { return tables->data; }

} // namespace seqc::tokenizer
