//===- Passes.h - From tensors to functions of the ABI ----------*- C++ -*-===//

#ifndef SEQ_CODEGEN_LOWERING_PASSES_H
#define SEQ_CODEGEN_LOWERING_PASSES_H

#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace seqc {

#define GEN_PASS_DECL
#include "lib/Codegen/Lowering/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "lib/Codegen/Lowering/Passes.h.inc"

/// Lets one-shot bufferisation see what seq ops do with tensors.
void registerBufferizableOpInterfaces(mlir::DialectRegistry &registry);

} // namespace seqc

#endif // SEQ_CODEGEN_LOWERING_PASSES_H
