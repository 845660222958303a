//===- ArenaSize.h - What the memory plan takes -----------------*- C++ -*-===//

#ifndef SEQ_LIB_PIPELINES_ARENASIZE_H
#define SEQ_LIB_PIPELINES_ARENASIZE_H

#include "mlir/IR/BuiltinOps.h"
#include <string>
#include <vector>

namespace seqc {

/// The peak of an export's memory plan: what one call takes beside its arguments, results
/// and states. Sizes grow in steps (alignment, blocks), so what a token adds is a mean.
struct ArenaSize {
  std::string exported, target;
  int64_t tokens = 0;    ///< of the single sequence that `bytes` is for; 0: the export has no time
  int64_t bytes = 0;     ///< with one worker
  double perToken = 0;   ///< more bytes for each token
  int64_t perWorker = 0; ///< more bytes for each further worker
};

/// Evaluates the size functions of a module at the end of the stage vector, for one
/// sequence of `seqm.context` tokens (512 where the model knows no limit). Other dynamic
/// dimensions count as 1.
std::vector<ArenaSize> arenaSizes(mlir::ModuleOp module, llvm::StringRef target);

} // namespace seqc

#endif // SEQ_LIB_PIPELINES_ARENASIZE_H
