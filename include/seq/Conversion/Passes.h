//===- Passes.h - From seq to upstream dialects -----------------*- C++ -*-===//

#ifndef SEQ_CONVERSION_PASSES_H
#define SEQ_CONVERSION_PASSES_H

#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/Pass.h"

namespace seqc {

#define GEN_PASS_DECL
#include "lib/Conversion/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "lib/Conversion/Passes.h.inc"

} // namespace seqc

#endif // SEQ_CONVERSION_PASSES_H
