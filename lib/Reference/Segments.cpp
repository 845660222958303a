//===- Segments.cpp - Resets and lengths -----------------------------------===//

#include "Segments.h"

using namespace mlir;
using namespace seqc::reference;

LogicalResult Segments::check(Operation *op, int64_t batch, int64_t time) const {
  if ((reset && failed(unify(op, "reset", *reset, {&batch, &time}))) ||
      (lengths && failed(unify(op, "lengths", *lengths, {&batch}))))
    return failure();
  for (int64_t b = 0; lengths && b < batch; ++b)
    if (int64_t length = lengths->integer(b); length < 0 || length > time)
      return op->emitOpError() << "is given the length " << length << " for row " << b << " of " << time << " tokens";
  return success();
}
