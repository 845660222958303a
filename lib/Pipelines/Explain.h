//===- Explain.h - What every op costs and what became of it ----*- C++ -*-===//

#ifndef SEQ_LIB_PIPELINES_EXPLAIN_H
#define SEQ_LIB_PIPELINES_EXPLAIN_H

#include "ArenaSize.h"
#include "mlir/IR/BuiltinOps.h"
#include "seq/Analysis/Cost.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Error.h"

namespace seqc {

/// What is said of an op, for a call of one sequence (ExportReport::size).
struct OpReport {
  std::string function, op, form, why;
  int64_t chunk = 0; ///< tokens; 0: the op has no chunks
  int64_t calls = 0; ///< how often the export reaches it
  Cost cost;         ///< of one execution
  Bound bound;
};

struct ExportReport {
  std::string name;
  CallSize size;
  std::vector<OpReport> ops;
};

/// What became of a module on one target.
struct TargetReport {
  std::string target;
  Machine machine;
  std::vector<ExportReport> exports;
  std::vector<ArenaSize> arenas;
};

/// Reports on a module at the end of the stage forms, but for the arenas. Calls have `tokens` tokens, or as
/// many as the model knows if those are fewer; a step sees as many.
TargetReport explainTarget(mlir::ModuleOp module, llvm::StringRef target, const Machine &machine, int64_t tokens);

/// Writes reports: as text on standard error where `output` is empty, else as JSON into that file.
llvm::Error writeReports(llvm::ArrayRef<TargetReport> reports, llvm::StringRef output);

} // namespace seqc

#endif // SEQ_LIB_PIPELINES_EXPLAIN_H
