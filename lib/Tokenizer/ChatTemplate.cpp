#include "seq/Tokenizer/ChatTemplate.h"

#include "ChatFamilies.h"
#include "Utf8.h"

namespace seqc::tokenizer {

/// The string of a Jinja expression that starts at the quote `text[at]`;
/// leaves `at` behind it.
static std::string readLiteral(std::string_view text, size_t &at) {
  std::string literal;
  char quote = text[at++];
  while (at < text.size() && text[at] != quote) {
    char c = text[at++];
    if (c == '\\' && at < text.size()) {
      c = text[at++];
      c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    literal += c;
  }
  ++at;
  return literal;
}

/// The strings in the code ({{ … }} and {% … %}) of a template.
static std::vector<std::string> literalsOf(std::string_view text) {
  std::vector<std::string> literals;
  bool inCode = false;
  for (size_t at = 0; at < text.size();) {
    std::string_view two = text.substr(at, 2);
    if (!inCode && (two == "{{" || two == "{%")) {
      inCode = true;
      at += 2;
    } else if (inCode && (two == "}}" || two == "%}")) {
      inCode = false;
      at += 2;
    } else if (inCode && (text[at] == '\'' || text[at] == '"')) {
      literals.push_back(readLiteral(text, at));
    } else {
      ++at;
    }
  }
  return literals;
}

ChatFamily recogniseChat(std::string_view text) {
  auto has = [&](std::string_view part) { return text.find(part) != std::string_view::npos; };
  bool knowsDate = has("strftime_now");
  if (has("<|start_header_id|>"))
    return ChatFamily::Llama3;
  // Those that write today's date, or other marks between, are of no family.
  if (has("<|im_start|>"))
    return knowsDate || has("<|im_sep|>") ? ChatFamily::Unknown : ChatFamily::ChatML;
  if (has("<start_of_turn>"))
    return ChatFamily::Gemma;
  if (has("<<SYS>>"))
    return ChatFamily::Llama2;
  if (has("[INST]"))
    return knowsDate ? ChatFamily::Unknown : ChatFamily::Mistral;
  if (has("<|assistant|>") && has("<|end|>"))
    return ChatFamily::Phi3;
  if (has("<|assistant|>") && has("<|user|>") && has("eos_token"))
    return ChatFamily::Zephyr;
  return ChatFamily::Unknown;
}

static std::string checkMessages(const std::vector<ChatMessage> &messages) {
  const char *wanted = "user";
  for (size_t i = 0; i < messages.size(); ++i) {
    if (i == 0 && messages[i].role == "system")
      continue;
    if (messages[i].role != wanted)
      return "message " + std::to_string(i) + " of the chat is by '" + messages[i].role + "', expected '" + wanted +
             "'";
    wanted = messages[i].role == "user" ? "assistant" : "user";
  }
  if (messages.empty() || messages.back().role != "user")
    return "the last message of the chat is not by the user";
  return "";
}

Result<std::string> renderChat(const TokenizerData &data, const std::vector<ChatMessage> &messages) {
  if (std::string error = checkMessages(messages); !error.empty())
    return Failure{error};
  if (data.chatTemplate.empty())
    return Failure{"the model has no chat template: give a prompt in the format that it was trained with"};
  ChatFamily family = recogniseChat(data.chatTemplate);
  if (family == ChatFamily::Unknown)
    return Failure{"the model's chat template is of no known family (ChatML, Llama 2 and 3, Mistral, Gemma, Phi 3, "
                   "Zephyr): write the prompt in its format by hand; it is: " +
                   replaceAll(data.chatTemplate, "\n", "\\n")};
  auto spelling = [&](int32_t id) {
    return id >= 0 && static_cast<size_t>(id) < data.tokens.size() ? data.tokens[id] : std::string();
  };
  return writeChat(family, ChatContext{data.chatTemplate, literalsOf(data.chatTemplate), spelling(data.bos),
                                       spelling(data.eos), messages});
}

} // namespace seqc::tokenizer
