//===- SpecialMatcher.h - Special tokens spelled in text --------*- C++ -*-===//

#ifndef SEQ_LIB_TOKENIZER_SPECIALMATCHER_H
#define SEQ_LIB_TOKENIZER_SPECIALMATCHER_H

#include "seq/Tokenizer/TokenizerData.h"

#include <string_view>
#include <vector>

namespace seqc::tokenizer {

/// Finds the first special token in a text, the longest where several start at
/// the same place.
class SpecialMatcher {
public:
  struct Entry {
    std::string_view text; ///< borrowed
    int32_t id;
    bool control;    ///< only found when asked for
    bool stripLeft;  ///< takes white space before it along
    bool stripRight; ///< takes white space behind it along
  };
  struct Match {
    int32_t id = -1; ///< -1 for none
    size_t begin = 0;
    size_t end = 0;
  };

  SpecialMatcher() = default;
  /// Entries with an empty text are left out.
  explicit SpecialMatcher(std::vector<Entry> entries);

  /// The first match from `begin` on; control tokens only `withControl`.
  Match find(std::string_view text, size_t begin, bool withControl) const;

private:
  const Entry *longestAt(std::string_view text, bool withControl) const;

  std::vector<Entry> entries; ///< sorted by text
  bool startsEntry[256] = {}; ///< by first byte
};

} // namespace seqc::tokenizer

#endif // SEQ_LIB_TOKENIZER_SPECIALMATCHER_H
