//===- TimeAxis.h - Which dimension of a tensor is time ---------*- C++ -*-===//
//
// A forward function says nowhere which dimension of a tensor runs along time. The
// convention fixes it at the edge: dimension 1 of every argument of rank two or more. From
// there this analysis follows it through calls, seq ops, elementwise ops, linalg and
// reshapes, and finds on the way whether the function can be cut anywhere in time at all:
//
//   - seq ops have time in dimension 1; what they carry along it they say themselves
//     (TimeInterface);
//   - a reshape may give each position several rows of the time dimension (rules with more
//     than one update a token), and take them apart again;
//   - every other op must be *pointwise in time*: position t of its results depends on
//     position t of its operands, not on t itself and not on how many positions there are.
//
// An op that is not is an error that names it. Lengths count too: a tensor.dim of a time
// dimension may size other tensors, but a step can not compute with it.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_ANALYSIS_TIMEAXIS_H
#define SEQ_ANALYSIS_TIMEAXIS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include <optional>

namespace seqc {

/// The time dimension of one value.
struct TimeAxis {
  int64_t dim = 0;
  /// Whether only the position that seq.last took is left of it: extent 1, and its
  /// neighbours in time are gone.
  bool isLast = false;
  /// Neighbouring entries of the dimension that one position has: n after [T, n] became
  /// one dimension.
  int64_t rows = 1;

  bool operator==(const TimeAxis &) const = default;
};

/// Time dimensions of the values of a module. A function has one meaning: all calls must
/// agree on which arguments run along time.
class TimeAxes {
public:
  explicit TimeAxes(mlir::ModuleOp module) : module(module) {}

  /// Analyses a function whose arguments of rank two or more are sequences [batch, time,
  /// ...], and all that it calls. Emits an error where time can not be followed.
  mlir::LogicalResult addEntry(mlir::func::FuncOp entry);

  /// The time dimension of a value of an analysed function; nothing if it has none.
  std::optional<TimeAxis> operator[](mlir::Value value) const;
  /// Same, for values that may be no tensors of an analysed function.
  bool hasTime(mlir::Value value) const { return (*this)[value].has_value(); }

  /// Gives a new value the dimension of the one that it stands for.
  void copy(mlir::Value from, mlir::Value to);

private:
  friend class TimeAxisBuilder;
  using Axis = std::optional<TimeAxis>;

  mlir::ModuleOp module;
  llvm::DenseMap<mlir::Value, TimeAxis> axes;
  /// tensor.dim of time dimensions.
  llvm::DenseSet<mlir::Value> lengths;
  /// Functions that have been analysed, and those that are being.
  llvm::DenseMap<mlir::Operation *, bool> functions;
};

} // namespace seqc

#endif // SEQ_ANALYSIS_TIMEAXIS_H
