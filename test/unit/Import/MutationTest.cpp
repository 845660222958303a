// Folders of every family with one thing changed: an option, a tensor's entry, some bytes.
// Each import is a model that verifies, or an error of one line.

#include "HybridFolders.h"
#include "ImportedModel.h"
#include "MoeFolders.h"
#include "llvm/Support/Endian.h"

#include <filesystem>

using namespace seqc::test;
namespace json = llvm::json;

namespace {

using Random = std::mt19937_64;

/// A folder in parts that can be changed.
struct Parts {
  json::Object config;
  json::Object header; ///< of model.safetensors
  std::string values;  ///< behind the header

  Parts(llvm::StringRef configText, llvm::StringRef weights) {
    config = parse(configText);
    uint64_t length = llvm::support::endian::read64le(weights.data());
    header = parse(weights.substr(8, length));
    values = weights.substr(8 + length).str();
  }
  static json::Object parse(llvm::StringRef text) {
    return std::move(*llvm::cantFail(json::parse(text)).getAsObject());
  }
  std::string getConfig() const { return llvm::formatv("{0}", json::Value(json::Object(config))); }
  std::string getWeights() const {
    std::string text = llvm::formatv("{0}", json::Value(json::Object(header)));
    char length[8];
    llvm::support::endian::write64le(length, text.size());
    return std::string(length, 8) + text + values;
  }
};

json::Value makeValue(Random &random) {
  static const json::Value values[] = {nullptr,
                                       true,
                                       false,
                                       0,
                                       1,
                                       -1,
                                       2,
                                       3,
                                       1 << 20,
                                       INT64_MAX,
                                       INT64_MIN,
                                       0.25,
                                       -0.5,
                                       1e300,
                                       "",
                                       "auto",
                                       "none",
                                       "relu",
                                       json::Array{},
                                       json::Array{0},
                                       json::Array{1, -2, 1 << 20},
                                       json::Array{0.5, 0.25},
                                       json::Array{"full_attention", "hybrid", "mamba", "moe"},
                                       json::Object{},
                                       json::Object{{"__float__", "Infinity"}}};
  return values[random() % std::size(values)];
}

/// Any entry; null where there is none.
json::Object::value_type *pick(json::Object &object, Random &random) {
  if (object.empty())
    return nullptr;
  // The order of an object differs from run to run: sort, so that a seed says it all.
  std::vector<json::Object::value_type *> entries;
  for (auto &entry : object)
    entries.push_back(&entry);
  llvm::sort(entries, [](auto *a, auto *b) { return llvm::StringRef(a->first) < llvm::StringRef(b->first); });
  return entries[random() % entries.size()];
}

/// Changes one option, here or in a nested object or array.
void changeOption(json::Object &config, Random &random) {
  auto *entry = pick(config, random);
  if (!entry)
    return;
  json::Value &value = entry->second;
  bool inside = random() % 2;
  if (json::Object *nested = value.getAsObject(); nested && inside)
    return changeOption(*nested, random);
  if (json::Array *array = value.getAsArray(); array && !array->empty() && inside) {
    switch (size_t at = random() % array->size(); random() % 3) {
    case 0:
      (*array)[at] = makeValue(random);
      return;
    case 1:
      array->erase(array->begin() + at);
      return;
    default:
      array->insert(array->begin() + at, json::Value((*array)[at]));
      return;
    }
  }
  value = makeValue(random);
}

/// Changes, removes or renames one tensor.
void changeTensor(json::Object &header, Random &random) {
  auto *entry = pick(header, random);
  if (!entry)
    return;
  std::string name = entry->first.str();
  json::Object *tensor = entry->second.getAsObject();
  switch (random() % 6) {
  case 0:
    header.erase(name);
    return;
  case 1:
    header[name + ".copy"] = json::Value(entry->second);
    return;
  case 2:
    entry->second = makeValue(random);
    return;
  case 3:
    static constexpr llvm::StringLiteral types[] = {"F16", "BF16", "F64", "I64", "F8_E4M3", "BOOL", ""};
    if (tensor)
      (*tensor)["dtype"] = types[random() % std::size(types)];
    return;
  default:
    if (tensor)
      changeOption(*tensor, random);
  }
}

/// Imports many changed folders.
void mutate(const Parts &original, uint64_t count) {
  TemporaryFolder folder;
  std::string config = original.getConfig(), weights = original.getWeights();
  folder.write("config.json", config);
  folder.write("model.safetensors", weights);
  if (ImportedModel unchanged(folder.root()); !unchanged.error.empty())
    GTEST_SKIP() << unchanged.error;
  size_t headerSize = weights.size() - original.values.size();
  for (uint64_t seed = 0; seed < count; ++seed) {
    Random random(seed);
    Parts parts = original;
    std::string newConfig = config, newWeights = weights;
    switch (seed % 5) {
    case 0:
    case 1:
      for (uint64_t n = 1 + random() % 2; n != 0; --n)
        changeOption(parts.config, random);
      newConfig = parts.getConfig();
      break;
    case 2:
      changeTensor(parts.header, random);
      newWeights = parts.getWeights();
      break;
    case 3:
      newConfig = corrupt(config, seed);
      break;
    case 4:
      // Most bytes are values: corrupt what comes before them.
      newWeights = corrupt(weights.substr(0, headerSize), seed) + original.values;
      break;
    }
    folder.write("config.json", newConfig);
    folder.write("model.safetensors", newWeights);
    ImportedModel imported(folder.root());
    EXPECT_EQ(imported.error.find("verifier"), std::string::npos) << "seed " << seed << ": " << newConfig;
    EXPECT_EQ(imported.error.find('\n'), std::string::npos) << "seed " << seed << ": " << imported.error;
  }
}

//===----------------------------------------------------------------------===//
// Folders that the tests make
//===----------------------------------------------------------------------===//

struct Made {
  const char *name;
  void (*make)(ModelFolder &);
};

void PrintTo(const Made &made, std::ostream *stream) { *stream << made.name; }

class MadeFolder : public testing::TestWithParam<Made> {};

TEST_P(MadeFolder, SurvivesMutation) {
  ModelFolder model;
  GetParam().make(model);
  ASSERT_EQ(ImportedModel(model.write()).error, "");
  mutate(Parts(model.buildConfig(), model.buildWeights()), 300);
}

INSTANTIATE_TEST_SUITE_P(Families, MadeFolder,
                         testing::Values(Made{"llama", [](ModelFolder &model) { makeLlama(model); }},
                                         Made{"phi3", makePhi3}, Made{"gpt2", makeGPT2}, Made{"gpt_neox", makeGPTNeoX},
                                         Made{"rwkv", makeRWKV4}, Made{"bamba", makeBamba},
                                         Made{"falcon_h1", makeFalconH1}, Made{"granitemoehybrid", makeGranite},
                                         Made{"nemotron_h", makeNemotronH}, Made{"zamba2", makeZamba2},
                                         Made{"qwen3_next", makeQwen3Next}, Made{"minimax", makeMiniMax},
                                         Made{"granitemoehybrid_experts",
                                              [](ModelFolder &model) {
                                                makeGranite(model);
                                                addGraniteExperts(model);
                                              }},
                                         Made{"nemotron_h_experts", [](ModelFolder &model) {
                                                makeNemotronH(model);
                                                addExperts(model);
                                              }}));

//===----------------------------------------------------------------------===//
// Reference models, as far as they are there
//===----------------------------------------------------------------------===//

std::vector<std::string> listReferences() {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto &entry : std::filesystem::directory_iterator(SEQ_DATA_DIR "/reference", none))
    if (std::filesystem::exists(entry.path() / "model.safetensors") &&
        std::filesystem::exists(entry.path() / "config.json"))
      names.push_back(entry.path().filename().string());
  llvm::sort(names);
  return names;
}

class ReferenceFolder : public testing::TestWithParam<std::string> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ReferenceFolder);

std::string readFile(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  return buffer ? (*buffer)->getBuffer().str() : std::string();
}

TEST_P(ReferenceFolder, SurvivesMutation) {
  std::string path = std::string(SEQ_DATA_DIR) + "/reference/" + GetParam();
  mutate(Parts(readFile(path + "/config.json"), readFile(path + "/model.safetensors")), 60);
}

INSTANTIATE_TEST_SUITE_P(Families, ReferenceFolder, testing::ValuesIn(listReferences()));

} // namespace
