//===- ChatTemplate.h - Prompts in a model's chat format --------*- C++ -*-===//
//
// Models come with a template in Jinja that turns a conversation into a
// prompt. The families that most models use are recognised by their marks in
// the template's text and written natively; where members of a family differ
// (the default system message, spaces, dates), the template's text decides.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TOKENIZER_CHATTEMPLATE_H
#define SEQ_TOKENIZER_CHATTEMPLATE_H

#include "seq/Tokenizer/TokenizerData.h"

namespace seqc::tokenizer {

struct ChatMessage {
  std::string role; ///< "system", "user" or "assistant"
  std::string content;
};

enum class ChatFamily {
  Unknown,
  ChatML,
  Llama2,
  Llama3,
  Mistral,
  Gemma,
  Phi3,
  Zephyr,
};

ChatFamily recogniseChat(std::string_view chatTemplate);

/// The prompt that asks the model of `data` for the next assistant's message,
/// special tokens spelled out (bos included where the template has it: encode
/// it with parseSpecial and without addSpecial). `messages` holds at most one
/// system message, in front, and then users and assistants in turn. A template
/// of no known family is an error that shows it.
Result<std::string> renderChat(const TokenizerData &data, const std::vector<ChatMessage> &messages);

} // namespace seqc::tokenizer

#endif // SEQ_TOKENIZER_CHATTEMPLATE_H
