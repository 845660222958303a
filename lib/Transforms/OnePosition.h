//===- OnePosition.h - Ops on one position of time --------------*- C++ -*-===//

#ifndef SEQ_LIB_TRANSFORMS_ONEPOSITION_H
#define SEQ_LIB_TRANSFORMS_ONEPOSITION_H

#include "seq/Analysis/TimeAxis.h"

namespace seqc {

/// `type` with extent 1 in the dimension `axis`; itself if there is none.
mlir::Type withOnePosition(mlir::Type type, std::optional<TimeAxis> axis);

/// Makes `clone`, whose operands have one position each already, what `original`, an op
/// that `axes` knows, is for one position: result types, and sizes that are given as
/// operands.
void setOnePosition(mlir::Operation *original, mlir::Operation *clone, const TimeAxes &axes);

} // namespace seqc

#endif // SEQ_LIB_TRANSFORMS_ONEPOSITION_H
