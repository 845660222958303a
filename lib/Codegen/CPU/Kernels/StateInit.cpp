//===- StateInit.cpp - Make a state fresh ---------------------------------===//

#include "Pieces.h"

using namespace mlir;
using namespace seqc::cpu;

/// Elements of a state that a piece of the loop fills.
static constexpr int64_t kFill = 4096;

/// Fills every row of [B,...] with a number.
static void fill(KernelBuilder &b, Value memory, double value) {
  auto type = cast<MemRefType>(memory.getType());
  int64_t length = 1;
  for (int64_t extent : type.getShape().drop_front())
    length *= extent;
  if (type.getRank() > 2) {
    SmallVector<ReassociationIndices> groups{{0}, llvm::to_vector(llvm::seq<int64_t>(1, type.getRank()))};
    memory = memref::CollapseShapeOp::create(b, memory, groups);
  }
  Type element = type.getElementType();
  TypedAttr number = element.isInteger() ? TypedAttr(b.getIntegerAttr(element, static_cast<int64_t>(value)))
                                         : TypedAttr(b.getFloatAttr(element, value));
  Value batch = b.dim(memory, 0);
  if (type.getRank() == 1) { // a number a row
    Value one = arith::ConstantOp::create(b, number);
    b.loop(b.index(0), batch, 1, [&](Value row) { b.store(one, memory, row); });
    return;
  }
  auto vector = VectorType::get({b.target.lanes()}, element);
  Value numbers = arith::ConstantOp::create(b, DenseElementsAttr::get(vector, Attribute(number)));
  int64_t pieces = llvm::divideCeil(length, kFill), each = std::min(kFill, length);
  b.parallel(b.mul(batch, b.index(pieces)), grainOf(each / b.target.lanes()), [&](Value piece, Value) {
    Value row = b.floorDiv(piece, pieces), start = b.mul(b.rem(piece, pieces), b.index(kFill));
    Value count = b.min(b.sub(b.index(length), start), b.index(kFill));
    b.vectorLoop(count, [&](Value i, Value rest) {
      SmallVector<Value> at{row, b.add(start, i)};
      if (rest)
        b.storeMasked(numbers, memory, at, rest);
      else
        b.storeVector(numbers, memory, at);
    });
  });
}

LogicalResult seqc::cpu::emitStateInit(mlir::seq::StateInitOp op, func::FuncOp kernel, KernelBuilder &b) {
  Value state = kernel.getArgument(0);
  auto tokensType = MemRefType::get({ShapedType::kDynamic}, b.getI64Type());
  Value tokens = mlir::seq::StateTokensOp::create(b, tokensType, state);
  fill(b, tokens, 0);
  // Keys and values without a token are never read.
  auto type = dyn_cast<mlir::seq::StateType>(op.getState().getType());
  if (!type)
    return success();
  SmallVector<int64_t> shape{ShapedType::kDynamic};
  llvm::append_range(shape, type.getShape());
  auto memory = MemRefType::get(shape, type.getElementType());
  fill(b, mlir::seq::StateComponentOp::create(b, memory, state, b.getI64IntegerAttr(0)),
       type.getInit().convertToDouble());
  return success();
}
