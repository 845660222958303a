//===- Rows.h - Buffers as rows of their innermost dimension ----*- C++ -*-===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_ROWS_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_ROWS_H

#include "seq/Codegen/CPU/Kernel.h"

namespace seqc::cpu {

/// Something of [index, ...] followed by `last`.
inline llvm::SmallVector<mlir::Value> join(mlir::ValueRange first, mlir::Value last) {
  auto all = llvm::to_vector(first);
  all.push_back(last);
  return all;
}

/// A buffer of any rank as rows: its innermost dimension, and everything before as one
/// row number. Strided buffers work; dense ones cost no index arithmetic.
class Rows {
public:
  /// Uses the innermost dimension of `memref`, which has a rank of at least 1.
  Rows(KernelBuilder &b, mlir::Value memref);

  mlir::Value count() const { return rows; }
  /// A buffer and the indices in it of a row's first element but for the innermost index.
  mlir::Value memory() const { return flat; }
  llvm::SmallVector<mlir::Value> at(KernelBuilder &b, mlir::Value row) const;

private:
  mlir::Value flat, rows;
  llvm::SmallVector<mlir::Value> extents; ///< of the leading dimensions of `flat`
};

/// The constant extent of a buffer's dimension; only where the op's verifier asks for one.
inline int64_t constantDim(mlir::Value memref, int64_t d) {
  return mlir::cast<mlir::MemRefType>(memref.getType()).getDimSize(d);
}

/// Copies `count` contiguous elements.
void copyElements(KernelBuilder &b, mlir::Value from, mlir::ValueRange fromRow, mlir::Value to, mlir::ValueRange toRow,
                  mlir::Value count);

/// Fills `count` contiguous elements with zeros.
void clearElements(KernelBuilder &b, mlir::Value to, mlir::ValueRange toRow, mlir::Value count);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_ROWS_H
