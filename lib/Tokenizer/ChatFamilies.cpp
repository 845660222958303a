#include "ChatFamilies.h"

#include "Utf8.h"

#include <algorithm>

namespace seqc::tokenizer {

std::string_view trim(std::string_view text) {
  static constexpr std::string_view spaces = " \t\n\r\f\v";
  size_t begin = text.find_first_not_of(spaces);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(spaces) + 1 - begin);
}

const std::string *ChatContext::literal(std::string_view mark) const {
  auto found =
      std::find_if(literals.begin(), literals.end(), [&](const std::string &text) { return trim(text) == mark; });
  return found == literals.end() ? nullptr : &*found;
}

const std::string *ChatContext::system() const {
  return messages.front().role == "system" ? &messages.front().content : nullptr;
}

static Failure noSystem() {
  return Failure{"the model's chat template takes no system message: put it into the prompt"};
}

/// The content of a message, trimmed where the template trims.
static std::string_view contentOf(const ChatContext &chat, const ChatMessage &message) {
  bool trims = chat.has("| trim") || chat.has("|trim") || chat.has(".strip()");
  return trims ? trim(message.content) : std::string_view(message.content);
}

//===----------------------------------------------------------------------===//
// ChatML: SmolLM2, Qwen and many others
//===----------------------------------------------------------------------===//

/// The system message that the template puts where there is none: a literal
/// with the whole of it.
static std::string defaultSystem(const ChatContext &chat) {
  static constexpr std::string_view open = "<|im_start|>system\n", close = "<|im_end|>";
  for (const std::string &literal : chat.literals) {
    size_t begin = literal.find(open);
    size_t end = begin == std::string::npos ? begin : literal.find(close, begin);
    if (end != std::string::npos)
      return literal.substr(begin, end - begin);
  }
  return "";
}

static std::string writeChatML(const ChatContext &chat) {
  std::string out(chat.start());
  if (std::string given = defaultSystem(chat); !chat.system() && !given.empty())
    out += given + "<|im_end|>\n";
  for (const ChatMessage &message : chat.messages) {
    out += "<|im_start|>" + message.role + "\n";
    out += contentOf(chat, message);
    out += "<|im_end|>\n";
  }
  return out += "<|im_start|>assistant\n";
}

//===----------------------------------------------------------------------===//
// [INST]: Llama 2 and Mistral
//===----------------------------------------------------------------------===//

static std::string writeLlama2(const ChatContext &chat) {
  std::string out, prefix;
  if (const std::string *system = chat.system())
    prefix = "<<SYS>>\n" + *system + "\n<</SYS>>\n\n";
  for (const ChatMessage &message : chat.messages) {
    if (message.role == "user") {
      out += chat.bos + "[INST] ";
      out += trim(prefix + message.content);
      out += " [/INST]";
      prefix.clear();
    } else if (message.role == "assistant") {
      out += ' ';
      out += trim(message.content);
      out += " " + chat.eos;
    }
  }
  return out;
}

/// Versions differ in the spaces around their marks, and in where the system
/// message goes: into the last question, or between marks of its own.
static Result<std::string> writeMistral(const ChatContext &chat) {
  const std::string *open = chat.literal("[INST]"), *close = chat.literal("[/INST]");
  const std::string *systemOpen = chat.literal("[SYSTEM_PROMPT]"), *systemClose = chat.literal("[/SYSTEM_PROMPT]");
  if (!open || !close)
    return Failure{"the marks [INST] and [/INST] of the model's chat template are not where they usually are"};
  bool spaced = chat.has("' ' + message['content']") || chat.has("\" \" + message[\"content\"]");
  bool ownMarks = systemOpen && systemClose;
  if (chat.system() && !ownMarks && !chat.has("system_message"))
    return noSystem();
  std::string out(chat.start());
  if (chat.system() && ownMarks)
    out += *systemOpen + *chat.system() + *systemClose;
  for (const ChatMessage &message : chat.messages) {
    if (message.role == "user") {
      bool last = &message == &chat.messages.back();
      out += *open + (chat.system() && !ownMarks && last ? *chat.system() + "\n\n" : "") + message.content + *close;
    } else if (message.role == "assistant") {
      out += (spaced ? " " : "") + message.content + chat.eos + (chat.has("eos_token + ' '") ? " " : "");
    }
  }
  return out;
}

//===----------------------------------------------------------------------===//
// Others
//===----------------------------------------------------------------------===//

/// From 3.1 on a system block always comes first and holds two dates. The day
/// is the one that the template falls back to, so that a prompt is the same
/// every day.
static std::string llama3Dates(const ChatContext &chat) {
  if (!chat.has("Cutting Knowledge Date: December 2023"))
    return "";
  static constexpr std::string_view setsDate = "date_string = \"";
  std::string date = "26 Jul 2024";
  if (size_t begin = chat.text.find(setsDate); begin != std::string_view::npos) {
    std::string_view rest = chat.text.substr(begin + setsDate.size());
    date = rest.substr(0, rest.find('"'));
  }
  return "Cutting Knowledge Date: December 2023\nToday Date: " + date + "\n\n";
}

static std::string writeLlama3(const ChatContext &chat) {
  std::string out(chat.start()), dates = llama3Dates(chat);
  auto append = [&](std::string_view role, std::string_view content) {
    out.append("<|start_header_id|>").append(role).append("<|end_header_id|>\n\n").append(content).append("<|eot_id|>");
  };
  if (!dates.empty() && !chat.system())
    append("system", dates);
  for (const ChatMessage &message : chat.messages)
    append(message.role, (message.role == "system" ? dates : "") + std::string(trim(message.content)));
  return out += "<|start_header_id|>assistant<|end_header_id|>\n\n";
}

static Result<std::string> writeGemma(const ChatContext &chat) {
  if (chat.system() && chat.has("System role not supported"))
    return noSystem();
  std::string out(chat.start()), prefix;
  for (const ChatMessage &message : chat.messages) {
    if (message.role == "system") {
      prefix = message.content + "\n\n";
      continue;
    }
    out += "<start_of_turn>" + std::string(message.role == "assistant" ? "model" : "user") + "\n" + prefix;
    out += trim(message.content);
    out += "<end_of_turn>\n";
    prefix.clear();
  }
  return out += "<start_of_turn>model\n";
}

/// Phi 3 ends turns by <|end|>; its later versions leave the line breaks out.
static Result<std::string> writePhi3(const ChatContext &chat) {
  if (chat.system() && !chat.has("system"))
    return noSystem();
  bool lines = std::any_of(chat.literals.begin(), chat.literals.end(), [](const std::string &literal) {
    return literal.find("<|end|>\n") != std::string::npos || literal.find("|>\n") != std::string::npos;
  });
  const char *end = lines ? "\n" : "";
  std::string out(chat.start());
  for (const ChatMessage &message : chat.messages)
    out += "<|" + message.role + "|>" + end + message.content + "<|end|>" + end;
  return out + "<|assistant|>" + end;
}

static std::string writeZephyr(const ChatContext &chat) {
  std::string out(chat.start());
  for (const ChatMessage &message : chat.messages)
    out += "<|" + message.role + "|>\n" + message.content + chat.eos + "\n";
  return out += "<|assistant|>\n";
}

Result<std::string> writeChat(ChatFamily family, const ChatContext &chat) {
  switch (family) {
  case ChatFamily::ChatML:
    return writeChatML(chat);
  case ChatFamily::Llama2:
    return writeLlama2(chat);
  case ChatFamily::Llama3:
    return writeLlama3(chat);
  case ChatFamily::Mistral:
    return writeMistral(chat);
  case ChatFamily::Gemma:
    return writeGemma(chat);
  case ChatFamily::Phi3:
    return writePhi3(chat);
  case ChatFamily::Zephyr:
    return writeZephyr(chat);
  case ChatFamily::Unknown:
    break;
  }
  return Failure{"unknown chat family"};
}

} // namespace seqc::tokenizer
