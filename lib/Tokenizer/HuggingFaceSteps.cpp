#include "HuggingFaceReader.h"
#include "Utf8.h"

namespace seqc::tokenizer {

using nlohmann::json;

const json &member(const json &value, const char *name) {
  static const json nothing;
  if (!value.is_object())
    return nothing;
  auto found = value.find(name);
  return found == value.end() ? nothing : *found;
}

std::string textOf(const json &value, const char *name) {
  const json &text = member(value, name);
  return text.is_string() ? text.get<std::string>() : std::string();
}

bool flagOf(const json &value, const char *name, bool otherwise) {
  const json &flag = member(value, name);
  return flag.is_boolean() ? flag.get<bool>() : otherwise;
}

static std::string unsupported(const std::string &place, const std::string &what) {
  return place + ": " + (what.empty() ? "a step without a type" : "'" + what + "'") + " is not supported";
}

/// Calls `read` for each step of a sequence under the name `list`.
static std::string forEach(const json &step, const char *list, const std::string &place, auto read) {
  static constexpr size_t longestPlace = 400; // names about 20 levels
  const json &steps = member(step, list);
  if (place.size() > longestPlace)
    return place + ": nested too deeply";
  if (!steps.is_array())
    return place + "." + list + ": missing or no list";
  for (size_t i = 0; i < steps.size(); ++i)
    if (std::string error = read(steps[i], place + "." + list + "[" + std::to_string(i) + "]"); !error.empty())
      return error;
  return "";
}

std::string StepReader::readNormalizer(const json &step, const std::string &place) {
  if (step.is_null())
    return "";
  std::string type = textOf(step, "type");
  if (type == "Sequence")
    return forEach(step, "normalizers", place,
                   [&](const json &inner, const std::string &where) { return readNormalizer(inner, where); });
  if (type == "NFC") {
    data.normalizeNFC = true;
    return "";
  }
  if (type == "Prepend" && textOf(step, "prepend") == visibleSpace) {
    data.spacePrefix = SpacePrefix::Always;
    return "";
  }
  if (type == "Replace" && textOf(member(step, "pattern"), "String") == " " &&
      textOf(step, "content") == visibleSpace) {
    spacesReplaced = true;
    return "";
  }
  return unsupported(place, type);
}

/// A pattern that matches `text` as it is.
static std::string escapePattern(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool plain = static_cast<uint8_t>(c) >= 0x80 || std::isalnum(static_cast<uint8_t>(c)) || c == '_' || c == ' ';
    out += plain ? "" : "\\";
    out += c;
  }
  return out;
}

std::string StepReader::readSplit(const json &step, const std::string &place) {
  const json &pattern = member(step, "pattern");
  std::string regex = textOf(pattern, "Regex"), text = textOf(pattern, "String"), behavior = textOf(step, "behavior");
  if (regex.empty() && text.empty())
    return place + ".pattern: missing";
  bool invert = flagOf(step, "invert", false);
  // There are no spaces left to split at.
  if (text == " " && spacesReplaced)
    return "";
  // Matches taken and the rest dropped: the patterns in use match everything.
  bool keepsMatches = behavior == "Removed" && invert;
  if (!keepsMatches && (behavior != "Isolated" || invert))
    return unsupported(place + ".behavior", behavior + (invert ? " inverted" : ""));
  data.splits.push_back(regex.empty() ? escapePattern(text) : regex);
  return "";
}

std::string StepReader::readByteLevel(const json &step, const std::string &place) {
  if (flagOf(step, "add_prefix_space", true)) {
    if (!data.splits.empty())
      return unsupported(place + ".add_prefix_space", "true behind other steps");
    data.spacePrefix = SpacePrefix::WhenMissing;
  }
  if (flagOf(step, "use_regex", true)) {
    TokenizerData gpt2;
    if (auto set = setPreTokenizer(gpt2, "gpt-2"); !set)
      return set.message();
    data.splits.push_back(gpt2.splits.front());
  }
  byteLevel = true;
  return "";
}

std::string StepReader::readMetaspace(const json &step, const std::string &place) {
  if (textOf(step, "replacement") != visibleSpace)
    return unsupported(place + ".replacement", textOf(step, "replacement"));
  std::string scheme = textOf(step, "prepend_scheme");
  if (scheme.empty())
    scheme = flagOf(step, "add_prefix_space", true) ? "always" : "never";
  if (scheme != "always" && scheme != "first" && scheme != "never")
    return unsupported(place + ".prepend_scheme", scheme);
  if (scheme != "never")
    data.spacePrefix = SpacePrefix::WhenMissing;
  data.prefixStartOnly = scheme == "first";
  spacesReplaced = true;
  if (flagOf(step, "split", true))
    data.splits.push_back(" [^ ]*|[^ ]+"); // each space starts a word
  return "";
}

std::string StepReader::readPreTokenizer(const json &step, const std::string &place) {
  if (step.is_null())
    return "";
  std::string type = textOf(step, "type");
  if (byteLevel)
    return unsupported(place, type + " behind ByteLevel");
  if (type == "Sequence")
    return forEach(step, "pretokenizers", place,
                   [&](const json &inner, const std::string &where) { return readPreTokenizer(inner, where); });
  if (type == "Split")
    return readSplit(step, place);
  if (type == "ByteLevel")
    return readByteLevel(step, place);
  if (type == "Metaspace")
    return readMetaspace(step, place);
  if (type == "Digits") {
    data.splits.push_back(flagOf(step, "individual_digits", false) ? R"(\p{N})" : R"(\p{N}+)");
    return "";
  }
  return unsupported(place, type);
}

/// "single" lists the text ("A") and the special tokens around it.
std::string StepReader::readTemplate(const json &step, const std::string &place) {
  bool before = true;
  return forEach(step, "single", place, [&](const json &item, const std::string &where) -> std::string {
    if (member(item, "Sequence").is_object()) {
      before = false;
      return "";
    }
    std::string token = textOf(member(item, "SpecialToken"), "id");
    std::string &spelled = before ? bos : eos;
    if (token.empty() || !spelled.empty())
      return where + ": more than one special token on a side is not supported";
    spelled = token;
    (before ? data.addBos : data.addEos) = true;
    return "";
  });
}

std::string StepReader::readPostProcessor(const json &step, const std::string &place) {
  if (step.is_null())
    return "";
  std::string type = textOf(step, "type");
  if (type == "Sequence")
    return forEach(step, "processors", place,
                   [&](const json &inner, const std::string &where) { return readPostProcessor(inner, where); });
  if (type == "ByteLevel")
    return "";
  if (type == "TemplateProcessing")
    return readTemplate(step, place);
  if (type == "RobertaProcessing" || type == "BertProcessing") {
    for (auto [name, spelled] : {std::pair("cls", &bos), {"sep", &eos}}) {
      const json &pair = member(step, name);
      if (!pair.is_array() || pair.empty() || !pair[0].is_string())
        return place + "." + name + ": missing";
      *spelled = pair[0].get<std::string>();
    }
    data.addBos = data.addEos = true;
    return "";
  }
  return unsupported(place, type);
}

} // namespace seqc::tokenizer
