//===- Stages.h - The order of passes ---------------------------*- C++ -*-===//
//
// Compilation is a chain of named stages, each a textual pass pipeline. This is the
// only place where the order of passes is written; docs/Pipelines.md explains it.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_PIPELINES_STAGES_H
#define SEQ_PIPELINES_STAGES_H

#include "mlir/IR/BuiltinOps.h"
#include "seq/Codegen/CPU/Target.h"

namespace seqc {

struct StageOptions {
  std::string quantize = "none"; ///< how float weights are quantised
  bool extend = false;           ///< whether `extend` is derived, beside prefill and step
  std::string form = "auto";     ///< of all recurrences
  int64_t chunk = 0;             ///< tokens of their chunks; 0: chosen
  int64_t threads = 0;           ///< that calls will have; 0: not known
  int64_t tokens = 512;          ///< of the calls that forms are chosen for
};

/// A named stage that ends in IR.
struct Stage {
  const char *name;
  const char *summary;
  bool perTarget; ///< whether it depends on the processor
};

/// The stages in order: seq, forms, linalg, scheduled, vector, llvm-dialect.
llvm::ArrayRef<Stage> stages();

/// Runs one stage. Errors have been emitted where it fails.
mlir::LogicalResult runStage(mlir::ModuleOp module, llvm::StringRef name, const cpu::Target *target,
                             const StageOptions &options);

/// Registers each stage as a pipeline of seq-opt: --seq-stage-NAME.
void registerStagePipelines();

} // namespace seqc

#endif // SEQ_PIPELINES_STAGES_H
