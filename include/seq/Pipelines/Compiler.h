//===- Compiler.h - From a model to a module file ---------------*- C++ -*-===//

#ifndef SEQ_PIPELINES_COMPILER_H
#define SEQ_PIPELINES_COMPILER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "seq/Analysis/Cost.h"
#include "seq/Pipelines/Stages.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>
#include <vector>

namespace seqc {

struct CompileOptions {
  std::vector<std::string> cpus = {"host"}; ///< --target-cpu, one image each
  std::string features;                     ///< --target-features, for all of them
  StageOptions stages;
  bool externalWeights = false;
  /// "no", "" for a report on standard error, or the JSON file to write.
  std::string explain = "no";
  /// What reports compare with; typical machines of each target where not given.
  std::optional<Machine> machine;
  /// Called with what is going on and, where known, how far it is (0 to 1).
  std::function<void(llvm::StringRef, double)> progress = [](llvm::StringRef, double) {};
};

/// Writes `module` (sequence functions, as importers make them) as a module file.
/// `tokenizer` holds the bytes of its tokenizer section, or none. Errors are emitted on
/// the context's diagnostic engine or returned.
llvm::Error compileToFile(mlir::ModuleOp module, llvm::StringRef tokenizer, const CompileOptions &options,
                          const std::string &output);

/// Stops at a stage and returns what it made as text (IR or assembly) or bytes (object).
/// `stage` is one of seq, forms, linalg, scheduled, vector, llvm, asm, object.
llvm::Expected<std::string> compileToStage(mlir::ModuleOp module, llvm::StringRef stage, const CompileOptions &options);

} // namespace seqc

#endif // SEQ_PIPELINES_COMPILER_H
