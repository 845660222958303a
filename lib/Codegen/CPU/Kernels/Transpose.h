//===- Transpose.h - Square tiles in registers ------------------*- C++ -*-===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_TRANSPOSE_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_TRANSPOSE_H

#include "seq/Codegen/CPU/Kernel.h"

namespace seqc::cpu {

/// Turns `lanes` vectors of `lanes` elements: result j holds element j of every vector.
llvm::SmallVector<mlir::Value> emitTranspose(KernelBuilder &b, llvm::SmallVector<mlir::Value> rows);

/// Takes rows of `width` numbers, one for each lane, to vectors of their elements: `write(k, vector)`
/// gets element k of every row. `load(lane, k, count)` reads `count` elements (at most the target's
/// lanes; the others are 0 or anything finite) from element k of a row on.
void emitColumns(KernelBuilder &b, int64_t width,
                 llvm::function_ref<mlir::Value(int64_t lane, int64_t k, int64_t count)> load,
                 llvm::function_ref<void(int64_t k, mlir::Value vector)> write);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_TRANSPOSE_H
