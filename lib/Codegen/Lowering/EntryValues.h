//===- EntryValues.h - Values known when a function starts ------*- C++ -*-===//
//
// Extents of buffers follow from the extents of a function's arguments, and so can
// be computed before the function runs: at its entry, where the arena is cut up, in
// its caller, or in a function that computes nothing else. An EntryValues rewrites
// the computation of a value into such a place.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_LOWERING_ENTRYVALUES_H
#define SEQ_LIB_CODEGEN_LOWERING_ENTRYVALUES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include <functional>

namespace seqc {

class EntryValues {
public:
  /// What stands for the extent of an argument, or for an argument of index type, in
  /// the new place; null where nothing does.
  using Extent = std::function<mlir::Value(mlir::BlockArgument, int64_t dimension)>;
  using Scalar = std::function<mlir::Value(mlir::BlockArgument)>;

  EntryValues(mlir::OpBuilder &builder, mlir::Location loc, Extent extent, Scalar scalar)
      : builder(builder), loc(loc), extent(std::move(extent)), scalar(std::move(scalar)) {}

  /// `value` (an index) computed at the builder's insertion point; null if it needs
  /// more than the arguments' extents.
  mlir::Value compute(mlir::Value value);
  /// The extent of a memref.
  mlir::Value extentOf(mlir::Value memref, int64_t dimension);
  /// Its bytes, for identity layouts.
  mlir::Value bytesOf(mlir::Value memref);

private:
  mlir::Value constant(int64_t value);

  mlir::OpBuilder &builder;
  mlir::Location loc;
  Extent extent;
  Scalar scalar;
  llvm::DenseMap<mlir::Value, mlir::Value> known;
};

} // namespace seqc

#endif // SEQ_LIB_CODEGEN_LOWERING_ENTRYVALUES_H
