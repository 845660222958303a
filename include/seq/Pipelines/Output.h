//===- Output.h - Files that are written whole or not at all ----*- C++ -*-===//

#ifndef SEQ_PIPELINES_OUTPUT_H
#define SEQ_PIPELINES_OUTPUT_H

#include "llvm/Support/Error.h"

namespace seqc {

/// Writes `bytes` to `path` through a temporary file and a rename; "-" is standard
/// output. What exists and is no regular file (a device, a pipe) is never replaced.
llvm::Error writeOutput(llvm::StringRef path, llvm::StringRef bytes);

} // namespace seqc

#endif // SEQ_PIPELINES_OUTPUT_H
