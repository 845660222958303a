//===- LinearLayer.h - What the forms of a linear layer share ---*- C++ -*-===//
//
// y = x W^T (+ bias) (+ residual), in one of three forms by the number of rows:
// - one row, and a few rows, are bound by reading the weights, which are multiplied as they
//   stand or expanded in registers (LinearRows.cpp).
// - many rows are bound by arithmetic: a panel of weights is expanded once and used by
//   tiles of rows (LinearTiles.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_LINEARLAYER_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_LINEARLAYER_H

#include "PackedMatrix.h"
#include "Rows.h"
#include <functional>
#include <optional>

namespace seqc::cpu {

/// A linear layer whose kernel is being written.
class LinearLayer {
public:
  LinearLayer(mlir::seq::PackedLinearOp op, mlir::func::FuncOp kernel, KernelBuilder &b);
  /// A layer of chosen rows with one matrix of a stack: see select(). `bias` is [E,N] or null.
  LinearLayer(KernelBuilder &b, PackedMatrix weights, Rows x, Rows y, mlir::Value bias)
      : b(b), weights(weights), x(std::move(x)), y(std::move(y)), bias(bias) {}

  KernelBuilder &b;
  PackedMatrix weights;
  Rows x, y;

  using RowMap = std::function<mlir::Value(mlir::Value)>;
  /// From here on weights are those of matrix `matrix`, and row r is row inputOf(r) of x and
  /// outputOf(r) of y.
  void select(mlir::Value matrix, RowMap inputOf, RowMap outputOf);

  /// The indices of a row in x and in y.
  llvm::SmallVector<mlir::Value> inputRow(mlir::Value row) const { return x.at(b, inputOf ? inputOf(row) : row); }
  llvm::SmallVector<mlir::Value> outputRow(mlir::Value row) const { return y.at(b, outputOf ? outputOf(row) : row); }
  /// Where a panel of the layer is among those of the weights.
  mlir::Value storedPanel(mlir::Value panel) const;

  /// f32 lanes of a register, and registers that hold a panel's outputs.
  int64_t lanes() const { return b.target.lanes(); }
  int64_t vectors() const { return PackedMatrix::kPanel / lanes(); }
  mlir::Value rows() const { return x.count(); }

  /// One input of a row in all lanes.
  mlir::Value input(mlir::ValueRange row, mlir::Value k) const;

  /// Where the registers [first, first + count) of a panel's outputs go in y.
  struct Place {
    mlir::Value panel;
    int64_t first, count;
  };
  /// Adds bias and residual to the sums of rows and stores them. `sums` has `place.count`
  /// registers for each of the rows, row by row.
  void finish(mlir::ValueRange sums, llvm::ArrayRef<mlir::Value> rows, Place place) const;

private:
  /// Calls `body(i, n, count)` for register i of a place, which holds outputs from n on:
  /// `count` of them, null if all lanes.
  void forRegisters(Place place, llvm::function_ref<void(int64_t, mlir::Value, mlir::Value)> body) const;
  mlir::Value load(mlir::Value memory, mlir::ValueRange indices, mlir::Value count) const;
  void store(mlir::Value vector, mlir::ValueRange indices, mlir::Value count) const;

  std::optional<Rows> residual;
  mlir::Value bias;
  mlir::Value matrix; ///< of a stack; null if there is one
  RowMap inputOf, outputOf;
};

/// `rowsAtOnce` rows are multiplied with each weight; any number of rows is right.
void emitRowsAsFloats(const LinearLayer &layer, int64_t rowsAtOnce);
/// The same for the rows [from, to) and one panel.
void emitRowsOfPanel(const LinearLayer &layer, int64_t rowsAtOnce, mlir::Value panel, mlir::Value from, mlir::Value to);

/// Single rows: `read` writes what is computed from a row alone, `multiply` its product with
/// one panel.
struct OneRow {
  std::function<void(mlir::Value row)> read;
  std::function<void(mlir::Value row, mlir::Value panel)> multiply;
};
/// Allocates what rows below `rows` need, at the kernel's top level.
OneRow prepareOneRow(const LinearLayer &layer, mlir::OpFoldResult rows);
/// The first row and all panels.
void emitOneRow(const LinearLayer &layer, const OneRow &one);

/// Allocates what tiles need, at the kernel's top level; the result writes their code.
std::function<void()> prepareTiles(const LinearLayer &layer);
/// The same for one panel and the rows [from, to), which are as many as a tile has or more; in a
/// parallel loop, on the worker.
std::function<void(mlir::Value worker, mlir::Value panel, mlir::Value from, mlir::Value to)>
preparePanelTiles(const LinearLayer &layer);
/// Rows that tiles take at a time, where `to` is chosen freely.
inline constexpr int64_t kTileBlockRows = 256;
/// Rows of a tile.
inline int64_t tileRows(const Target &target) { return target.avx512 ? 8 : 6; }

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_LINEARLAYER_H
