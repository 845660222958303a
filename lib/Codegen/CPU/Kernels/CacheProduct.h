//===- CacheProduct.h - Products of small matrices in cache -----*- C++ -*-===//
//
// What chunkwise mixers are made of: matrices of a few dozen rows in the scratch memory
// of a worker, and their products with sums in registers. Everything is f32.
//
// A register block is blockRows(target) rows of the left factor times two vectors of
// columns of the right one: 8 x 32 with AVX-512, 6 x 16 with AVX2. Memory is padded to
// whole blocks, so no product has a masked edge: rows and columns past the end are
// computed like others, and what comes of them is stored to padding, or is for the
// caller to drop. Only the depth, over which is summed, is exact.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_CACHEPRODUCT_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_CACHEPRODUCT_H

#include "seq/Codegen/CPU/Kernel.h"
#include <functional>

namespace seqc::cpu {

/// Rows of a register block.
inline int64_t blockRows(const Target &target) { return target.avx512 ? 8 : 6; }
/// Columns of a register block.
inline int64_t blockColumns(const Target &target) { return 2 * target.lanes(); }

/// A matrix of fixed extents in scratch, one for each slot (a worker, as a rule).
class CacheMatrix {
public:
  using Value = mlir::Value;

  /// How elements follow each other: row by row, or in panels of blockColumns columns,
  /// each row by row, which is the quicker form of a large right factor.
  enum class Layout { Rows, Panels };

  CacheMatrix() = default;
  /// Allocates the memory of `slots` slots, so at the top level of the kernel. Rows are
  /// padded to multiples of blockRows and of the lanes, columns to blockColumns.
  CacheMatrix(KernelBuilder &b, Value slots, int64_t rows, int64_t columns, Layout layout = Layout::Rows);

  explicit operator bool() const { return static_cast<bool>(memory); }
  int64_t paddedRows() const { return rows; }
  int64_t paddedColumns() const { return columns; }

  Value load(Value row, Value column) const;
  void store(Value scalar, Value row, Value column) const;
  /// A vector of a row, at a column that is a multiple of the lanes.
  Value loadVector(Value row, Value column) const;
  void storeVector(Value vector, Value row, Value column) const;
  /// Sets the columns [0, columns), a constant, rounded up to whole vectors, of a row.
  void clearRow(Value row, int64_t columns) const;

  Value slot; ///< whose matrix is meant; set before a task's code is emitted

private:
  llvm::SmallVector<Value> at(Value row, Value column) const;

  KernelBuilder *b = nullptr;
  Value memory; ///< [slots, elements]
  Layout layout = Layout::Rows;
  int64_t rows = 0, columns = 0, pitch = 0;
};

/// C = start + sum over i in [0, depth) of left(., i) right(i, .).
struct CacheProduct {
  using Value = mlir::Value;

  /// Rows and columns of C, any index values; blocks go past them unless they divide.
  Value rows, columns;
  /// An element of the left factor, a scalar.
  std::function<Value(Value row, Value i)> left;
  /// A vector of a row of the right factor.
  std::function<Value(Value i, Value column)> right;
  /// The end of the sum, for the block of rows that starts at `row`; and its start,
  /// which is 0 if the function is empty.
  std::function<Value(Value row)> depth, depthStart;
  /// The end of the columns that a block of rows has (a lower triangle); may be empty.
  std::function<Value(Value row)> columnEnd;
  /// What a sum starts with; zero if empty.
  std::function<Value(Value row, Value column)> start;
  /// Takes one row of a block: the vectors from `column` on.
  std::function<void(Value row, Value column, llvm::ArrayRef<Value> sums)> finish;
};

/// Emits the loops over the blocks of C: rows outside, columns inside. A constant number
/// of columns whose last vector stands alone ends with a block of one vector.
void emitProduct(KernelBuilder &b, const CacheProduct &product);

/// The sums of one register block go on over [from, to): `sums` are those of `rows` rows,
/// row by row, a vector for each of `columns`. Returns them.
llvm::SmallVector<mlir::Value> accumulate(KernelBuilder &b, const CacheProduct &product,
                                          llvm::ArrayRef<mlir::Value> rows, llvm::ArrayRef<mlir::Value> columns,
                                          mlir::Value from, mlir::Value to, mlir::ValueRange sums);

/// Transposes a square of vectors: a power of two of rows, of as many lanes.
void transposeSquare(KernelBuilder &b, llvm::SmallVector<mlir::Value> &rows);

/// Writes the transpose of a matrix of `rows` (any index value, at least 1) rows and a
/// constant number of columns: to(j, i) = from(i, j). `from` gives a vector of a row; for
/// the last one `rest`, if not null, says how many lanes are columns, the others have to
/// be finite. Rows up to the next multiple of the lanes repeat the last one.
void emitTranspose(KernelBuilder &b, mlir::Value rows, int64_t columns,
                   llvm::function_ref<mlir::Value(mlir::Value row, mlir::Value column, mlir::Value rest)> from,
                   const CacheMatrix &to);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_CACHEPRODUCT_H
