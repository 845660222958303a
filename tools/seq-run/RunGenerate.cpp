// --prompt, --prompt-ids and --tokenize: text in, text out.

#include "Json.h"
#include "LanguageModel.h"
#include "Npy.h"
#include "Run.h"

#include "seq/Tokenizer/ChatTemplate.h"
#include "seq/Tokenizer/StreamDecoder.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <span>

namespace seqc::run {

//===----------------------------------------------------------------------===//
// Prompts
//===----------------------------------------------------------------------===//

static Status encode(const tokenizer::Tokenizer &words, std::string_view text, bool addSpecial,
                     std::vector<int32_t> &ids) {
  auto encoding = words.encode(text, {.parseSpecial = true, .addSpecial = addSpecial});
  if (!encoding)
    return makeError(SEQRT_INVALID_ARGUMENT, encoding.message());
  if (encoding->unencodable > 0)
    std::fprintf(stderr, "seq-run: warning: %zu bytes of the text, the first 0x%02X, are not in the vocabulary\n",
                 encoding->unencodable, encoding->firstUnencodable);
  ids = std::move(encoding->ids);
  return Status();
}

static Status readPrompt(const Options &options, Session &session, std::vector<int32_t> &ids) {
  Phase phase(session.trace(), "tokenize");
  if (options.promptIds) {
    ids = *options.promptIds;
  } else {
    const tokenizer::Tokenizer *words = nullptr;
    if (Status status = session.tokenizer(words); status.failed())
      return status;
    std::string text = *options.prompt;
    if (options.chat) {
      std::vector<tokenizer::ChatMessage> messages = {{"user", text}};
      if (!options.system.empty())
        messages.insert(messages.begin(), {"system", options.system});
      auto rendered = tokenizer::renderChat(words->data(), messages);
      if (!rendered)
        return makeError(SEQRT_UNSUPPORTED, "'", session.path(), "': ", rendered.message());
      text = std::move(*rendered);
    }
    if (Status status = encode(*words, text, !options.chat, ids); status.failed())
      return status;
  }
  if (ids.empty())
    return makeError(SEQRT_INVALID_ARGUMENT, "the prompt has no tokens: give at least one to start from");
  return Status();
}

Status runTokenize(const Options &options, Trace &trace) {
  Session session;
  if (Status status = session.open(options.module, options.target, trace); status.failed())
    return status;
  std::string text;
  if (Status status = readFile(options.tokenize, text); status.failed())
    return status;
  const tokenizer::Tokenizer *words = nullptr;
  if (Status status = session.tokenizer(words); status.failed())
    return status;
  std::vector<int32_t> ids;
  Phase phase(&trace, "tokenize");
  if (Status status = encode(*words, text, false, ids); status.failed())
    return status;
  std::printf("%s\n", jsonList(ids).c_str());
  return Status();
}

//===----------------------------------------------------------------------===//
// Generation
//===----------------------------------------------------------------------===//

namespace {

/// Shows tokens as they come: as text, or as ids where there is no tokenizer.
class Printer {
public:
  Printer(const tokenizer::Tokenizer *words, bool show) : words(words), show(show) {}

  Status token(int32_t id) {
    if (!show)
      return Status();
    std::string separator = first ? "" : " ";
    first = false;
    if (!words)
      return write(separator + std::to_string(id));
    if (id < words->vocabularySize() && !words->isControl(id) && !words->isStop(id))
      return write(stream.feed(words->bytes(id)));
    return Status();
  }
  Status finish() { return show ? write(stream.finish() + "\n") : Status(); }

private:
  static Status write(const std::string &text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return flushOutput();
  }

  const tokenizer::Tokenizer *words;
  bool show;
  bool first = true;
  tokenizer::StreamDecoder stream;
};

/// What one generation took and gave.
struct Generated {
  std::vector<int32_t> ids;
  double promptSeconds = 0;
  double generateSeconds = 0;
};

class Generator {
public:
  Generator(const Options &options, Session &session, LanguageModel &model, const tokenizer::Tokenizer *words)
      : options(options), session(session), model(model), words(words) {}

  /// Feeds the prompt and generates at most `count` tokens. The token that ends
  /// the text is the last of the ids.
  Status run(std::span<const int32_t> prompt, int64_t count, bool show, Generated &generated);

private:
  Status generate(int64_t count, bool show, Generated &generated);
  bool isStop(int32_t id) const {
    if (options.ignoreEos)
      return false;
    const seqrt_module_info *info = seqrt_module_get_info(session.module());
    std::span<const int64_t> stops(info->stop_tokens, info->stop_token_count);
    return std::find(stops.begin(), stops.end(), id) != stops.end() ||
           (words && id < words->vocabularySize() && words->isStop(id));
  }

  const Options &options;
  Session &session;
  LanguageModel &model;
  const tokenizer::Tokenizer *words; ///< null where the module has none
};

} // namespace

Status Generator::run(std::span<const int32_t> prompt, int64_t count, bool show, Generated &generated) {
  {
    Phase phase(session.trace(), "prompt");
    if (Status status = model.feedChunks(prompt, options.prefillChunk); status.failed())
      return status;
    generated.promptSeconds = phase.seconds();
  }
  Phase phase(session.trace(), "generate");
  Status status = generate(count, show, generated);
  generated.generateSeconds = phase.seconds();
  return status;
}

Status Generator::generate(int64_t count, bool show, Generated &generated) {
  Sampler sampler(options.sampling);
  Printer printer(words, show);
  for (int64_t i = 0; i < count; ++i) {
    int32_t token = 0;
    if (Status status = sampler.sample(model.logitValues(), token); status.failed())
      return status;
    generated.ids.push_back(token);
    if (Status status = printer.token(token); status.failed())
      return status;
    // The logits after the last token are of no use.
    if (isStop(token) || i + 1 == count)
      break;
    if (Status status = model.feed({&token, 1}, 1); status.failed())
      return status;
  }
  return printer.finish();
}

/// How many tokens there are room for; an error if fewer than asked for.
static Status tokensToGenerate(const Options &options, const Session &session, size_t promptTokens, int64_t &count) {
  static constexpr int64_t usual = 128;
  int64_t capacity = seqrt_context_capacity(session.context()), held = seqrt_context_tokens(session.context());
  int64_t asked = options.maxTokens.value_or(1);
  // The last token generated is never fed.
  int64_t needed = held + static_cast<int64_t>(promptTokens) + std::max<int64_t>(asked, 1) - 1;
  if (capacity > 0 && needed > capacity)
    return makeError(SEQRT_STATE_FULL, "the context holds ", capacity, " tokens; ",
                     held ? concat("the loaded state (", held, "), ") : "", "the prompt (", promptTokens,
                     ") and --max-tokens (", asked, ") need ", needed, ": shorten them, or ",
                     options.context ? "raise --context" : "compile the model with a larger --max-context");
  int64_t room = capacity > 0 ? capacity - needed + 1 : usual;
  count = options.maxTokens.value_or(std::min(usual, room));
  return Status();
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

/// The most memory this process has had; unlike getrusage's it does not start
/// with that of the process that started it.
static int64_t peakMemory() {
  std::ifstream status("/proc/self/status");
  std::string word;
  int64_t kilobytes = 0;
  while (status >> word)
    if (word == "VmHWM:" && status >> kilobytes)
      return kilobytes * 1024;
  return 0;
}

namespace {
struct Report {
  size_t promptTokens = 0;
  double loadSeconds = 0;
  std::vector<double> promptSeconds, generateSeconds; ///< one a repetition
  std::vector<int32_t> ids;
  const tokenizer::Tokenizer *words = nullptr;

  void printJson() const;
  void printSpeed() const;
};
} // namespace

/// The text of all ids, special ones as they are spelled.
static std::string textOf(const tokenizer::Tokenizer *words, std::span<const int32_t> ids) {
  tokenizer::StreamDecoder stream;
  std::string text;
  for (int32_t id : ids)
    if (words && id < words->vocabularySize())
      text += stream.feed(words->bytes(id));
  return text + stream.finish();
}

void Report::printJson() const {
  std::printf(
      "{\"ids\": %s, \"text\": %s, \"prompt_tokens\": %zu, \"prompt_seconds\": %.9g, \"generated_tokens\": %zu, "
      "\"generate_seconds\": %.9g, \"load_seconds\": %.9g, \"peak_rss_bytes\": %lld}\n",
      jsonList(ids).c_str(), jsonText(textOf(words, ids)).c_str(), promptTokens, median(promptSeconds), ids.size(),
      median(generateSeconds), loadSeconds, static_cast<long long>(peakMemory()));
}

void Report::printSpeed() const {
  double prompt = median(promptSeconds), generate = median(generateSeconds);
  // The first token comes from the prompt's logits.
  size_t steps = ids.empty() ? 0 : ids.size() - 1;
  std::fprintf(stderr, "load %.1f ms; prompt %zu tokens in %.1f ms (%.1f tokens/s); ", loadSeconds * 1e3, promptTokens,
               prompt * 1e3, static_cast<double>(promptTokens) / prompt);
  if (steps > 0)
    std::fprintf(stderr, "generated %zu in %.1f ms (%.1f tokens/s); ", ids.size(), generate * 1e3,
                 static_cast<double>(steps) / generate);
  std::fprintf(stderr, "peak memory %.0f MB%s\n", static_cast<double>(peakMemory()) * 1e-6,
               promptSeconds.size() > 1 ? concat("; medians of ", promptSeconds.size()).c_str() : "");
}

//===----------------------------------------------------------------------===//
// All of it
//===----------------------------------------------------------------------===//

/// Opens the module and makes everything ready to generate.
static Status load(const Options &options, Trace &trace, Session &session, LanguageModel &model, Report &report) {
  int64_t begin = nowNs();
  if (Status status = session.open(options.module, options.target, trace); status.failed())
    return status;
  if (options.prompt || session.hasTokenizer())
    if (Status status = session.tokenizer(report.words); status.failed())
      return status;
  if (Status status = session.createContext(1, options.context, options.threads); status.failed())
    return status;
  if (Status status = LanguageModel::create(session, model); status.failed())
    return status;
  report.loadSeconds = static_cast<double>(nowNs() - begin) * 1e-9;
  return options.loadState.empty() ? Status() : session.resetStates(options.loadState);
}

Status runGenerate(const Options &options, Trace &trace) {
  Session session;
  LanguageModel model;
  Report report;
  if (Status status = load(options, trace, session, model, report); status.failed())
    return status;
  std::vector<int32_t> prompt;
  if (Status status = readPrompt(options, session, prompt); status.failed())
    return status;
  int64_t count = 0;
  if (Status status = tokensToGenerate(options, session, prompt.size(), count); status.failed())
    return status;
  report.promptTokens = prompt.size();
  for (int64_t i = 0; i < options.repeat; ++i) {
    if (i > 0)
      if (Status status = session.resetStates(options.loadState); status.failed())
        return status;
    Generated generated;
    Generator generator(options, session, model, report.words);
    if (Status status = generator.run(prompt, count, i == 0 && !options.json, generated); status.failed())
      return status;
    report.promptSeconds.push_back(generated.promptSeconds);
    report.generateSeconds.push_back(generated.generateSeconds);
    report.ids = std::move(generated.ids);
  }
  if (!options.saveState.empty())
    if (Status status = session.saveStates(options.saveState); status.failed())
      return status;
  options.json ? report.printJson() : report.printSpeed();
  return Status();
}

} // namespace seqc::run
