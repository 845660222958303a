//===- CheckDialect.cpp - Registration of the check dialect ---------------===//

#include "dialects/Check/Check.h"

using namespace mlir;
using namespace mlir::check;

#include "dialects/Check/CheckDialect.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/Check/CheckOps.cpp.inc"

void CheckDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/Check/CheckOps.cpp.inc"
      >();
}

/// Tensors that hold the contents of a state of this type.
static LogicalResult verifyContents(Operation *op, StringRef label, Type state, TypeRange contents) {
  bool isKv = isa<mlir::seq::KVType>(state);
  if (contents.size() != (isKv ? 2 : 1))
    return op->emitOpError() << label << ": a KV state is keys and values, any other state one tensor";
  auto check = [&](Type type, ArrayRef<int64_t> shape, Type element) {
    auto tensor = cast<RankedTensorType>(type);
    return tensor.getElementType() == element && tensor.getRank() > static_cast<int64_t>(shape.size()) &&
           tensor.getShape().take_back(shape.size()) == shape &&
           tensor.getRank() == static_cast<int64_t>(shape.size()) + (isKv ? 2 : 1);
  };
  bool fits;
  if (isKv) {
    auto kv = cast<mlir::seq::KVType>(state);
    fits = check(contents[0], {kv.getHeads(), kv.getKeyDim()}, kv.getElementType()) &&
           check(contents[1], {kv.getHeads(), kv.getValueDim()}, kv.getElementType());
  } else {
    auto fixed = cast<mlir::seq::StateType>(state);
    fits = check(contents[0], fixed.getShape(), fixed.getElementType());
  }
  if (!fits)
    return op->emitOpError() << label << ": " << contents << " are not the contents of " << state;
  return success();
}

LogicalResult MakeStateOp::verify() {
  return verifyContents(*this, "make_state_c1", getState().getType(), getContents().getTypes());
}
LogicalResult StateContentsOp::verify() {
  return verifyContents(*this, "state_contents_c1", getState().getType(), getContents().getTypes());
}
