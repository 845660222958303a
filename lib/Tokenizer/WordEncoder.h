//===- WordEncoder.h - From a word to tokens --------------------*- C++ -*-===//
//
// Byte pair encoding of one word: symbols (bytes or characters) in a linked
// list, the possible merges in a heap, so that a word of n bytes costs
// O(n log n). Of all possible merges the one of the lowest rank (or the highest
// score) is done first, the leftmost among equals.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_TOKENIZER_WORDENCODER_H
#define SEQ_LIB_TOKENIZER_WORDENCODER_H

#include "TextTable.h"

#include "seq/Tokenizer/Tokenizer.h"

#include <array>
#include <unordered_map>

namespace seqc::tokenizer {

/// The bytes of every token, one after the other.
class TokenBytes {
public:
  explicit TokenBytes(const TokenizerData &data);
  std::string_view operator[](int32_t id) const {
    return std::string_view(text).substr(ends[id], ends[id + 1] - ends[id]);
  }

private:
  std::string text;
  std::vector<uint32_t> ends; ///< with a 0 in front
};

/// The tables of the merges. Borrows the data and the bytes.
class WordTables {
public:
  WordTables(const TokenizerData &data, const TokenBytes &bytes);

  const TokenizerData &data;
  const TokenBytes &bytes;
  std::array<int32_t, 256> byteTokens; ///< -1 for bytes that no token holds
  PairTable pairs;                     ///< where the data has merges
  TextTable texts;                     ///< where words or characters are looked up by text
};

/// Encodes the words of one text, remembering those it has seen.
class WordEncoder {
public:
  WordEncoder(const WordTables &tables, Encoding &encoding) : tables(tables), encoding(encoding) {}

  /// Appends the tokens of `word`. The text of all words outlives the encoder.
  void encode(std::string_view word);

private:
  struct Symbol {
    uint32_t begin, end; ///< in the word; empty once merged away
    int32_t id;          ///< -1 where the symbol alone is no token
    int32_t previous, next;
  };
  /// A possible merge of symbol `left` with the next; stale when their ends
  /// have changed.
  struct Candidate {
    uint32_t order;
    int32_t left;
    uint32_t middle, end;
    int32_t id;
  };
  /// Tokens [begin, end) of the encoding.
  struct Span {
    size_t begin, end;
  };

  void makeSymbols(std::string_view word);
  void merge(std::string_view word);
  void consider(std::string_view word, int32_t left);
  PairMerge lookUp(std::string_view word, const Symbol &left, const Symbol &right) const;
  void emit(std::string_view word);
  void emitBytes(std::string_view bytes);

  const WordTables &tables;
  Encoding &encoding;
  std::vector<Symbol> symbols;
  std::vector<Candidate> heap;
  std::unordered_map<std::string_view, Span> seen;
};

} // namespace seqc::tokenizer

#endif // SEQ_LIB_TOKENIZER_WORDENCODER_H
