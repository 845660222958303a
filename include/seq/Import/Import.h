//===- Import.h - From a model file to seq IR -------------------*- C++ -*-===//
//
// The entry to the importers. What they make is a module with one exported
// function, `forward`, and parameters that say where in the checkpoint's files
// their values are; the files must stay where they are until the module is
// compiled.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_IMPORT_H
#define SEQ_IMPORT_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace seqc::importer {

enum class ModelFormat {
  Unknown,
  HuggingFace, ///< a folder with config.json
  GGUF,        ///< a file that starts with GGUF
};

/// Told by what is there, not by names.
ModelFormat detectFormat(llvm::StringRef path);

struct ImportOptions {
  /// The most tokens of a sequence; 0 for what the model was trained for.
  int64_t maxContext = 0;
};

/// The dialects that importModel creates ops of; it loads them by itself.
void registerImportDialects(mlir::DialectRegistry &registry);

/// Reads the model at `path`. The module carries `seqm.name`,
/// `seqm.vocabulary`, `seqm.context` (unless the model knows no limit),
/// `seqm.stop_tokens` (where a folder names some) and `seqm.tokenizer` (where the
/// model comes with one).
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> importModel(mlir::MLIRContext *context, llvm::StringRef path,
                                                              const ImportOptions &options = {});

/// Reads the tokenizer from the file that `seqm.tokenizer` names (a GGUF file, a
/// folder's tokenizer.json, or a config.json that says "bytes") and returns the
/// bytes of a module's tokenizer section.
llvm::Expected<std::string> importTokenizer(llvm::StringRef path);

} // namespace seqc::importer

#endif // SEQ_IMPORT_IMPORT_H
