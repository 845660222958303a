//===- Patterns.h - What seq-reduce does to ops -----------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_REDUCE_PATTERNS_H
#define SEQ_TOOLS_SEQ_REDUCE_PATTERNS_H

namespace mlir {
class DialectRegistry;
}

namespace seqc {

/// Adds the rewrites that --reduction-tree tries on ops of any dialect. Without them it only
/// erases ops, which leaves a chain of values as it is.
void registerReductionPatterns(mlir::DialectRegistry &registry);

} // namespace seqc

#endif // SEQ_TOOLS_SEQ_REDUCE_PATTERNS_H
