//===- TimeAxisBuilder.h - How ops move time --------------------*- C++ -*-===//
//
// One transfer function an op family. Each records the axes of the op's results, or emits
// an error and fails.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_ANALYSIS_TIMEAXISBUILDER_H
#define SEQ_LIB_ANALYSIS_TIMEAXISBUILDER_H

#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "seq/Analysis/TimeAxis.h"

namespace seqc {

class TimeAxisBuilder {
public:
  using Axis = std::optional<TimeAxis>;

  explicit TimeAxisBuilder(TimeAxes &result) : result(result) {}

  /// Analyses a function, once, with these axes of its arguments.
  mlir::LogicalResult addFunction(mlir::func::FuncOp function, mlir::ArrayRef<Axis> arguments, mlir::Operation *user);

private:
  mlir::LogicalResult transfer(mlir::Operation *op);

  //--- calls, seq ops, elementwise ops (TimeAxis.cpp)
  mlir::LogicalResult transferCall(mlir::func::CallOp call);
  mlir::LogicalResult transferLast(mlir::seq::LastOp last);
  mlir::LogicalResult transferSeq(mlir::Operation *op);
  mlir::LogicalResult transferElementwise(mlir::Operation *op);

  //--- tensor ops and linalg (TimeAxisShapes.cpp)
  mlir::LogicalResult transferDim(mlir::tensor::DimOp dim);
  mlir::LogicalResult transferSized(mlir::Operation *op, mlir::ValueRange dynamicSizes);
  mlir::LogicalResult transferExpand(mlir::tensor::ExpandShapeOp expand);
  mlir::LogicalResult transferCollapse(mlir::tensor::CollapseShapeOp collapse);
  mlir::LogicalResult transferExtractSlice(mlir::tensor::ExtractSliceOp slice);
  mlir::LogicalResult transferInsertSlice(mlir::tensor::InsertSliceOp slice);
  mlir::LogicalResult transferConcat(mlir::tensor::ConcatOp concat);
  mlir::LogicalResult transferLinalg(mlir::linalg::LinalgOp linalg);

  /// The loop of a linalg op that runs over time.
  struct TimeLoop {
    unsigned loop;
    bool isLast;
    int64_t rows;
  };
  llvm::FailureOr<TimeLoop> findTimeLoop(mlir::linalg::LinalgOp linalg);
  bool isWholeTime(mlir::OffsetSizeAndStrideOpInterface slice, TimeAxis time);

  Axis axis(mlir::Value value) const { return result[value]; }
  void set(mlir::Value value, Axis axis);
  bool isLength(mlir::Value value) const { return result.lengths.contains(value); }
  /// Whether anything that the op reads, its regions included, depends on time.
  bool readsTime(mlir::Operation *op) const;
  /// Whether all elements of a value are equal, so that it has no position in time.
  static bool isUniform(mlir::Value value);

  mlir::LogicalResult mixes(mlir::Operation *op, const llvm::Twine &how);

  TimeAxes &result;
};

} // namespace seqc

#endif // SEQ_LIB_ANALYSIS_TIMEAXISBUILDER_H
