//===- Interface.h - Exports as the runtime sees them -----------*- C++ -*-===//

#ifndef SEQ_CODEGEN_LOWERING_INTERFACE_H
#define SEQ_CODEGEN_LOWERING_INTERFACE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace seqc {

/// The symbolic dimensions of a function: those that are dynamic in its arguments or
/// results. The position of a dimension says which symbol it is: dimension 0 of every
/// tensor is the batch B, dimension 1 time T, dimension d > 1 is called Dd. So all
/// arguments of an export have the same batch and time.
struct SymbolicDims {
  llvm::SmallVector<int64_t> dimensions; ///< in the order of frame->dims

  int64_t indexOf(int64_t dimension) const { return llvm::find(dimensions, dimension) - dimensions.begin(); }
  static std::string nameOf(int64_t dimension) {
    return dimension == 0 ? "B" : dimension == 1 ? "T" : "D" + std::to_string(dimension);
  }
};

/// Works before bufferisation (tensors) and after it (memrefs, with or without results
/// as arguments), with the same answer.
inline SymbolicDims symbolicDims(mlir::func::FuncOp function) {
  llvm::SmallVector<bool> dynamic;
  auto look = [&](mlir::Type type) {
    auto shaped = mlir::dyn_cast<mlir::ShapedType>(type);
    if (!shaped)
      return;
    dynamic.resize(std::max<size_t>(dynamic.size(), shaped.getRank()));
    for (int64_t d = 0; d < shaped.getRank(); ++d)
      dynamic[d] = dynamic[d] || shaped.isDynamicDim(d);
  };
  for (mlir::Type type : function.getArgumentTypes())
    look(type);
  for (mlir::Type type : function.getResultTypes())
    look(type);
  SymbolicDims dims;
  for (size_t d = 0; d < dynamic.size(); ++d)
    if (dynamic[d])
      dims.dimensions.push_back(static_cast<int64_t>(d));
  return dims;
}

/// The symbol of an export's entry function; its arena function has "_arena" behind it.
inline std::string entryName(llvm::StringRef exportName) { return ("seq_export_" + exportName).str(); }

} // namespace seqc

#endif // SEQ_CODEGEN_LOWERING_INTERFACE_H
