//===- Indices.h - Indices that a program computed --------------*- C++ -*-===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_INDICES_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_INDICES_H

#include "seq/Codegen/CPU/Kernel.h"

namespace seqc::cpu {

/// An integer as an index in [0, limit). One outside is reported as number `position`, and
/// read as 0.
mlir::Value checkedIndex(KernelBuilder &b, mlir::Value number, mlir::Value position, int64_t limit);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_INDICES_H
