//===- Tokenizer.h - From text to ids and back ------------------*- C++ -*-===//
//
// Immutable once made: any number of threads may use one. Text is bytes,
// UTF-8 by intention; invalid sequences are encoded byte by byte, and decode()
// gives every byte back that the vocabulary can hold.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TOKENIZER_TOKENIZER_H
#define SEQ_TOKENIZER_TOKENIZER_H

#include "seq/Tokenizer/TokenizerData.h"

#include <memory>
#include <span>

namespace seqc::tokenizer {

struct EncodeOptions {
  /// Control tokens spelled in the text become those tokens; otherwise they are
  /// text like any other. User-defined tokens always do.
  bool parseSpecial = false;
  /// Puts bos before and eos behind where the model wants them.
  bool addSpecial = false;
};

struct Encoding {
  std::vector<int32_t> ids;
  /// Bytes that no token holds and that are therefore missing in `ids` (or
  /// stand there as the unknown token).
  size_t unencodable = 0;
  uint8_t firstUnencodable = 0; ///< the first of these bytes
};

class Tokenizer {
public:
  /// Fails on data that validate() refuses and on patterns that are no regular
  /// expressions.
  static Result<std::unique_ptr<Tokenizer>> create(TokenizerData data);
  ~Tokenizer();

  /// Fails only where a pattern of the model exceeds the limits of matching.
  Result<Encoding> encode(std::string_view text, const EncodeOptions &options = {}) const;

  /// The bytes that the ids stand for: special tokens as they are spelled. Ids
  /// are within [0, vocabularySize()). With `fromStart` the space that encode()
  /// puts before a text is taken away again (with SpacePrefix::WhenMissing also
  /// one that stood there before: the ids are the same).
  std::string decode(std::span<const int32_t> ids, bool fromStart = true) const;

  /// The bytes of one token, valid as long as the tokenizer.
  std::string_view bytes(int32_t id) const;
  /// Whether a token is for control and not meant to be seen.
  bool isControl(int32_t id) const;
  /// Whether a token ends a generation.
  bool isStop(int32_t id) const;

  int32_t vocabularySize() const;
  const TokenizerData &data() const;

private:
  struct Tables;
  explicit Tokenizer(std::unique_ptr<Tables> tables);
  std::unique_ptr<Tables> tables;
};

} // namespace seqc::tokenizer

#endif // SEQ_TOKENIZER_TOKENIZER_H
