//===- Packing.h - From a weight's file form to packed bytes ----*- C++ -*-===//
//
// The layouts are those of !seq.packing (dialects/Seq/PackedOps.td). Packing runs while a
// module is written, a parameter at a time.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_CODEGEN_CPU_PACKING_H
#define SEQ_CODEGEN_CPU_PACKING_H

#include "dialects/Seq/Seq.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <vector>

namespace seqc {

/// Values in memory, element (i, j, …) at i * strides[0] + j * strides[1] + …, in
/// elements. Block-quantised values are matrices whose rows are whole blocks, an equal distance
/// apart. The shape enumerates a parameter's elements row-major; it may split
/// its dimensions (heads of a fused matrix).
struct SourceView {
  mlir::Type element; ///< as stored
  const char *data = nullptr;
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<int64_t> strides;
  std::shared_ptr<std::vector<char>> owner; ///< of values that are no file's
};

namespace cpu {

/// Packs a matrix, or a stack of them. `parts` stand one behind the other along the outputs; each is
/// [N,K] or [E,N,K], or, with `transposed` (one part only), [K,N]. Values are converted or quantised by the rules
/// of GGUF where the format differs from the stored one. `bytes` has packing.getBytes().
llvm::Error packMatrix(mlir::seq::PackingType packing, llvm::ArrayRef<SourceView> parts, bool transposed,
                       llvm::MutableArrayRef<uint8_t> bytes);

/// Writes values one behind the other as f32. `bytes` has room for all parts.
llvm::Error convertDense(llvm::ArrayRef<SourceView> parts, llvm::MutableArrayRef<uint8_t> bytes);

} // namespace cpu
} // namespace seqc

#endif // SEQ_CODEGEN_CPU_PACKING_H
