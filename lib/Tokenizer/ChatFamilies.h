//===- ChatFamilies.h - The writers of chat formats -------------*- C++ -*-===//

#ifndef SEQ_LIB_TOKENIZER_CHATFAMILIES_H
#define SEQ_LIB_TOKENIZER_CHATFAMILIES_H

#include "seq/Tokenizer/ChatTemplate.h"

namespace seqc::tokenizer {

/// What the writers look at.
struct ChatContext {
  std::string_view text;             ///< of the template
  std::vector<std::string> literals; ///< the strings in its code, unescaped
  std::string bos, eos;              ///< as spelled, "" where there is none
  const std::vector<ChatMessage> &messages;

  bool has(std::string_view part) const { return text.find(part) != std::string_view::npos; }
  /// bos, where the template writes it.
  std::string_view start() const { return has("bos_token") ? bos : std::string_view(); }
  /// The first literal that is `mark` with white space around it, or null.
  const std::string *literal(std::string_view mark) const;
  /// The system message's content, or null.
  const std::string *system() const;
};

/// `text` without white space around it.
std::string_view trim(std::string_view text);

/// The writer of a family (not Unknown).
Result<std::string> writeChat(ChatFamily family, const ChatContext &chat);

} // namespace seqc::tokenizer

#endif // SEQ_LIB_TOKENIZER_CHATFAMILIES_H
