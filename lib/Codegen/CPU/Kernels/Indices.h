//===- Indices.h - Indices that a program computed --------------*- C++ -*-===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_INDICES_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_INDICES_H

#include "seq/Codegen/CPU/Kernel.h"

namespace seqc::cpu {

/// What an index is of: the error of one that is out of range says it.
enum class IndexOf { Row, Expert };

/// An integer as an index in [0, limit). One outside is reported as number `position`, and
/// read as 0.
mlir::Value checkedIndex(KernelBuilder &b, mlir::Value number, mlir::Value position, int64_t limit, IndexOf kind);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_INDICES_H
