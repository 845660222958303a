//===- Passes.h - From sequence functions to packed ones --------*- C++ -*-===//

#ifndef SEQ_TRANSFORMS_PASSES_H
#define SEQ_TRANSFORMS_PASSES_H

#include "dialects/Module/Module.h"
#include "mlir/Pass/Pass.h"

namespace seqc {

#define GEN_PASS_DECL
#include "lib/Transforms/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "lib/Transforms/Passes.h.inc"

} // namespace seqc

#endif // SEQ_TRANSFORMS_PASSES_H
