//===- ParameterSources.cpp - Where a parameter's values are --------------===//

#include "ParameterSources.h"
#include "seq/Support/Random.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace seqc;

static SmallVector<int64_t> denseStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t d = static_cast<int64_t>(shape.size()) - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * shape[d + 1];
  return strides;
}

static llvm::Error at(mlir::seqm::ParameterOp parameter, const llvm::Twine &message) {
  return llvm::createStringError("parameter '" + parameter.getSymName().str() + "': " + message.str());
}

/// The type of a parameter as the model has it: packing replaces it by bytes.
static RankedTensorType logicalType(mlir::seqm::ParameterOp parameter) {
  if (auto original = parameter->getAttrOfType<TypeAttr>("seqm.logical"))
    return cast<RankedTensorType>(original.getValue());
  return parameter.getTensorType();
}

llvm::Expected<llvm::StringRef> ParameterSources::map(llvm::StringRef path) {
  auto &file = files[path];
  if (!file) {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!buffer)
      return llvm::createStringError("can not read '" + path.str() + "': " + buffer.getError().message());
    file = std::move(*buffer);
  }
  return file->getBuffer();
}

/// Bytes from the first to behind the last element of a view; nothing on overflow or a
/// negative stride.
static std::optional<uint64_t> extentInBytes(Type element, ArrayRef<int64_t> shape, ArrayRef<int64_t> strides) {
  uint64_t last = 0;
  for (auto [extent, stride] : llvm::zip_equal(shape, strides)) {
    uint64_t reach;
    if (extent <= 0 || stride < 0 ||
        __builtin_mul_overflow(static_cast<uint64_t>(extent - 1), static_cast<uint64_t>(stride), &reach) ||
        __builtin_add_overflow(last, reach, &last))
      return std::nullopt;
  }
  uint64_t elements = last + 1, bytes;
  if (auto block = mlir::seq::getBlockFormat(element))
    return __builtin_mul_overflow(llvm::divideCeil(elements, block->elements), static_cast<uint64_t>(block->bytes),
                                  &bytes)
               ? std::nullopt
               : std::optional(bytes);
  return __builtin_mul_overflow(elements, uint64_t{element.getIntOrFloatBitWidth() / 8}, &bytes) ? std::nullopt
                                                                                                 : std::optional(bytes);
}

llvm::Expected<SourceView> ParameterSources::fileView(mlir::seqm::ParameterOp parameter, mlir::seqm::FileAttr file) {
  RankedTensorType type = logicalType(parameter);
  SourceView view;
  view.element = file.getStored() ? file.getStored() : type.getElementType();
  view.shape = file.getShape().empty() ? SmallVector<int64_t>(type.getShape()) : SmallVector<int64_t>(file.getShape());
  view.strides = file.getShape().empty() ? denseStrides(type.getShape()) : SmallVector<int64_t>(file.getStrides());
  auto bytes = map(file.getPath());
  if (!bytes)
    return at(parameter, llvm::toString(bytes.takeError()));
  auto extent = extentInBytes(view.element, view.shape, view.strides);
  uint64_t offset = file.getOffset();
  if (!extent || offset > bytes->size() || *extent > bytes->size() - offset)
    return at(parameter, "its values lie outside '" + file.getPath() + "' (" + llvm::Twine(bytes->size()) + " bytes)");
  view.data = bytes->data() + offset;
  return view;
}

static SourceView owned(RankedTensorType type, Type element, std::vector<char> bytes) {
  SourceView view;
  view.element = element;
  view.shape = SmallVector<int64_t>(type.getShape());
  view.strides = denseStrides(type.getShape());
  view.owner = std::make_shared<std::vector<char>>(std::move(bytes));
  view.data = view.owner->data();
  return view;
}

/// Random values are made in f32; packing rounds or quantises them.
static SourceView randomView(RankedTensorType type, mlir::seqm::NormalAttr normal) {
  std::vector<char> bytes(type.getNumElements() * sizeof(float));
  auto *values = reinterpret_cast<float *>(bytes.data());
  for (int64_t i = 0; i < type.getNumElements(); ++i)
    values[i] = static_cast<float>(normalAt(normal.getSeed(), i) * normal.getStddev().getValueAsDouble());
  return owned(type, Float32Type::get(type.getContext()), std::move(bytes));
}

static SourceView denseView(RankedTensorType type, DenseElementsAttr dense) {
  std::vector<char> bytes;
  size_t size = type.getElementTypeBitWidth() / 8;
  ArrayRef<char> raw = dense.getRawData();
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    const char *from = raw.data() + (dense.isSplat() ? 0 : i * size);
    bytes.insert(bytes.end(), from, from + size);
  }
  return owned(type, type.getElementType(), std::move(bytes));
}

static int64_t elementsOf(ArrayRef<SourceView> views) {
  int64_t count = 0;
  for (const SourceView &view : views)
    count += ShapedType::getNumElements(view.shape);
  return count;
}

llvm::Expected<SmallVector<SourceView>> ParameterSources::join(mlir::seqm::ParameterOp parameter,
                                                               mlir::seqm::ConcatAttr concat, int depth) {
  // Deeper than any model joins parameters.
  constexpr int kMaxDepth = 16;
  if (depth > kMaxDepth)
    return at(parameter, "it is part of itself");
  SmallVector<SourceView> parts;
  for (FlatSymbolRefAttr name : concat.getParts()) {
    auto part = symbols.lookup<mlir::seqm::ParameterOp>(name.getAttr());
    if (!part)
      return at(parameter, "its part '" + name.getValue() + "' does not exist");
    auto views = find(part, depth + 1);
    if (!views)
      return views.takeError();
    parts.append(std::make_move_iterator(views->begin()), std::make_move_iterator(views->end()));
  }
  int64_t expected = logicalType(parameter).getNumElements();
  if (elementsOf(parts) != expected)
    return at(parameter,
              "its parts have " + llvm::Twine(elementsOf(parts)) + " elements, expected " + llvm::Twine(expected));
  return parts;
}

llvm::Expected<SmallVector<SourceView>> ParameterSources::find(mlir::seqm::ParameterOp parameter, int depth) {
  SmallVector<SourceView> parts;
  RankedTensorType type = logicalType(parameter);
  if (auto file = dyn_cast<mlir::seqm::FileAttr>(parameter.getSource())) {
    auto view = fileView(parameter, file);
    if (!view)
      return view.takeError();
    parts.push_back(std::move(*view));
  } else if (auto normal = dyn_cast<mlir::seqm::NormalAttr>(parameter.getSource())) {
    parts.push_back(randomView(type, normal));
  } else if (auto dense = dyn_cast<DenseElementsAttr>(parameter.getSource())) {
    parts.push_back(denseView(type, dense));
  } else if (auto concat = dyn_cast<mlir::seqm::ConcatAttr>(parameter.getSource())) {
    return join(parameter, concat, depth);
  } else {
    return at(parameter, "its values are of an unknown kind");
  }
  return parts;
}
