//===- FreshStates.h - Programs that make states themselves -----*- C++ -*-===//

#ifndef SEQ_TEST_FUZZ_FRESHSTATES_H
#define SEQ_TEST_FUZZ_FRESHSTATES_H

#include "mlir/IR/BuiltinOps.h"

namespace seqc::fuzz {

/// Gives every op that carries states fresh ones of its function, which changes nothing of what it computes.
void giveFreshStates(mlir::ModuleOp module);

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_FRESHSTATES_H
