//===- Files.cpp - Tensors and states in .npy files -----------------------===//

#include "Files.h"
#include "KvStates.h"
#include "StoredElements.h"
#include "seq/Support/Npy.h"
#include <cstring>

using namespace mlir;
using namespace seqc::reference;

static bool isRealType(seqc::NpyType type) {
  return type == seqc::NpyType::F2 || type == seqc::NpyType::F4 || type == seqc::NpyType::F8;
}

static bool isUnsigned(seqc::NpyType type) {
  return type == seqc::NpyType::B1 || (type >= seqc::NpyType::U1 && type <= seqc::NpyType::U8);
}

/// The elements of an array as numbers of the oracle.
static Tensor toTensor(const seqc::NpyArray &array, MLIRContext *context) {
  unsigned width = static_cast<unsigned>(seqc::npyElementSize(array.type)) * 8;
  StringRef bytes(array.data.data(), array.data.size());
  Builder builder(context);
  if (isRealType(array.type)) {
    Type stored = width == 16 ? Type(builder.getF16Type()) : width == 32 ? builder.getF32Type() : builder.getF64Type();
    Tensor tensor = Tensor::reals(array.shape);
    for (auto [i, element] : llvm::enumerate(tensor.reals()))
      element = storedReal(stored, bytes, i);
    return tensor;
  }
  Type stored = builder.getIntegerType(width);
  Tensor tensor = Tensor::integers(array.shape);
  for (auto [i, element] : llvm::enumerate(tensor.integers())) {
    element = storedInteger(stored, bytes, i);
    if (isUnsigned(array.type))
      element &= static_cast<int64_t>(llvm::maskTrailingOnes<uint64_t>(width));
  }
  return tensor;
}

FailureOr<Tensor> seqc::reference::readTensor(Operation *op, StringRef path, Type element) {
  std::string error;
  auto array = readNpy(path.str(), error);
  if (!array)
    return emitError(op->getLoc()) << error;
  bool wantsReals = isa<FloatType>(element);
  if (wantsReals != isRealType(array->type))
    return emitError(op->getLoc()) << "'" << path << "' holds " << llvm::StringRef(npyTypeName(array->type))
                                   << " where " << element << " is wanted";
  Tensor tensor = toTensor(*array, op->getContext());
  for (int64_t i = 0; !wantsReals && i < tensor.size(); ++i) {
    int64_t number = tensor.integers()[i];
    bool wrapped = array->type == NpyType::U8 && number < 0;
    if (wrapped || wrapInteger(element, number) != number)
      return emitError(op->getLoc()) << "'" << path << "' holds a number (element " << i << ") that does not fit into "
                                     << element;
  }
  return tensor;
}

template <class Element> static std::vector<char> bytesOf(ArrayRef<Element> elements) {
  std::vector<char> bytes(elements.size() * sizeof(Element));
  if (!bytes.empty())
    std::memcpy(bytes.data(), elements.data(), bytes.size());
  return bytes;
}

LogicalResult seqc::reference::writeTensor(Operation *op, StringRef path, const Tensor &tensor) {
  NpyArray array;
  array.type = tensor.isReal() ? NpyType::F8 : NpyType::I8;
  array.shape.assign(tensor.shape().begin(), tensor.shape().end());
  array.data = tensor.isReal() ? bytesOf(tensor.reals()) : bytesOf(tensor.integers());
  std::string error;
  return writeNpy(path.str(), array, error) ? success() : LogicalResult(emitError(op->getLoc()) << error);
}

FailureOr<Datum> seqc::reference::readState(Operation *op, StringRef prefix, Type type, int64_t capacity) {
  auto kv = dyn_cast<mlir::seq::KVType>(type);
  if (!kv) {
    auto values = readTensor(op, (prefix + ".npy").str(), cast<mlir::seq::StateType>(type).getElementType());
    return failed(values) ? FailureOr<Datum>(failure()) : asDatum(State{std::move(*values)});
  }
  auto keys = readTensor(op, (prefix + ".keys.npy").str(), kv.getElementType());
  if (failed(keys))
    return failure();
  auto values = readTensor(op, (prefix + ".values.npy").str(), kv.getElementType());
  if (failed(values))
    return failure();
  int64_t batch = -1, time = -1, heads = kv.getHeads(), keyDim = kv.getKeyDim(), valueDim = kv.getValueDim();
  KvState state;
  state.capacity = capacity;
  if (failed(unify(op, "the state's keys", *keys, {&batch, &time, &heads, &keyDim})) ||
      failed(unify(op, "the state's values", *values, {&batch, &time, &heads, &valueDim})))
    return failure();
  state.rows.resize(batch);
  if (failed(append(op, state, *keys, *values)))
    return failure();
  return asDatum(std::move(state));
}

LogicalResult seqc::reference::writeState(Operation *op, StringRef prefix, Type type, const Datum &datum) {
  auto kv = dyn_cast<mlir::seq::KVType>(type);
  if (!kv)
    return writeTensor(op, (prefix + ".npy").str(), std::get<std::shared_ptr<const State>>(datum)->values);
  auto [keys, values] = keysAndValues(*std::get<std::shared_ptr<const KvState>>(datum), kv);
  if (failed(writeTensor(op, (prefix + ".keys.npy").str(), keys)))
    return failure();
  return writeTensor(op, (prefix + ".values.npy").str(), values);
}
