//===- RecurrenceVerify.cpp - Rules that recurrences share ----------------===//

#include "dialects/Seq/Verify.h"
#include "mlir/IR/Matchers.h"
#include <limits>

using namespace mlir;
using namespace mlir::seq;

LogicalResult mlir::seq::verifyStates(Operation *op, StringRef label, ArrayRef<Type> carried, ValueRange given,
                                      ValueRange returned) {
  if (given.size() != returned.size())
    return violate(op, label, "returns as many states as it is given");
  if (given.empty())
    return success();
  if (given.size() != carried.size())
    return violate(op, label, "carries " + Twine(carried.size()) + " states, is given " + Twine(given.size()));
  for (auto [want, value] : llvm::zip_equal(carried, given)) {
    auto wanted = cast<StateType>(want), have = cast<StateType>(value.getType());
    if (wanted.getShape() != have.getShape() || wanted.getElementType() != have.getElementType())
      return op->emitOpError() << label << ": carries a state " << want << ", is given " << have;
  }
  return success();
}

LogicalResult mlir::seq::verifySegments(Operation *op, StringRef label, Value reset, Value lengths, int64_t batch,
                                        int64_t time) {
  if (!hasShape(reset, {batch, time}) || !hasShape(lengths, {batch}))
    return violate(op, label, "reset is [B,T] and lengths is [B]");
  return success();
}

LogicalResult mlir::seq::verifyChunk(Operation *op, StringRef label, Form form, int64_t chunk) {
  if (chunk < 0 || (chunk > 0 && form != Form::Auto && form != Form::Chunkwise))
    return violate(op, label, "a chunk is a positive number of tokens of the form chunkwise (0: the compiler chooses)");
  return success();
}

LogicalResult mlir::seq::verifyConstantDecay(Operation *op, StringRef label, Value decay, double least,
                                             bool isComplex) {
  DenseElementsAttr constant;
  if (!decay || !matchPattern(decay, m_Constant(&constant)) || !isa<FloatType>(constant.getElementType()))
    return success();
  bool real = true;
  for (const APFloat &element : constant.getValues<APFloat>()) {
    APFloat number = element;
    bool losesInfo;
    number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
    double log = number.convertToDouble();
    if (real && (log > 0 || log < least)) {
      auto error = op->emitOpError() << label << ": a log decay lies between ";
      return (std::isinf(least) ? error << "-inf" : error << least) << " and 0, not at " << log;
    }
    real = !isComplex || !real;
  }
  return success();
}

Type mlir::seq::sumElement(Type element) { return element.isF64() ? element : Float32Type::get(element.getContext()); }
