//===- ElementwiseNest.h - A loop nest over vectors -------------*- C++ -*-===//
//
// An elementwise linalg.generic on buffers becomes two loops: one over rows and, inside, one
// over the vectors of a row. Neighbouring dimensions that every operand stores (or repeats)
// as one are one dimension, so that a nest over contiguous buffers is a single row. The
// rows, or the pieces of a single row, are divided between threads by seq.parallel.
//
// An operand may lack dimensions (a broadcast): one that lacks the innermost is one value a
// row. Scalar operands and values from outside are the same in every element.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_ELEMENTWISENEST_H
#define SEQ_LIB_CODEGEN_CPU_ELEMENTWISENEST_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "seq/Codegen/CPU/Kernel.h"

namespace seqc::cpu {

/// Why a loop nest on buffers can not become vectors: it reduces, its innermost elements are
/// not neighbours in memory, … Empty if it can.
llvm::StringRef obstacleToVectors(mlir::linalg::GenericOp op);

/// Writes the loops of a nest without an obstacle where `builder` stands. The op stays.
void writeVectorNest(mlir::linalg::GenericOp op, KernelBuilder &builder);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_ELEMENTWISENEST_H
