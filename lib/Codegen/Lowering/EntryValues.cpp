//===- EntryValues.cpp - Values known when a function starts --------------===//

#include "EntryValues.h"
#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace seqc;

Value EntryValues::constant(int64_t value) { return arith::ConstantIndexOp::create(builder, loc, value); }

/// Ops on indices and integers that may run anywhere.
static bool isArithmetic(Operation *op) {
  return op->getNumRegions() == 0 && isPure(op) && op->getNumResults() == 1 &&
         (isa<arith::ArithDialect>(op->getDialect()) || isa<mlir::seq::WorkersOp>(op));
}

Value EntryValues::compute(Value value) {
  if (Value done = known.lookup(value))
    return done;
  Value result;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    result = scalar(argument);
  } else if (auto dim = value.getDefiningOp<memref::DimOp>()) {
    auto dimension = dim.getConstantIndex();
    result = dimension ? extentOf(dim.getSource(), *dimension) : Value();
  } else if (Operation *op = value.getDefiningOp(); isArithmetic(op)) {
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      Value computed = compute(operand);
      if (!computed)
        return {};
      operands.push_back(computed);
    }
    Operation *copy = builder.clone(*op);
    copy->setOperands(operands);
    result = copy->getResult(0);
  }
  if (result)
    known[value] = result;
  return result;
}

static Value sourceExtentProduct(EntryValues &values, OpBuilder &builder, Location loc,
                                 memref::CollapseShapeOp collapse, int64_t dimension) {
  Value product;
  for (int64_t d : collapse.getReassociationIndices()[dimension]) {
    Value extent = values.extentOf(collapse.getSrc(), d);
    if (!extent)
      return {};
    product = product ? arith::MulIOp::create(builder, loc, product, extent).getResult() : extent;
  }
  return product;
}

Value EntryValues::extentOf(Value memref, int64_t dimension) {
  auto type = cast<MemRefType>(memref.getType());
  if (!type.isDynamicDim(dimension))
    return constant(type.getDimSize(dimension));
  if (auto argument = dyn_cast<BlockArgument>(memref))
    return extent(argument, dimension);
  auto dynamic = [&](ValueRange sizes) { return compute(sizes[type.getDynamicDimIndex(dimension)]); };
  auto mixed = [&](ArrayRef<OpFoldResult> sizes) -> Value {
    if (auto value = dyn_cast<Value>(sizes[dimension]))
      return compute(value);
    return constant(*getConstantIntValue(sizes[dimension]));
  };
  return TypeSwitch<Operation *, Value>(memref.getDefiningOp())
      .Case<memref::AllocOp, memref::AllocaOp>([&](auto alloc) { return dynamic(alloc.getDynamicSizes()); })
      .Case([&](mlir::seq::ViewOp view) { return dynamic(view.getSizes()); })
      .Case([&](memref::CastOp cast) { return extentOf(cast.getSource(), dimension); })
      .Case([&](memref::SubViewOp view) {
        auto dropped = view.getDroppedDims();
        SmallVector<OpFoldResult> sizes;
        for (auto [i, size] : llvm::enumerate(view.getMixedSizes()))
          if (!dropped.test(i))
            sizes.push_back(size);
        return mixed(sizes);
      })
      .Case([&](memref::ReinterpretCastOp view) { return mixed(view.getMixedSizes()); })
      .Case([&](memref::ExpandShapeOp view) { return mixed(view.getMixedOutputShape()); })
      .Case([&](memref::CollapseShapeOp view) { return sourceExtentProduct(*this, builder, loc, view, dimension); })
      .Default([](Operation *) { return Value(); });
}

Value EntryValues::bytesOf(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  Value bytes = constant(std::max<int64_t>(1, type.getElementTypeBitWidth() / 8));
  for (int64_t d = 0; d < type.getRank(); ++d) {
    Value extent = extentOf(memref, d);
    if (!extent)
      return {};
    bytes = arith::MulIOp::create(builder, loc, bytes, extent);
  }
  return bytes;
}
