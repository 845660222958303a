// Hands what checkpoints say about their tokenizers to lib/Tokenizer, which
// knows what it means.

#include "seq/Import/Config.h"
#include "seq/Import/Error.h"
#include "seq/Import/GGUF.h"
#include "seq/Import/Import.h"
#include "seq/Tokenizer/GGUFVocabulary.h"
#include "seq/Tokenizer/HuggingFace.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace seqc::importer {

namespace tok = seqc::tokenizer;

static std::string_view view(StringRef text) { return {text.data(), text.size()}; }

//===----------------------------------------------------------------------===//
// GGUF
//===----------------------------------------------------------------------===//

namespace {
/// Reads tokenizer.* keys, all of which may be missing; the first error counts.
class VocabularyReader {
public:
  explicit VocabularyReader(const GGUFFile &file) : file(file) {}
  Expected<tok::GGUFVocabulary> run();

private:
  template <typename T, typename Get> void read(StringRef key, T &into, Get get) {
    if (error || !file.find(key))
      return;
    auto value = get(key);
    if (value)
      into = std::move(*value);
    else
      error = value.takeError();
  }
  void readText(StringRef key, std::string_view &into) {
    StringRef text;
    read(key, text, [&](StringRef k) { return file.getString(k); });
    into = view(text);
  }
  void readTexts(StringRef key, std::vector<std::string_view> &into) {
    ArrayRef<StringRef> texts;
    read(key, texts, [&](StringRef k) { return file.getStrings(k); });
    into.reserve(texts.size());
    for (StringRef text : texts)
      into.push_back(view(text));
  }
  void readId(StringRef key, std::optional<int64_t> &into) {
    read(key, into, [&](StringRef k) { return file.getInt(k, -1, UINT32_MAX); });
    // Some converters write -1, in one of two types, for "none".
    if (into == -1 || into == int64_t(UINT32_MAX))
      into.reset();
  }
  void readFlag(StringRef key, std::optional<bool> &into) {
    read(key, into, [&](StringRef k) { return file.getBool(k); });
  }

  const GGUFFile &file;
  Error error = Error::success();
};
} // namespace

Expected<tok::GGUFVocabulary> VocabularyReader::run() {
  tok::GGUFVocabulary vocabulary;
  readText("tokenizer.ggml.model", vocabulary.model);
  readText("tokenizer.ggml.pre", vocabulary.pre);
  readTexts("tokenizer.ggml.tokens", vocabulary.tokens);
  readTexts("tokenizer.ggml.merges", vocabulary.merges);
  read("tokenizer.ggml.scores", vocabulary.scores, [&](StringRef key) { return file.getFloats(key); });
  read("tokenizer.ggml.token_type", vocabulary.tokenType, [&](StringRef key) { return file.getInts(key); });
  readId("tokenizer.ggml.bos_token_id", vocabulary.bosTokenId);
  readId("tokenizer.ggml.eos_token_id", vocabulary.eosTokenId);
  readId("tokenizer.ggml.eot_token_id", vocabulary.eotTokenId);
  readId("tokenizer.ggml.eom_token_id", vocabulary.eomTokenId);
  readId("tokenizer.ggml.unknown_token_id", vocabulary.unknownTokenId);
  readFlag("tokenizer.ggml.add_bos_token", vocabulary.addBosToken);
  readFlag("tokenizer.ggml.add_eos_token", vocabulary.addEosToken);
  readFlag("tokenizer.ggml.add_space_prefix", vocabulary.addSpacePrefix);
  readText("tokenizer.chat_template", vocabulary.chatTemplate);
  if (error)
    return std::move(error);
  return std::move(vocabulary);
}

static Expected<std::string> serialise(StringRef place, tok::Result<tok::TokenizerData> data) {
  if (!data)
    return makeError(place, printable(data.message(), 2000));
  if (std::string message = tok::validate(*data); !message.empty())
    return makeError(place, "tokenizer: " + message);
  return tok::serialise(*data);
}

static Expected<std::string> importGGUFTokenizer(StringRef path) {
  auto file = GGUFFile::open(path);
  if (!file)
    return file.takeError();
  auto vocabulary = VocabularyReader(**file).run();
  if (!vocabulary)
    return vocabulary.takeError();
  return serialise(path, tok::fromGGUF(*vocabulary));
}

//===----------------------------------------------------------------------===//
// Hugging Face
//===----------------------------------------------------------------------===//

/// A file of the folder, mapped; null if it is not there.
static Expected<std::unique_ptr<MemoryBuffer>> mapOptional(StringRef folder, StringRef name) {
  SmallString<256> path(folder);
  sys::path::append(path, name);
  if (!sys::fs::exists(path))
    return nullptr;
  return mapFile(path);
}

static Expected<std::string> importFolderTokenizer(StringRef path) {
  StringRef folder = sys::path::parent_path(path);
  constexpr StringLiteral names[] = {"tokenizer.json", "tokenizer_config.json", "generation_config.json",
                                     "chat_template.jinja"};
  tok::HuggingFaceFiles files;
  std::string_view *texts[] = {&files.tokenizer, &files.tokenizerConfig, &files.generationConfig, &files.chatTemplate};
  std::vector<std::unique_ptr<MemoryBuffer>> buffers;
  for (auto [name, text] : llvm::zip_equal(names, texts)) {
    auto buffer = mapOptional(folder, name);
    if (!buffer)
      return buffer.takeError();
    if (!*buffer)
      continue;
    *text = view((*buffer)->getBuffer());
    buffers.push_back(std::move(*buffer));
  }
  return serialise(folder, tok::fromHuggingFace(files));
}

/// A configuration that says "tokenizer": "bytes" instead of coming with one.
static Expected<std::string> importByteTokenizer(StringRef path) {
  Expected<Config> config = Config::open(path);
  if (!config)
    return config.takeError();
  std::string kind = config->getString("tokenizer");
  if (kind != "bytes")
    config->fail("tokenizer", "which is not supported; only \"bytes\" is");
  if (Error error = config->takeError())
    return std::move(error);
  tok::TokenizerData data;
  data.model = tok::Model::Bytes;
  return serialise(path, std::move(data));
}

Expected<std::string> importTokenizer(StringRef path) {
  if (detectFormat(path) == ModelFormat::GGUF)
    return importGGUFTokenizer(path);
  if (sys::path::filename(path) == "config.json")
    return importByteTokenizer(path);
  return importFolderTokenizer(path);
}

} // namespace seqc::importer
