//===- Explain.h - What every op costs and what became of it ----*- C++ -*-===//

#ifndef SEQ_LIB_PIPELINES_EXPLAIN_H
#define SEQ_LIB_PIPELINES_EXPLAIN_H

#include "ArenaSize.h"
#include "mlir/IR/BuiltinOps.h"
#include "seq/Module/Module.h"
#include "llvm/Support/Error.h"

namespace seqc {

/// Reports on a module at the end of the stage seq, and on the memory plans of its exports for
/// each target: as text on standard error where
/// `output` is empty, else as JSON into that file.
llvm::Error explain(mlir::ModuleOp module, const seqc::file::Module &description, llvm::ArrayRef<ArenaSize> arenas,
                    llvm::StringRef output);

} // namespace seqc

#endif // SEQ_LIB_PIPELINES_EXPLAIN_H
