#include "seq/Tokenizer/HuggingFace.h"

#include "HuggingFaceReader.h"

#include <algorithm>

namespace seqc::tokenizer {

using nlohmann::json;

namespace {

/// One call of fromHuggingFace(). The methods return an error or "".
class FolderReader {
public:
  std::string readTokenizer(const json &file);
  std::string readConfig(const json &config);
  std::string readStops(const json &generation);

  TokenizerData data;

private:
  std::string readVocabulary(const json &model);
  std::string readAddedTokens(const json &added);
  std::string readMerges(const json &model);
  std::string checkModel(const json &model);
  std::string place(const json &id, const std::string &text, const std::string &where);
  /// The id of a spelled token, or -1.
  int32_t find(const std::string &text) const;
  std::string findNamed(const std::string &text, const char *what, int32_t &id) const;

  StepReader steps{data};
};

} // namespace

/// Puts a token at its id, making room.
std::string FolderReader::place(const json &id, const std::string &text, const std::string &where) {
  static constexpr uint64_t maxId = uint64_t{1} << 24;
  if (!id.is_number_unsigned() || id.get<uint64_t>() >= maxId)
    return where + ": the id of '" + text + "' is not a number from 0 to " + std::to_string(maxId - 1);
  size_t index = id.get<size_t>();
  if (index >= data.tokens.size()) {
    data.tokens.resize(index + 1);
    data.types.resize(index + 1, TokenType::Unused);
  }
  if (!data.tokens[index].empty() && data.tokens[index] != text)
    return where + ": '" + text + "' and '" + data.tokens[index] + "' have the same id " + std::to_string(index);
  data.tokens[index] = text;
  data.types[index] = TokenType::Normal;
  return "";
}

int32_t FolderReader::find(const std::string &text) const {
  auto found = std::find(data.tokens.begin(), data.tokens.end(), text);
  return found == data.tokens.end() ? -1 : static_cast<int32_t>(found - data.tokens.begin());
}

std::string FolderReader::findNamed(const std::string &text, const char *what, int32_t &id) const {
  if (text.empty())
    return "";
  id = find(text);
  return id < 0 ? std::string(what) + ": '" + text + "' is not in the vocabulary" : "";
}

std::string FolderReader::checkModel(const json &model) {
  if (!model.is_object())
    return "model: missing";
  std::string type = textOf(model, "type");
  // Files of the first versions leave the type out.
  if (type.empty() ? !member(model, "merges").is_array() : type != "BPE")
    return "model.type: '" + type + "' is not supported (BPE is)";
  const json &dropout = member(model, "dropout");
  if (dropout.is_number() && dropout.get<double>() != 0)
    return "model.dropout: not supported";
  for (const char *name : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (!textOf(model, name).empty())
      return std::string("model.") + name + ": '" + textOf(model, name) + "' is not supported";
  return "";
}

std::string FolderReader::readVocabulary(const json &model) {
  const json &vocabulary = member(model, "vocab");
  if (!vocabulary.is_object() || vocabulary.empty())
    return "model.vocab: missing or empty";
  for (auto &[text, id] : vocabulary.items())
    if (std::string error = place(id, text, "model.vocab"); !error.empty())
      return error;
  return "";
}

std::string FolderReader::readAddedTokens(const json &added) {
  if (added.is_null())
    return "";
  if (!added.is_array())
    return "added_tokens: not a list";
  for (size_t i = 0; i < added.size(); ++i) {
    std::string where = "added_tokens[" + std::to_string(i) + "]", text = textOf(added[i], "content");
    if (text.empty())
      return where + ".content: missing";
    if (flagOf(added[i], "single_word", false))
      return where + ".single_word: true is not supported ('" + text + "')";
    const json &id = member(added[i], "id");
    if (std::string error = place(id, text, where); !error.empty())
      return error;
    int32_t index = id.get<int32_t>();
    data.types[index] = flagOf(added[i], "special", false) ? TokenType::Control : TokenType::UserDefined;
    bool left = flagOf(added[i], "lstrip", false), right = flagOf(added[i], "rstrip", false);
    if (left || right)
      data.strips.push_back({index, left, right});
  }
  return "";
}

std::string FolderReader::readMerges(const json &model) {
  const json &merges = member(model, "merges");
  if (!merges.is_array())
    return "model.merges: missing";
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  pairs.reserve(merges.size());
  for (const json &merge : merges) {
    std::string where = "model.merges[" + std::to_string(pairs.size()) + "]";
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      pairs.emplace_back(merge[0].get_ref<const std::string &>(), merge[1].get_ref<const std::string &>());
      continue;
    }
    std::string_view text = merge.is_string() ? std::string_view(merge.get_ref<const std::string &>()) : "";
    size_t space = text.find(' ');
    if (space == std::string_view::npos || space == 0 || space + 1 == text.size())
      return where + ": not two tokens";
    pairs.emplace_back(text.substr(0, space), text.substr(space + 1));
  }
  auto added = addMerges(data, pairs);
  return added ? "" : "model.merges: " + added.message();
}

/// The byte tokens of a vocabulary with fallback.
static void markByteTokens(TokenizerData &data) {
  for (size_t i = 0; i < data.tokens.size(); ++i) {
    const std::string &text = data.tokens[i];
    if (text.size() == 6 && text.starts_with("<0x") && text.back() == '>')
      data.types[i] = TokenType::Byte;
  }
}

std::string FolderReader::readTokenizer(const json &file) {
  const json &model = member(file, "model");
  std::string error = checkModel(model);
  if (error.empty())
    error = readVocabulary(model);
  // Merges name the tokens of the model, not those that were added.
  if (error.empty())
    error = readMerges(model);
  if (error.empty())
    error = readAddedTokens(member(file, "added_tokens"));
  if (error.empty())
    error = steps.readNormalizer(member(file, "normalizer"), "normalizer");
  if (error.empty())
    error = steps.readPreTokenizer(member(file, "pre_tokenizer"), "pre_tokenizer");
  if (error.empty())
    error = steps.readPostProcessor(member(file, "post_processor"), "post_processor");
  if (error.empty())
    error = findNamed(steps.bos, "post_processor", data.bos);
  if (error.empty())
    error = findNamed(steps.eos, "post_processor", data.eos);
  if (error.empty())
    error = findNamed(textOf(model, "unk_token"), "model.unk_token", data.unknown);
  if (!error.empty())
    return error;
  data.wholeWordsFirst = flagOf(model, "ignore_merges", false);
  if (steps.byteLevel)
    return "";
  if (!flagOf(model, "byte_fallback", false))
    return "model.byte_fallback: a BPE that neither works on bytes nor falls back to them is not supported";
  data.model = Model::SentencePieceBPE;
  markByteTokens(data);
  return "";
}

/// A token in tokenizer_config.json: its text, or an object with it.
static std::string tokenText(const json &config, const char *name) {
  const json &token = member(config, name);
  return token.is_object() ? textOf(token, "content") : textOf(config, name);
}

/// "chat_template" is a text, or a list of named ones.
static std::string chatTemplateOf(const json &config) {
  const json &templates = member(config, "chat_template");
  if (templates.is_array())
    for (const json &entry : templates)
      if (textOf(entry, "name") == "default")
        return textOf(entry, "template");
  return textOf(config, "chat_template");
}

std::string FolderReader::readConfig(const json &config) {
  if (std::string error = findNamed(tokenText(config, "bos_token"), "bos_token", data.bos); !error.empty())
    return error;
  if (std::string error = findNamed(tokenText(config, "eos_token"), "eos_token", data.eos); !error.empty())
    return error;
  data.addBos = flagOf(config, "add_bos_token", data.addBos);
  data.addEos = flagOf(config, "add_eos_token", data.addEos);
  data.chatTemplate = chatTemplateOf(config);
  return "";
}

std::string FolderReader::readStops(const json &generation) {
  json ids = member(generation, "eos_token_id");
  if (ids.is_number())
    ids = json::array({ids});
  for (const json &id : ids.is_array() ? ids : json::array()) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() >= data.tokens.size())
      return "eos_token_id: " + id.dump() + " is outside of the vocabulary of " + std::to_string(data.tokens.size());
    data.stops.push_back(id.get<int32_t>());
  }
  addUsualStops(data);
  return "";
}

/// Parses and reads one file; empty text is read as null.
static std::string readFile(std::string_view text, const char *name, auto read) {
  json file = text.empty() ? json() : json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::string error;
  if (file.is_discarded() || (!text.empty() && !file.is_object()))
    error = "not a JSON object";
  else
    error = read(file);
  return error.empty() ? "" : std::string(name) + ": " + error;
}

Result<TokenizerData> fromHuggingFace(const HuggingFaceFiles &files) {
  FolderReader reader;
  std::string error =
      readFile(files.tokenizer, "tokenizer.json", [&](const json &file) { return reader.readTokenizer(file); });
  if (error.empty())
    error = readFile(files.tokenizerConfig, "tokenizer_config.json",
                     [&](const json &file) { return reader.readConfig(file); });
  if (error.empty())
    error = readFile(files.generationConfig, "generation_config.json",
                     [&](const json &file) { return reader.readStops(file); });
  if (error.empty() && !files.chatTemplate.empty())
    reader.data.chatTemplate = files.chatTemplate;
  if (error.empty())
    if (std::string wrong = validate(reader.data); !wrong.empty())
      error = "tokenizer.json: " + wrong;
  if (!error.empty())
    return Failure{error};
  return std::move(reader.data);
}

} // namespace seqc::tokenizer
