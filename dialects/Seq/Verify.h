//===- Verify.h - Shared checks of the op verifiers -------------*- C++ -*-===//
//
// Each check carries the label of its constraint in docs/Spec.md, so that a rule
// can be found from prose to code to test.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_DIALECTS_SEQ_VERIFY_H
#define SEQ_DIALECTS_SEQ_VERIFY_H

#include "dialects/Seq/Seq.h"

namespace mlir::seq {

/// Emits "<label>: <message>" at `op` and fails.
inline LogicalResult violate(Operation *op, StringRef label, const Twine &message) {
  return op->emitOpError() << label << ": " << message;
}

/// Whether two dimensions can be equal (a dynamic one can equal anything).
inline bool compatible(int64_t a, int64_t b) {
  return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b;
}

/// Whether `value` (null passes) is a tensor of just this shape, dynamic extents
/// matching anything.
inline bool hasShape(Value value, ArrayRef<int64_t> shape) {
  if (!value)
    return true;
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == static_cast<int64_t>(shape.size()) &&
         llvm::all_of(llvm::zip_equal(type.getShape(), shape),
                      [](auto p) { return compatible(std::get<0>(p), std::get<1>(p)); });
}

inline RankedTensorType tensorType(Value value) {
  return dyn_cast<RankedTensorType>(value.getType());
}

/// The innermost extent of a ranked tensor.
inline int64_t innermost(Value value) { return tensorType(value).getShape().back(); }

/// Checks the states that an op is given against those that it carries (none, or
/// all of the right types) and the states it returns against those given.
LogicalResult verifyStates(Operation *op, StringRef label, ArrayRef<Type> carried,
                           ValueRange given, ValueRange returned);

} // namespace mlir::seq

#endif // SEQ_DIALECTS_SEQ_VERIFY_H
