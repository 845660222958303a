//===- Passes.h - The oracle as a pass --------------------------*- C++ -*-===//

#ifndef SEQ_REFERENCE_PASSES_H
#define SEQ_REFERENCE_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace seqc {

#define GEN_PASS_DECL
#include "lib/Reference/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "lib/Reference/Passes.h.inc"

} // namespace seqc

#endif // SEQ_REFERENCE_PASSES_H
