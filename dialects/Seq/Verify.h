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
inline bool compatible(int64_t a, int64_t b) { return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b; }

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

inline RankedTensorType tensorType(Value value) { return dyn_cast<RankedTensorType>(value.getType()); }

/// The innermost extent of a ranked tensor.
inline int64_t innermost(Value value) { return tensorType(value).getShape().back(); }

/// Checks the states that an op is given against those that it carries (none, or
/// all of the right types) and the states it returns against those given.
LogicalResult verifyStates(Operation *op, StringRef label, ArrayRef<Type> carried, ValueRange given,
                           ValueRange returned);

/// Threads states through an op that has all its states behind `getStatesMutable` and returns
/// the new ones last: replaces it by its form that starts from `states` (see TimeInterface).
template <typename OpTy> SmallVector<Value> threadThrough(OpTy op, RewriterBase &rewriter, ValueRange states) {
  rewriter.setInsertionPoint(op);
  auto copy = cast<OpTy>(rewriter.clone(*op));
  copy.getStatesMutable().assign(states);
  OperationState form(op.getLoc(), op->getName());
  form.addOperands(copy->getOperands());
  form.addTypes(op->getResultTypes());
  form.addTypes(states.getTypes());
  form.addAttributes(llvm::to_vector(copy->getDiscardableAttrs()));
  form.getOrAddProperties<typename OpTy::Properties>() = copy.getProperties();
  rewriter.eraseOp(copy);
  Operation *stepped = rewriter.create(form);
  auto results = stepped->getResults();
  rewriter.replaceOp(op, results.take_front(op->getNumResults()));
  return llvm::to_vector(ValueRange(results.take_back(states.size())));
}

//===----------------------------------------------------------------------===//
// What the recurrences share (RecurrenceVerify.cpp)
//===----------------------------------------------------------------------===//

/// reset is [B,T], lengths [B].
LogicalResult verifySegments(Operation *op, StringRef label, Value reset, Value lengths, int64_t batch, int64_t time);

/// A chunk is not negative and needs a form that has chunks.
LogicalResult verifyChunk(Operation *op, StringRef label, Form form, int64_t chunk);

/// The numbers of a log decay, where they are constants, lie in [least, 0]; of pairs (re, im)
/// only the real parts are looked at.
LogicalResult verifyConstantDecay(Operation *op, StringRef label, Value decay, double least, bool isComplex);

/// The element type of a state that sums along time: f64 for f64, else f32.
Type sumElement(Type element);

} // namespace mlir::seq

#endif // SEQ_DIALECTS_SEQ_VERIFY_H
