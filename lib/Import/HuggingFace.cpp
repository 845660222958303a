// Opens Hugging Face folders.

#include "Checkpoint.h"
#include "seq/Import/Error.h"
#include "seq/Import/Safetensors.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace seqc::importer {

static std::string join(StringRef folder, StringRef name) {
  SmallString<256> path(folder);
  sys::path::append(path, name);
  return path.str().str();
}

static Expected<WeightSource> openWeights(StringRef folder) {
  std::string single = join(folder, "model.safetensors");
  if (sys::fs::exists(single))
    return openSafetensors(single);
  std::string index = join(folder, "model.safetensors.index.json");
  if (sys::fs::exists(index))
    return openSafetensorsIndex(index);
  return makeError(folder, "has neither model.safetensors nor "
                           "model.safetensors.index.json; convert the weights to "
                           "safetensors");
}

/// The folder's own name, also for "." and for a path that ends with a slash.
static std::string getFolderName(StringRef folder) {
  SmallString<256> path(folder);
  if (sys::fs::make_absolute(path))
    return folder.str();
  sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  while (path.size() > 1 && sys::path::is_separator(path.back()))
    path.pop_back();
  return sys::path::filename(path).str();
}

/// What generation_config.json says, or, without it, config.json.
static Expected<std::vector<int64_t>> readStopTokens(StringRef folder, Config &config) {
  std::string path = join(folder, "generation_config.json");
  if (sys::fs::exists(path)) {
    Expected<Config> generation = Config::open(path);
    if (!generation)
      return generation.takeError();
    std::vector<int64_t> ids = generation->getIntOrInts("eos_token_id");
    if (Error error = generation->takeError())
      return std::move(error);
    if (!ids.empty())
      return ids;
  }
  std::vector<int64_t> ids = config.getIntOrInts("eos_token_id");
  if (Error error = config.takeError())
    return std::move(error);
  return ids;
}

Expected<HuggingFaceModel> openHuggingFace(StringRef folder, Config config, const ImportOptions &options) {
  Expected<WeightSource> weights = openWeights(folder);
  if (!weights)
    return weights.takeError();
  ModelInfo info;
  info.name = getFolderName(folder);
  std::string tokenizer = join(folder, "tokenizer.json");
  if (sys::fs::exists(tokenizer))
    info.tokenizer = tokenizer;
  Expected<std::vector<int64_t>> stopTokens = readStopTokens(folder, config);
  if (!stopTokens)
    return stopTokens.takeError();
  info.stopTokens = std::move(*stopTokens);
  return HuggingFaceModel{std::move(config), std::move(*weights), std::move(info), options};
}

} // namespace seqc::importer
