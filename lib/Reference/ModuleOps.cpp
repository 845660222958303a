//===- ModuleOps.cpp - Parameters -----------------------------------------===//

#include "Frame.h"
#include "StoredElements.h"
#include "dialects/Module/Module.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "seq/Support/Random.h"

using namespace mlir;
using namespace seqc::reference;

//===----------------------------------------------------------------------===//
// Values in the IR
//===----------------------------------------------------------------------===//

static Tensor fromDense(DenseElementsAttr dense) {
  ArrayRef<int64_t> shape = dense.getType().getShape();
  if (isa<FloatType>(dense.getElementType())) {
    Tensor tensor = Tensor::reals(shape);
    for (auto [element, value] : llvm::zip_equal(tensor.reals(), dense.getValues<APFloat>())) {
      APFloat wide = value;
      bool exact;
      wide.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &exact);
      element = wide.convertToDouble();
    }
    return tensor;
  }
  Tensor tensor = Tensor::integers(shape);
  for (auto [element, value] : llvm::zip_equal(tensor.integers(), dense.getValues<APInt>()))
    element = wrapInteger(dense.getElementType(), value.getSExtValue());
  return tensor;
}

FailureOr<Tensor> seqc::reference::tensorOf(Operation *op, ElementsAttr attribute) {
  Type element = attribute.getElementType();
  bool isNumber =
      isa<FloatType>(element) || element.isIndex() || (element.isInteger() && element.getIntOrFloatBitWidth() <= 64);
  if (!isNumber || failed(checkShape(op, attribute.getShapedType().getShape())))
    return isNumber ? failure() : op->emitOpError() << "has elements that the oracle does not know: " << element;
  if (auto dense = dyn_cast<DenseElementsAttr>(attribute))
    return fromDense(dense);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    bool isSplat;
    if (blob && DenseElementsAttr::isValidRawBuffer(resource.getType(), blob->getData(), isSplat))
      return fromDense(DenseElementsAttr::getFromRawBuffer(resource.getType(), blob->getData()));
  }
  return op->emitOpError() << "has values of a kind that the oracle does not know";
}

//===----------------------------------------------------------------------===//
// Values in files
//===----------------------------------------------------------------------===//

namespace {

/// A strided view of stored elements: element i of the parameter, row-major over `shape`.
struct StoredView {
  Type element;
  SmallVector<int64_t> shape, strides;
};

} // namespace

/// The view that a file attribute describes; dense without strides.
static StoredView viewOf(seqm::ParameterOp parameter, seqm::FileAttr file) {
  RankedTensorType type = parameter.getTensorType();
  StoredView view{file.getStored() ? file.getStored() : type.getElementType(), SmallVector<int64_t>(type.getShape()),
                  SmallVector<int64_t>(type.getRank(), 1)};
  if (!file.getShape().empty()) {
    view.shape = SmallVector<int64_t>(file.getShape());
    view.strides = SmallVector<int64_t>(file.getStrides());
    return view;
  }
  for (size_t d = view.shape.size(); d-- > 1;)
    view.strides[d - 1] = view.strides[d] * view.shape[d];
  return view;
}

/// One more than the largest element offset that the view reaches; nothing if an extent
/// or stride is negative, or on overflow.
static std::optional<uint64_t> reachOf(const StoredView &view) {
  uint64_t last = 0;
  for (auto [extent, stride] : llvm::zip_equal(view.shape, view.strides)) {
    uint64_t reach;
    if (extent == 0)
      return 0;
    if (extent < 0 || stride < 0 || __builtin_mul_overflow(extent - 1, stride, &reach) ||
        __builtin_add_overflow(last, reach, &last))
      return std::nullopt;
  }
  return last == UINT64_MAX ? std::nullopt : std::optional(last + 1);
}

static FailureOr<Tensor> loadFile(seqm::ParameterOp parameter, seqm::FileAttr file, Interpreter &interpreter) {
  StoredView view = viewOf(parameter, file);
  auto bytes = interpreter.mapFile(parameter, file.getPath());
  if (failed(bytes))
    return failure();
  auto reach = reachOf(view);
  auto size = reach ? storedBytes(view.element, *reach) : std::nullopt;
  auto offset = static_cast<uint64_t>(file.getOffset());
  if (!size || offset > bytes->size() || *size > bytes->size() - offset)
    return parameter.emitOpError() << "has values outside '" << file.getPath() << "', which has " << bytes->size()
                                   << " bytes";
  StringRef data = bytes->drop_front(offset);
  RankedTensorType type = parameter.getTensorType();
  bool isReal = !type.getElementType().isIntOrIndex();
  if (!isReal && !view.element.isInteger())
    return parameter.emitOpError() << "has integers that the file holds as " << view.element;
  Tensor tensor = isReal ? Tensor::reals(type.getShape()) : Tensor::integers(type.getShape());
  SmallVector<int64_t> index(view.shape.size(), 0);
  for (int64_t i = 0; i < tensor.size(); ++i, advance(index, view.shape)) {
    uint64_t at = 0;
    for (auto [position, stride] : llvm::zip_equal(index, view.strides))
      at += position * stride;
    if (isReal)
      tensor.reals()[i] = storedReal(view.element, data, at);
    else
      tensor.integers()[i] = wrapInteger(type.getElementType(), storedInteger(view.element, data, at));
  }
  return tensor;
}

//===----------------------------------------------------------------------===//
// Other values
//===----------------------------------------------------------------------===//

/// Random values are f32, as the packer of weights makes them.
static Tensor randomTensor(ArrayRef<int64_t> shape, seqm::NormalAttr normal) {
  Tensor tensor = Tensor::reals(shape);
  double deviation = normal.getStddev().getValueAsDouble();
  for (auto [i, element] : llvm::enumerate(tensor.reals()))
    element = static_cast<float>(seqc::normalAt(normal.getSeed(), i) * deviation);
  return tensor;
}

static FailureOr<Tensor> valuesOf(seqm::ParameterOp parameter, Interpreter &interpreter, int64_t depth);

static FailureOr<Tensor> joinParts(seqm::ParameterOp parameter, seqm::ConcatAttr concat, Interpreter &interpreter,
                                   int64_t depth) {
  ArrayRef<int64_t> shape = parameter.getTensorType().getShape();
  Tensor whole =
      parameter.getTensorType().getElementType().isIntOrIndex() ? Tensor::integers(shape) : Tensor::reals(shape);
  int64_t filled = 0;
  for (FlatSymbolRefAttr name : concat.getParts()) {
    auto part = interpreter.getModule().lookupSymbol<seqm::ParameterOp>(name);
    if (!part)
      return parameter.emitOpError() << "has the part " << name << ", which does not exist";
    auto values = valuesOf(part, interpreter, depth + 1);
    if (failed(values))
      return failure();
    // A part is some elements of the first dimension, or one of them without that dimension.
    bool isElement = values->rank() + 1 == whole.rank();
    ArrayRef<int64_t> inner = isElement ? values->shape() : values->shape().drop_front(values->rank() != 0);
    if (values->isReal() != whole.isReal() || (values->rank() != whole.rank() && !isElement) || whole.rank() == 0 ||
        inner != shape.drop_front() || filled + values->size() > whole.size())
      return parameter.emitOpError() << "has the part " << name << " of " << shapeText(values->shape())
                                     << ", which does not fit into " << shapeText(shape);
    for (int64_t i = 0; i < values->size(); ++i)
      whole.copyElement(filled++, *values, i);
  }
  if (filled != whole.size())
    return parameter.emitOpError() << "has parts of " << filled << " elements, not " << whole.size();
  return whole;
}

static FailureOr<Tensor> valuesOf(seqm::ParameterOp parameter, Interpreter &interpreter, int64_t depth) {
  // Deeper than any model joins parameters: a parameter that contains itself.
  constexpr int64_t maxDepth = 16;
  RankedTensorType type = parameter.getTensorType();
  if (failed(checkShape(parameter, type.getShape())))
    return failure();
  Attribute source = parameter.getSource();
  if (auto elements = dyn_cast<ElementsAttr>(source))
    return tensorOf(parameter, elements);
  if (auto file = dyn_cast<seqm::FileAttr>(source))
    return loadFile(parameter, file, interpreter);
  if (auto normal = dyn_cast<seqm::NormalAttr>(source); normal && !type.getElementType().isIntOrIndex())
    return randomTensor(type.getShape(), normal);
  if (auto concat = dyn_cast<seqm::ConcatAttr>(source)) {
    if (depth > maxDepth)
      return parameter.emitOpError() << "is part of itself";
    return joinParts(parameter, concat, interpreter, depth);
  }
  return parameter.emitOpError() << "has values of a kind that the oracle does not know";
}

static LogicalResult load(seqm::LoadOp op, Frame &frame) {
  Interpreter &interpreter = frame.getInterpreter();
  auto parameter = SymbolTable::lookupNearestSymbolFrom<seqm::ParameterOp>(op, op.getParameterAttr());
  auto known = interpreter.parameters.find(parameter);
  if (known == interpreter.parameters.end()) {
    auto values = valuesOf(parameter, interpreter, 0);
    if (failed(values))
      return failure();
    known = interpreter.parameters.try_emplace(parameter, asDatum(std::move(*values))).first;
  }
  frame.set(op.getValue(), known->second);
  return success();
}

void seqc::reference::addModuleOps(Handlers &handlers) { handlers.add(load); }
