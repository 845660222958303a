// The architectures by name. docs/AddingAnArchitecture.md tells how to add one.

#include "Architectures/Architectures.h"

using namespace llvm;

namespace seqc::importer {

namespace {
template <typename Importer> struct Entry {
  StringLiteral name;
  Importer importer;
};
} // namespace

/// By `model_type` in config.json.
static constexpr Entry<HuggingFaceImporter> kHuggingFace[] = {
    {"bamba", importBamba},
    {"deepseek_v2", importDeepSeekV2},
    {"deepseek_v3", importDeepSeekV3},
    {"falcon_h1", importFalconH1},
    {"falcon_mamba", importFalconMamba},
    {"gpt2", importGPT2},
    {"gpt_neox", importGPTNeoX},
    {"granitemoehybrid", importGraniteMoeHybrid},
    {"jamba", importJamba},
    {"kimi_linear", importKimiLinear},
    {"lfm2", importLfm2},
    {"llama", importLlama},
    {"mamba", importMamba},
    {"mamba2", importMamba2},
    {"minimax", importMiniMax},
    {"mistral", importMistral},
    {"mixtral", importMixtral},
    {"nemotron_h", importNemotronH},
    {"olmo_hybrid", importOlmoHybrid},
    {"phi3", importPhi3},
    {"qwen2", importQwen2},
    {"qwen3", importQwen3},
    {"qwen3_next", importQwen3Next},
    {"recurrent_gemma", importRecurrentGemma},
    {"retnet", importRetNet},
    {"rwkv", importRWKV},
    {"rwkv5_2", importRWKV},
    {"rwkv6", importRWKV},
    {"rwkv7", importRWKV},
    {"xlstm", importXLSTM},
    {"zamba2", importZamba2},
};

/// By `general.architecture`.
static constexpr Entry<GGUFImporter> kGGUF[] = {
    {"llama", importGGUFLlama},
};

template <typename Importer> static Importer find(ArrayRef<Entry<Importer>> entries, StringRef name) {
  for (const Entry<Importer> &entry : entries)
    if (entry.name == name)
      return entry.importer;
  return nullptr;
}

template <typename Importer> static std::string list(ArrayRef<Entry<Importer>> entries) {
  std::string names;
  for (const Entry<Importer> &entry : entries)
    names += (names.empty() ? "" : ", ") + entry.name.str();
  return names;
}

HuggingFaceImporter findHuggingFaceImporter(StringRef modelType) { return find(ArrayRef(kHuggingFace), modelType); }
GGUFImporter findGGUFImporter(StringRef architecture) { return find(ArrayRef(kGGUF), architecture); }
std::string listHuggingFaceArchitectures() { return list(ArrayRef(kHuggingFace)); }
std::string listGGUFArchitectures() { return list(ArrayRef(kGGUF)); }

} // namespace seqc::importer
