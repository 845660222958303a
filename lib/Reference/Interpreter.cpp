//===- Interpreter.cpp - Functions, blocks and the table of ops -----------===//

#include "Frame.h"
#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace seqc::reference;

/// Calls within calls before the oracle gives up: a stack's worth.
static constexpr int64_t kMaxDepth = 256;

const Handlers &Handlers::all() {
  static const Handlers handlers = [] {
    Handlers table;
    for (auto *add : {addArithmetic, addMath, addControlFlow, addTensorOps, addLinalg, addModuleOps, addCheckOps,
                      addAttention, addExperts, addLinear, addMatrixStates, addNorms, addScans, addShapeOps, addStates})
      add(table);
    return table;
  }();
  return handlers;
}

bool Interpreter::knows(StringRef operation) { return Handlers::all().find(operation) != nullptr; }

FailureOr<StringRef> Interpreter::mapFile(Operation *op, StringRef path) {
  auto &file = files[path];
  if (!file) {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!buffer)
      return emitError(op->getLoc()) << "can not read '" << path << "': " << buffer.getError().message();
    file = std::move(*buffer);
  }
  return file->getBuffer();
}

//===----------------------------------------------------------------------===//
// Messages and shapes
//===----------------------------------------------------------------------===//

std::string seqc::reference::shapeText(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  auto print = [&](int64_t extent) { extent < 0 ? stream << '?' : stream << extent; };
  llvm::interleave(shape, stream, print, "x");
  return shape.empty() ? "a scalar" : text;
}

LogicalResult seqc::reference::checkShape(Operation *op, ArrayRef<int64_t> shape) {
  int64_t elements = 1;
  for (int64_t extent : shape) {
    if (extent < 0)
      return op->emitOpError() << "would make a tensor with the extent " << extent;
    if (extent != 0 && elements > kMaxElements / extent)
      return op->emitOpError() << "would make a tensor of " << shapeText(shape) << ", too large for the oracle";
    elements *= extent;
  }
  return success();
}

LogicalResult seqc::reference::unify(Operation *op, StringRef what, const Tensor &tensor,
                                     std::initializer_list<int64_t *> extents) {
  bool agrees = tensor.rank() == static_cast<int64_t>(extents.size());
  SmallVector<int64_t> wanted;
  for (auto [d, extent] : llvm::enumerate(extents)) {
    if (*extent < 0 && agrees)
      *extent = tensor.dim(d);
    agrees = agrees && *extent == tensor.dim(d);
    wanted.push_back(*extent);
  }
  if (agrees)
    return success();
  return op->emitOpError() << what << " is " << shapeText(tensor.shape()) << " where the other operands ask for "
                           << shapeText(wanted);
}

int64_t seqc::reference::wrapInteger(Type type, int64_t value) {
  unsigned width = type.isIndex() ? 64 : cast<IntegerType>(type).getWidth();
  if (width == 1)
    return value & 1;
  return width >= 64 ? value : llvm::SignExtend64(value, width);
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// Whether a datum is what a value of this type can be.
static bool fits(const Datum &datum, Type type) {
  if (auto tensorType = dyn_cast<RankedTensorType>(type)) {
    auto *tensor = std::get_if<std::shared_ptr<const Tensor>>(&datum);
    if (!tensor || (*tensor)->rank() != tensorType.getRank() ||
        (*tensor)->isReal() == tensorType.getElementType().isIntOrIndex())
      return false;
    return llvm::all_of(llvm::zip_equal(tensorType.getShape(), (*tensor)->shape()), [](auto pair) {
      return ShapedType::isDynamic(std::get<0>(pair)) || std::get<0>(pair) == std::get<1>(pair);
    });
  }
  if (auto stateType = dyn_cast<mlir::seq::StateType>(type)) {
    auto *state = std::get_if<std::shared_ptr<const State>>(&datum);
    return state && (*state)->values.rank() > 0 && (*state)->values.shape().drop_front() == stateType.getShape();
  }
  if (isa<mlir::seq::KVType>(type))
    return std::holds_alternative<std::shared_ptr<const KvState>>(datum);
  if (isa<FloatType>(type))
    return std::holds_alternative<double>(datum);
  return (type.isIndex() || (type.isInteger() && type.getIntOrFloatBitWidth() <= 64)) &&
         std::holds_alternative<int64_t>(datum);
}

static LogicalResult checkResults(Operation &op, const Frame &frame) {
  for (OpResult result : op.getResults()) {
    const Datum &datum = frame.get(result);
    if (fits(datum, result.getType()))
      continue;
    InFlightDiagnostic error = op.emitOpError() << "has a result that is no " << result.getType();
    if (auto *tensor = std::get_if<std::shared_ptr<const Tensor>>(&datum))
      error << ": its shape is " << shapeText((*tensor)->shape());
    return error;
  }
  return success();
}

LogicalResult Frame::execute(Operation &op) {
  const Handler *handler = Handlers::all().find(op.getName().getStringRef());
  // Named linalg ops have a generic one's body and maps.
  if (!handler && isa<linalg::LinalgOp>(op))
    handler = Handlers::all().find(linalg::GenericOp::getOperationName());
  if (!handler)
    return op.emitOpError() << "is not known to the oracle";
  if (failed((*handler)(&op, *this)))
    return failure();
  return checkResults(op, *this);
}

FailureOr<SmallVector<Datum>> Frame::run(Block &block, ArrayRef<Datum> arguments) {
  for (auto [argument, datum] : llvm::zip_equal(block.getArguments(), arguments))
    set(argument, datum);
  for (Operation &op : block.without_terminator())
    if (failed(execute(op)))
      return failure();
  Operation *terminator = block.getTerminator();
  return llvm::map_to_vector(terminator->getOperands(), [&](Value operand) { return get(operand); });
}

FailureOr<SmallVector<Datum>> Frame::run(Region &region, ArrayRef<Datum> arguments) {
  if (!region.hasOneBlock())
    return emitError(region.getParentOp()->getLoc())
           << "a function has branches between blocks, which the oracle does not know";
  return run(region.front(), arguments);
}

FailureOr<SmallVector<Datum>> Interpreter::call(func::FuncOp function, ArrayRef<Datum> arguments) {
  if (function.isExternal())
    return emitError(function.getLoc()) << "'" << function.getSymName() << "' has no body";
  if (function.getNumArguments() != arguments.size())
    return emitError(function.getLoc()) << "'" << function.getSymName() << "' takes " << function.getNumArguments()
                                        << " arguments, not " << arguments.size();
  for (auto [number, pair] : llvm::enumerate(llvm::zip_equal(function.getArgumentTypes(), arguments)))
    if (!fits(std::get<1>(pair), std::get<0>(pair)))
      return emitError(function.getLoc()) << "'" << function.getSymName() << "' takes " << std::get<0>(pair)
                                          << " as argument " << number << ", and is given something else";
  if (depth >= kMaxDepth)
    return emitError(function.getLoc()) << "'" << function.getSymName() << "' is called " << kMaxDepth << " calls deep";
  ++depth;
  llvm::scope_exit leave([&] { --depth; });
  Frame frame(*this);
  return frame.run(function.getBody(), arguments);
}

Tensor::Shape Frame::fold(ArrayRef<OpFoldResult> mixed) const {
  Tensor::Shape numbers;
  for (OpFoldResult number : mixed) {
    if (auto constant = dyn_cast<Attribute>(number))
      numbers.push_back(cast<IntegerAttr>(constant).getInt());
    else
      numbers.push_back(integer(cast<Value>(number)));
  }
  return numbers;
}
