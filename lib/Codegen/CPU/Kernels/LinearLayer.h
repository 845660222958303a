//===- LinearLayer.h - What the forms of a linear layer share ---*- C++ -*-===//
//
// y = x W^T (+ bias) (+ residual), in one of three forms by the number of rows:
// - one row, and a few rows, are bound by reading the weights, which are expanded in
//   registers (LinearRows.cpp).
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

  KernelBuilder &b;
  PackedMatrix weights;
  Rows x, y;

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
};

/// `rowsAtOnce` rows are multiplied with each weight; any number of rows is right.
void emitRowsAsFloats(const LinearLayer &layer, int64_t rowsAtOnce);

/// Allocates what one row needs, at the kernel's top level; the result writes its code.
std::function<void()> prepareOneRow(const LinearLayer &layer);

/// Allocates what tiles need, at the kernel's top level; the result writes their code.
std::function<void()> prepareTiles(const LinearLayer &layer);
/// Rows of a tile.
inline int64_t tileRows(const Target &target) { return target.avx512 ? 8 : 6; }

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_LINEARLAYER_H
