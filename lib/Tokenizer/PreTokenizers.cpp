// The pre-tokenizers that GGUF files name: how each family of models cuts text
// into words before merging.

#include "seq/Tokenizer/TokenizerData.h"

#include <algorithm>
#include <span>

namespace seqc::tokenizer {

// The patterns are those that the models were trained with.
#define GPT2_PATTERN R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"
#define CONTRACTIONS R"((?i:'s|'t|'re|'ve|'m|'ll|'d))"
#define WORD R"([^\r\n\p{L}\p{N}]?\p{L}+)"
#define SYMBOLS R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"
#define LOWER_WORD R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
#define UPPER_WORD R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
#define SYMBOLS_SLASH R"( ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"

static constexpr const char *gpt2[] = {GPT2_PATTERN};
static constexpr const char *gpt2Digits[] = {R"(\p{N})", GPT2_PATTERN};
static constexpr const char *llama3[] = {CONTRACTIONS "|" WORD R"(|\p{N}{1,3}|)" SYMBOLS};
static constexpr const char *qwen2[] = {CONTRACTIONS "|" WORD R"(|\p{N}|)" SYMBOLS};
static constexpr const char *gpt4o[] = {LOWER_WORD CONTRACTIONS "?|" UPPER_WORD CONTRACTIONS
                                                                "?|\\p{N}{1,3}|" SYMBOLS_SLASH};
static constexpr const char *tekken[] = {LOWER_WORD "|" UPPER_WORD R"(|\p{N}|)" SYMBOLS_SLASH};
static constexpr const char *deepseek3[] = {
    R"(\p{N}{1,3})", "[一-龥぀-ゟ゠-ヿ]+",
    // NOLINTNEXTLINE(readability-redundant-parentheses): they say that two literals are meant to be one
    (R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
     R"(| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)")};
static constexpr const char *falcon[] = {R"([\p{P}\$\+<=>\^~\|`]+)", GPT2_PATTERN, "[0-9][0-9][0-9]"};
static constexpr const char *unnamed[] = {R"([\p{P}\$\+<=>\^~\|]+)", GPT2_PATTERN, R"(\p{N}+)", "[0-9][0-9][0-9]"};
static constexpr const char *bloom[] = {R"( ?[^(\s|.,!?…。，、।۔،)]+)"};

namespace {
struct PreTokenizerName {
  std::string_view name;
  std::span<const char *const> splits;
  bool wholeWordsFirst = false;
  bool normalizeNFC = false;
  bool addBos = false;
};
} // namespace

static const PreTokenizerName names[] = {
    {"default", unnamed},
    {"gpt-2", gpt2},
    {"gpt2", gpt2},
    {"phi-2", gpt2},
    {"mpt", gpt2},
    {"olmo", gpt2},
    {"jais", gpt2},
    {"smollm", gpt2Digits},
    {"starcoder", gpt2Digits},
    {"refact", gpt2Digits},
    {"command-r", gpt2Digits},
    {"codeshell", gpt2Digits},
    {"exaone", gpt2Digits},
    {"minerva-7b", gpt2Digits},
    {"llama-bpe", llama3, true, false, true},
    {"llama3", llama3, true, false, true},
    {"llama-v3", llama3, true, false, true},
    {"falcon3", llama3, true},
    {"falcon-h1", llama3, true},
    {"pixtral", llama3, true},
    {"lfm2", llama3, true},
    {"qwen2", qwen2, false, true},
    {"deepseek-r1-qwen", qwen2, false, true},
    {"stablelm2", qwen2},
    {"hunyuan", qwen2},
    {"megrez", qwen2},
    {"gpt-4o", gpt4o},
    {"llama4", gpt4o},
    {"tekken", tekken, true, false, true},
    {"deepseek-v3", deepseek3},
    {"falcon", falcon},
    {"bloom", bloom},
};

Result<bool> setPreTokenizer(TokenizerData &data, std::string_view name) {
  auto *entry = std::find_if(std::begin(names), std::end(names), [&](const auto &entry) { return entry.name == name; });
  if (entry == std::end(names)) {
    std::string known;
    for (const PreTokenizerName &other : names)
      known.append(known.empty() ? "" : ", ").append(other.name);
    return Failure{"the pre-tokenizer '" + std::string(name) + "' is not supported (these are: " + known + ")"};
  }
  data.splits.assign(entry->splits.begin(), entry->splits.end());
  data.wholeWordsFirst = entry->wholeWordsFirst;
  data.normalizeNFC = entry->normalizeNFC;
  data.addBos = entry->addBos;
  return true;
}

} // namespace seqc::tokenizer
