//===- PackedMatrix.h - Packed weights as kernels read them -----*- C++ -*-===//
//
// The layout is that of !seq.packing (dialects/Seq/PackedOps.td): panels of 32 outputs,
// which stand in the lanes of 32 / lanes vectors.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_PACKEDMATRIX_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_PACKEDMATRIX_H

#include "seq/Codegen/CPU/Kernel.h"

namespace seqc::cpu {

class PackedMatrix {
public:
  static constexpr int64_t kPanel = mlir::seq::PackingType::kPanel;
  /// Inputs of a record of a quantised format.
  static constexpr int64_t kRecord = 32;

  /// `memory` is the matrix as memref<bytes x i8>. Makes views at the builder's place.
  PackedMatrix(KernelBuilder &b, mlir::seq::PackingType packing, mlir::Value memory);

  int64_t inputs() const { return packing.getInputs(); }
  int64_t outputs() const { return packing.getOutputs(); }
  int64_t panels() const { return panelCount; }
  mlir::Type format() const { return packing.getFormat(); }
  bool isQuantised() const { return dwords != nullptr; }

  //--- dense formats

  /// Input k of the `count` outputs of a panel from `column` on, as f32.
  mlir::Value dense(mlir::Value panel, mlir::Value k, mlir::Value column, int64_t count) const;

  //--- quantised formats

  /// Records of a panel, bits of a quant, inputs of a dword, dwords of an output in a record.
  int64_t records() const { return inputs() / kRecord; }
  int64_t quantBits() const { return isByte ? 8 : 4; }
  int64_t inputsOfWord() const { return 32 / quantBits(); }
  int64_t words() const { return kRecord / inputsOfWord(); }
  /// What is subtracted from quants: 8 with q4_0.
  int64_t offset() const;
  bool hasMinimum() const;

  /// A record, as the functions below take it.
  mlir::Value record(mlir::Value panel, mlir::Value number) const;
  /// Scales, or minima, of the `count` outputs from `column` on, as f32.
  mlir::Value scales(mlir::Value record, mlir::Value column, int64_t count) const;
  mlir::Value minima(mlir::Value record, mlir::Value column, int64_t count) const;
  /// Dword `i` of the `count` outputs from `column` on.
  mlir::Value word(mlir::Value record, int64_t i, mlir::Value column, int64_t count) const;
  /// Quant j of each dword, as f32.
  mlir::Value quant(mlir::Value words, int64_t j) const;
  /// Quants 0, 1, 2, ... in the lanes of a vector of inputsOfWord() times the same dword.
  mlir::Value quantsInOrder(mlir::Value words) const;
  /// The weight of a quant is quant * scale + shift, where the shift (null: none) comes
  /// from the scale and the minimum (null if the format has none).
  mlir::Value shift(mlir::Value scale, mlir::Value minimum) const;
  mlir::Value weight(mlir::Value quant, mlir::Value scale, mlir::Value shift) const;

  /// Asks for a record some way behind the given one to come into the cache: at the end of a
  /// page the processor does not foresee what is read next.
  void prefetchBehind(mlir::Value record) const;

private:
  mlir::Value half(mlir::Value record, int64_t first, mlir::Value column, int64_t count) const;
  mlir::Value quantAt(mlir::Value words, mlir::Value shift) const;
  int64_t firstWord() const { return hasMinimum() ? kPanel : kPanel / 2; }

  KernelBuilder &b;
  mlir::seq::PackingType packing;
  bool isByte;
  int64_t panelCount, recordWords; ///< dwords of a record
  mlir::Value elements;            ///< of a dense format
  mlir::Value dwords, halves;      ///< of a quantised format: views of the same bytes
};

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_PACKEDMATRIX_H
