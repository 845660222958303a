#include "WordEncoder.h"

#include "ByteAlphabet.h"
#include "Utf8.h"

#include <algorithm>
#include <bit>

namespace seqc::tokenizer {

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

/// The value of "<0x0A>", or -1.
static int byteOfSpelling(std::string_view text) {
  if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>')
    return -1;
  int value = 0;
  for (char c : text.substr(3, 2)) {
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                       : -1;
    if (digit < 0)
      return -1;
    value = value * 16 + digit;
  }
  return value;
}

/// The bytes that token `id` stands for.
static std::string bytesOf(const TokenizerData &data, int32_t id) {
  const std::string &text = data.tokens[id];
  if (data.model == Model::ByteLevelBPE) {
    std::string bytes;
    bool spelled = data.type(id) == TokenType::Normal && bytesFromAlphabet(text, bytes);
    return spelled ? bytes : text;
  }
  if (data.model == Model::Bytes)
    return text;
  if (int byte = byteOfSpelling(text); data.type(id) == TokenType::Byte && byte >= 0)
    return std::string(1, static_cast<char>(byte));
  bool special = data.type(id) == TokenType::Control || data.type(id) == TokenType::Unknown;
  return special ? text : replaceAll(text, visibleSpace, " ");
}

TokenBytes::TokenBytes(const TokenizerData &data) {
  int32_t size = data.vocabularySize();
  ends.reserve(size + 1);
  ends.push_back(0);
  for (int32_t id = 0; id < size; ++id) {
    if (data.model == Model::Bytes && id < 256)
      text += static_cast<char>(id);
    else
      text += bytesOf(data, id);
    ends.push_back(static_cast<uint32_t>(text.size()));
  }
}

WordTables::WordTables(const TokenizerData &data, const TokenBytes &bytes) : data(data), bytes(bytes) {
  byteTokens.fill(-1);
  TokenType spellsByte = data.model == Model::SentencePieceBPE ? TokenType::Byte : TokenType::Normal;
  for (int32_t id = data.vocabularySize() - 1; id >= 0; --id)
    if (bytes[id].size() == 1 && data.type(id) == spellsByte)
      byteTokens[static_cast<uint8_t>(bytes[id][0])] = id;

  if (!data.merges.empty())
    pairs.reserve(data.merges.size());
  for (size_t rank = 0; rank < data.merges.size(); ++rank) {
    const Merge &merge = data.merges[rank];
    pairs.insert(merge.left, merge.right, {static_cast<uint32_t>(rank), merge.result});
  }
  if (data.model != Model::SentencePieceBPE && !data.wholeWordsFirst)
    return;
  texts.reserve(data.tokens.size());
  for (int32_t id = 0; id < data.vocabularySize(); ++id)
    if (data.type(id) == TokenType::Normal)
      texts.insert(bytes[id], id);
}

//===----------------------------------------------------------------------===//
// Merging
//===----------------------------------------------------------------------===//

void WordEncoder::makeSymbols(std::string_view word) {
  symbols.clear();
  bool byBytes = tables.data.model == Model::ByteLevelBPE;
  for (size_t at = 0; at < word.size();) {
    size_t length = byBytes ? 1 : nextUtf8(word.substr(at)).length;
    std::string_view text = word.substr(at, length);
    int32_t id = byBytes ? tables.byteTokens[static_cast<uint8_t>(text[0])] : tables.texts.find(text);
    int32_t index = static_cast<int32_t>(symbols.size());
    symbols.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(at + length), id, index - 1, index + 1});
    at += length;
  }
  symbols.back().next = -1;
}

/// Orders scores as unsigned numbers, the highest first.
static uint32_t orderOfScore(float score) {
  uint32_t bits = std::bit_cast<uint32_t>(score + 0.0f); // one zero
  return bits >> 31 ? bits : ~bits & 0x7FFFFFFF;
}

PairMerge WordEncoder::lookUp(std::string_view word, const Symbol &left, const Symbol &right) const {
  if (!tables.data.merges.empty())
    return tables.pairs.find(left.id, right.id);
  int32_t id = tables.texts.find(word.substr(left.begin, right.end - left.begin));
  return id < 0 ? PairMerge() : PairMerge{orderOfScore(tables.data.scores[id]), id};
}

/// The heap has its smallest element on top: first the order, then the place.
static bool isLater(const auto &a, const auto &b) { return a.order != b.order ? a.order > b.order : a.left > b.left; }

void WordEncoder::consider(std::string_view word, int32_t left) {
  if (left < 0 || symbols[left].next < 0)
    return;
  const Symbol &first = symbols[left], &second = symbols[first.next];
  PairMerge found = lookUp(word, first, second);
  if (found.result < 0)
    return;
  heap.push_back({found.rank, left, first.end, second.end, found.result});
  std::push_heap(heap.begin(), heap.end(), isLater<Candidate, Candidate>);
}

void WordEncoder::merge(std::string_view word) {
  heap.clear();
  for (size_t i = 0; i + 1 < symbols.size(); ++i)
    consider(word, static_cast<int32_t>(i));
  while (!heap.empty()) {
    Candidate best = heap.front();
    std::pop_heap(heap.begin(), heap.end(), isLater<Candidate, Candidate>);
    heap.pop_back();
    Symbol &left = symbols[best.left];
    if (left.end != best.middle || left.next < 0 || symbols[left.next].end != best.end)
      continue;
    Symbol &right = symbols[left.next];
    left.end = right.end;
    left.id = best.id;
    left.next = right.next;
    right.end = right.begin;
    if (left.next >= 0)
      symbols[left.next].previous = best.left;
    consider(word, left.previous);
    consider(word, best.left);
  }
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

void WordEncoder::emitBytes(std::string_view bytes) {
  for (char c : bytes) {
    uint8_t byte = static_cast<uint8_t>(c);
    if (int32_t id = tables.byteTokens[byte]; id >= 0) {
      encoding.ids.push_back(id);
      continue;
    }
    if (encoding.unencodable++ == 0)
      encoding.firstUnencodable = byte;
    // One unknown token for a run of what is unknown.
    int32_t unknown = tables.data.unknown;
    if (unknown >= 0 && (encoding.ids.empty() || encoding.ids.back() != unknown))
      encoding.ids.push_back(unknown);
  }
}

void WordEncoder::emit(std::string_view word) {
  for (int32_t at = 0; at >= 0; at = symbols[at].next) {
    const Symbol &symbol = symbols[at];
    if (symbol.id >= 0)
      encoding.ids.push_back(symbol.id);
    else
      emitBytes(word.substr(symbol.begin, symbol.end - symbol.begin));
  }
}

void WordEncoder::encode(std::string_view word) {
  // Longer words hardly come twice.
  static constexpr size_t longestRemembered = 64;
  if (word.empty())
    return;
  if (tables.data.model == Model::Bytes)
    return emitBytes(word);
  if (int32_t whole = tables.data.wholeWordsFirst ? tables.texts.find(word) : -1; whole >= 0) {
    encoding.ids.push_back(whole);
    return;
  }
  bool remember = word.size() <= longestRemembered;
  if (auto found = remember ? seen.find(word) : seen.end(); found != seen.end()) {
    for (size_t i = found->second.begin; i < found->second.end; ++i)
      encoding.ids.push_back(encoding.ids[i]);
    return;
  }
  size_t begin = encoding.ids.size(), unencodable = encoding.unencodable;
  makeSymbols(word);
  merge(word);
  emit(word);
  if (remember && encoding.unencodable == unencodable)
    seen.emplace(word, Span{begin, encoding.ids.size()});
}

} // namespace seqc::tokenizer
