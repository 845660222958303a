//===- Elementwise.cpp - Scalar functions on tensors ----------------------===//

#include "Elementwise.h"

using namespace mlir;
using namespace seqc::reference;

namespace {

/// An operand of an elementwise op: a scalar counts as a tensor that repeats.
class Elements {
public:
  explicit Elements(const Datum &datum) : datum(&datum) {
    if (auto *shared = std::get_if<std::shared_ptr<const Tensor>>(&datum))
      tensor = shared->get();
  }

  const Tensor *getTensor() const { return tensor; }

  Number at(int64_t i) const {
    if (!tensor)
      return std::holds_alternative<double>(*datum) ? Number{std::get<double>(*datum), 0}
                                                    : Number{0, std::get<int64_t>(*datum)};
    return tensor->isReal() ? Number{tensor->reals()[i], 0} : Number{0, tensor->integers()[i]};
  }

private:
  const Datum *datum;
  const Tensor *tensor = nullptr;
};

} // namespace

static LogicalResult runElementwise(Operation *op, Frame &frame, const ScalarFunction &function) {
  SmallVector<Elements> operands;
  const Tensor *shaped = nullptr;
  for (Value operand : op->getOperands()) {
    operands.emplace_back(frame.get(operand));
    const Tensor *tensor = operands.back().getTensor();
    if (tensor && shaped && tensor->shape() != shaped->shape())
      return op->emitOpError() << "has operands of " << shapeText(shaped->shape()) << " and "
                               << shapeText(tensor->shape());
    shaped = tensor ? tensor : shaped;
  }
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  bool isReal = isa<FloatType>(element);
  ArrayRef<int64_t> shape = shaped ? shaped->shape() : ArrayRef<int64_t>();
  Tensor result = isReal ? Tensor::reals(shape) : Tensor::integers(shape);
  SmallVector<Number> numbers(operands.size());
  for (int64_t i = 0; i < result.size(); ++i) {
    for (auto [number, operand] : llvm::zip_equal(numbers, operands))
      number = operand.at(i);
    auto value = function.compute(op, numbers);
    if (!value)
      return op->emitOpError() << function.undefined;
    if (isReal)
      result.reals()[i] = value->real;
    else
      result.integers()[i] = wrapInteger(element, value->integer);
  }
  if (shaped)
    frame.set(op->getResult(0), std::move(result));
  else
    frame.set(op->getResult(0), isReal ? Datum(result.reals()[0]) : Datum(result.integers()[0]));
  return success();
}

void seqc::reference::addElementwise(Handlers &handlers, StringRef name, ScalarFunction function) {
  handlers.add(name, [function = std::move(function)](Operation *op, Frame &frame) {
    return runElementwise(op, frame, function);
  });
}

void seqc::reference::addReal(Handlers &handlers, StringRef name, double (*function)(double)) {
  addElementwise(handlers, name, {[function](Operation *, ArrayRef<Number> x) -> std::optional<Number> {
                   return Number{function(x[0].real), 0};
                 }});
}
void seqc::reference::addReal(Handlers &handlers, StringRef name, double (*function)(double, double)) {
  addElementwise(handlers, name, {[function](Operation *, ArrayRef<Number> x) -> std::optional<Number> {
                   return Number{function(x[0].real, x[1].real), 0};
                 }});
}
void seqc::reference::addReal(Handlers &handlers, StringRef name, double (*function)(double, double, double)) {
  addElementwise(handlers, name, {[function](Operation *, ArrayRef<Number> x) -> std::optional<Number> {
                   return Number{function(x[0].real, x[1].real, x[2].real), 0};
                 }});
}
