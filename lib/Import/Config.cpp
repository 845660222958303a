#include "seq/Import/Config.h"

#include "seq/Import/Error.h"
#include "seq/Import/JSON.h"
#include "seq/Import/WeightSource.h"
#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <limits>

using namespace llvm;

namespace seqc::importer {

Config::Config(json::Object object, std::string path, std::string place)
    : object(std::move(object)), filePath(std::move(path)), place(std::move(place)) {}
Config::~Config() = default;
Config::Config(Config &&) noexcept = default;
Config &Config::operator=(Config &&) noexcept = default;

Expected<Config> Config::open(StringRef path) {
  auto text = mapFile(path);
  if (!text)
    return text.takeError();
  auto object = parseJSONObject((*text)->getBuffer(), path);
  if (!object)
    return object.takeError();
  return Config(std::move(*object), path.str());
}

bool Config::has(StringRef key) const {
  const json::Value *value = object.get(key);
  return value && value->kind() != json::Value::Null;
}

bool Config::isNull(StringRef key) const {
  const json::Value *value = object.get(key);
  return value && value->kind() == json::Value::Null;
}

bool Config::isText(StringRef key, StringRef text) {
  const json::Value *value = object.get(key);
  bool same = value && value->getAsString() == text;
  if (same)
    used.insert(key);
  return same;
}

const json::Value *Config::find(StringRef key) {
  used.insert(key);
  return has(key) ? object.get(key) : nullptr;
}

std::string Config::describe(StringRef key) const {
  return "key " + quoted(place.empty() ? key.str() : place + "." + key.str());
}

const json::Value *Config::require(StringRef key) {
  const json::Value *value = find(key);
  if (!value && firstError.empty())
    firstError = describe(key) + " is missing";
  return value;
}

void Config::fail(StringRef key, const Twine &message) {
  used.insert(key);
  if (!firstError.empty())
    return;
  const json::Value *value = object.get(key);
  firstError = (describe(key) + " is " + (value ? formatJSON(*value) : "missing") + ", " + message).str();
}

int64_t Config::getInt(StringRef key, int64_t min, int64_t max) {
  const json::Value *value = require(key);
  if (!value)
    return min;
  std::optional<int64_t> number = value->getAsInteger();
  if (!number || *number < min || *number > max) {
    fail(key, "but must be an integer between " + Twine(min) + " and " + Twine(max));
    return min;
  }
  return *number;
}

int64_t Config::getInt(StringRef key, int64_t min, int64_t max, int64_t absent) {
  return find(key) ? getInt(key, min, max) : absent;
}

double Config::getFloat(StringRef key) {
  const json::Value *value = require(key);
  if (!value)
    return 1;
  std::optional<double> number = value->getAsNumber();
  if (!number || !std::isfinite(*number)) {
    fail(key, "but must be a number");
    return 1;
  }
  return *number;
}

double Config::getFloat(StringRef key, double absent) { return find(key) ? getFloat(key) : absent; }

double Config::getEps(StringRef key) {
  double eps = getFloat(key);
  if (eps >= 0)
    return eps;
  fail(key, "but must be 0 or more");
  return 0;
}

double Config::getEps(StringRef key, double absent) { return find(key) ? getEps(key) : absent; }

bool Config::getBool(StringRef key, bool absent) {
  const json::Value *value = find(key);
  if (!value)
    return absent;
  if (std::optional<bool> flag = value->getAsBoolean())
    return *flag;
  fail(key, "but must be true or false");
  return absent;
}

std::string Config::getString(StringRef key) {
  const json::Value *value = require(key);
  if (!value)
    return {};
  if (std::optional<StringRef> text = value->getAsString())
    return text->str();
  fail(key, "but must be a string");
  return {};
}

std::string Config::getString(StringRef key, StringRef absent) { return find(key) ? getString(key) : absent.str(); }

/// The number that an object like {"__float__": "Infinity"} stands for.
static std::optional<double> readSpecialNumber(const json::Value &value) {
  const json::Object *object = value.getAsObject();
  std::optional<StringRef> name = object && object->size() == 1 ? object->getString("__float__") : std::nullopt;
  if (name == "Infinity")
    return std::numeric_limits<double>::infinity();
  if (name == "-Infinity")
    return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

std::vector<double> Config::getFloats(StringRef key, bool infinite) {
  const json::Value *value = require(key);
  std::vector<double> result;
  if (!value)
    return result;
  const json::Array *array = value->getAsArray();
  for (const json::Value &element : array ? *array : json::Array()) {
    std::optional<double> number = element.getAsNumber();
    if (!number && infinite)
      number = readSpecialNumber(element);
    if (!number || (!infinite && !std::isfinite(*number))) {
      array = nullptr;
      break;
    }
    result.push_back(*number);
  }
  if (!array)
    fail(key, "but must be an array of numbers");
  return result;
}

std::vector<std::string> Config::getStrings(StringRef key) {
  const json::Value *value = require(key);
  std::vector<std::string> result;
  if (!value)
    return result;
  const json::Array *array = value->getAsArray();
  for (const json::Value &element : array ? *array : json::Array()) {
    std::optional<StringRef> text = element.getAsString();
    if (!text) {
      array = nullptr;
      break;
    }
    result.push_back(text->str());
  }
  if (!array)
    fail(key, "but must be an array of strings");
  return result;
}

std::vector<int64_t> Config::getIntOrInts(StringRef key) {
  const json::Value *value = find(key);
  std::vector<int64_t> result;
  if (!value)
    return result;
  json::Array single{*value};
  const json::Array *array = value->getAsArray();
  for (const json::Value &element : array ? *array : single) {
    std::optional<int64_t> number = element.getAsInteger();
    if (!number) {
      fail(key, "but must be an integer or an array of integers");
      break;
    }
    result.push_back(*number);
  }
  return result;
}

Config *Config::getObject(StringRef key) {
  const json::Value *value = find(key);
  if (!value)
    return nullptr;
  if (auto it = llvm::find(nestedKeys, key); it != nestedKeys.end())
    return nested[it - nestedKeys.begin()].get();
  const json::Object *inner = value->getAsObject();
  if (!inner) {
    fail(key, "but must be an object");
    return nullptr;
  }
  nestedKeys.push_back(key.str());
  nested.push_back(std::make_unique<Config>(*inner, filePath, place.empty() ? key.str() : place + "." + key.str()));
  return nested.back().get();
}

void Config::expectBool(StringRef key, bool value) {
  if (getBool(key, value) != value)
    fail(key, "which is not supported");
}

void Config::rename(StringRef older, StringRef newer) {
  if (const json::Value *value = find(older); value && !has(newer)) {
    json::Value copy = *value;
    object[newer] = std::move(copy);
  }
}

void Config::setDefault(StringRef key, json::Value value) {
  if (!has(key))
    object[key] = std::move(value);
}

void Config::ignore(ArrayRef<StringRef> keys) {
  for (StringRef key : keys)
    used.insert(key);
}

void Config::ignoreBookkeeping() {
  // What describes files, tokens and classes.
  ignore({"_name_or_path",
          "_attn_implementation_autoset",
          "architectures",
          "auto_map",
          "bos_token_id",
          "decoder_start_token_id",
          "dtype",
          "eos_token_id",
          "finetuning_task",
          "id2label",
          "label2id",
          "model_type",
          "num_labels",
          "pad_token_id",
          "prefix",
          "problem_type",
          "sep_token_id",
          "task_specific_params",
          "tokenizer_class",
          "torch_dtype",
          "transformers_version",
          "unk_token_id"});
  // Training, and how the library runs a model.
  ignore({"attention_dropout",
          "attention_probs_dropout_prob",
          "attn_pdrop",
          "chunk_size_feed_forward",
          "embd_pdrop",
          "hidden_dropout",
          "hidden_dropout_prob",
          "initializer_range",
          "is_decoder",
          "output_attentions",
          "output_hidden_states",
          "output_scores",
          "resid_pdrop",
          "return_dict",
          "return_dict_in_generate",
          "tf_legacy_loss",
          "tie_encoder_decoder",
          "torchscript",
          "use_bfloat16",
          "use_cache",
          "use_return_dict"});
  // Sampling, which older files keep here.
  ignore({"bad_words_ids",
          "begin_suppress_tokens",
          "diversity_penalty",
          "do_sample",
          "early_stopping",
          "encoder_no_repeat_ngram_size",
          "exponential_decay_length_penalty",
          "forced_bos_token_id",
          "forced_eos_token_id",
          "length_penalty",
          "max_length",
          "min_length",
          "no_repeat_ngram_size",
          "num_beam_groups",
          "num_beams",
          "num_return_sequences",
          "remove_invalid_values",
          "repetition_penalty",
          "suppress_tokens",
          "temperature",
          "top_k",
          "top_p",
          "typical_p"});
  expectBool("is_encoder_decoder", false);
  expectBool("add_cross_attention", false);
  if (Config *pruned = getObject("pruned_heads"))
    pruned->checkAllUsed(); // none may be pruned
}

void Config::checkAllUsed() {
  for (auto &[key, value] : object) {
    StringRef name = key;
    if (!used.contains(name) && value.kind() != json::Value::Null)
      fail(name, "an option that is not known for this model; remove the key "
                 "if it has no influence on the results");
  }
  for (std::unique_ptr<Config> &inner : nested)
    inner->checkAllUsed();
}

Error Config::takeError() {
  if (!firstError.empty())
    return makeError(filePath, firstError);
  for (std::unique_ptr<Config> &inner : nested)
    if (Error error = inner->takeError())
      return error;
  return Error::success();
}

} // namespace seqc::importer
