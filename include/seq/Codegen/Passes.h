//===- Passes.h - Vector code and its legality ------------------*- C++ -*-===//

#ifndef SEQ_CODEGEN_PASSES_H
#define SEQ_CODEGEN_PASSES_H

#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace seqc {

#define GEN_PASS_DECL
#include "lib/Codegen/CPU/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "lib/Codegen/CPU/Passes.h.inc"

} // namespace seqc

#endif // SEQ_CODEGEN_PASSES_H
