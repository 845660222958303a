//===- Checkpoint.h - What an architecture is built from --------*- C++ -*-===//

#ifndef SEQ_IMPORT_CHECKPOINT_H
#define SEQ_IMPORT_CHECKPOINT_H

#include "ModelBuilder.h"
#include "seq/Import/Config.h"
#include "seq/Import/GGUF.h"
#include "seq/Import/Import.h"

namespace seqc::importer {

using ImportedModule = llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>;

/// A Hugging Face folder. `info` is filled in but for the vocabulary and the
/// context.
struct HuggingFaceModel {
  Config config;
  WeightSource weights;
  ModelInfo info;
  ImportOptions options;
};

/// Opens the weights of a folder and finds the tokenizer beside its config.json.
llvm::Expected<HuggingFaceModel> openHuggingFace(llvm::StringRef folder, Config config, const ImportOptions &options);

/// A GGUF file.
struct GGUFModel {
  std::unique_ptr<GGUFFile> file;
  ModelInfo info;
  ImportOptions options;
};

/// Reads an architecture. Called with `model_type` (or
/// `general.architecture`) known to be its own.
using HuggingFaceImporter = ImportedModule (*)(mlir::MLIRContext *context, HuggingFaceModel &model);
using GGUFImporter = ImportedModule (*)(mlir::MLIRContext *context, GGUFModel &model);

/// The registry (Registry.cpp). Null where the name is not known.
HuggingFaceImporter findHuggingFaceImporter(llvm::StringRef modelType);
GGUFImporter findGGUFImporter(llvm::StringRef architecture);
/// The names of all architectures, for messages.
std::string listHuggingFaceArchitectures();
std::string listGGUFArchitectures();

/// Limits of sizes in configurations: generous, and small enough that products
/// of three of them fit.
inline constexpr int64_t kMaxWidth = 1 << 20;
inline constexpr int64_t kMaxLayers = 1 << 14;
inline constexpr int64_t kMaxVocabulary = 1 << 26;
inline constexpr int64_t kMaxContext = INT32_MAX;

} // namespace seqc::importer

#endif // SEQ_IMPORT_CHECKPOINT_H
