//===- Describe.h - What a module's header says -----------------*- C++ -*-===//

#ifndef SEQ_LIB_PIPELINES_DESCRIBE_H
#define SEQ_LIB_PIPELINES_DESCRIBE_H

#include "mlir/IR/BuiltinOps.h"
#include "seq/Module/Module.h"
#include "llvm/Support/Error.h"

namespace seqc {

/// Exports, states and model facts of a module at the end of the stage seq; parameters,
/// targets and sections are left to the writer.
llvm::Expected<seqc::file::Module> describe(mlir::ModuleOp module);

} // namespace seqc

#endif // SEQ_LIB_PIPELINES_DESCRIBE_H
