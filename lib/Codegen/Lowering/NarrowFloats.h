//===- NarrowFloats.h - Masked accesses of 16-bit floats --------*- C++ -*-===//

#ifndef SEQ_LIB_CODEGEN_LOWERING_NARROWFLOATS_H
#define SEQ_LIB_CODEGEN_LOWERING_NARROWFLOATS_H

#include "mlir/IR/BuiltinOps.h"

namespace seqc {

/// Makes masked loads and stores of f16 and bf16, in the LLVM dialect, ones of i16. The backend
/// takes those of floats apart, and then calls functions to convert the elements.
void maskNarrowFloatsAsIntegers(mlir::ModuleOp module);

} // namespace seqc

#endif // SEQ_LIB_CODEGEN_LOWERING_NARROWFLOATS_H
