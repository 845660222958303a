#include "Binder.h"

#include "ModuleInfo.h"

#include <algorithm>

namespace seqc::rt {

using file::concat;
using file::makeError;
using file::Status;

/// Of one dimension. With maxElements, sums and products of a few sizes stay
/// in 64 bits.
static constexpr int64_t maxSize = int64_t(1) << 40;
static constexpr int64_t maxElements = int64_t(1) << 46;

template <typename... Ts> static Status misfit(const Ts &...pieces) {
  return makeError(SEQRT_INVALID_ARGUMENT, pieces...);
}

int64_t elementCount(const seqrt_tensor &tensor) {
  int64_t count = 1;
  for (int32_t i = 0; i < tensor.ndim; ++i)
    count *= tensor.shape[i];
  return count;
}

/// "f32 [2,7]".
static std::string describe(const seqrt_tensor &tensor) {
  std::string text = concat(seqrt_dtype_name(tensor.dtype), " [");
  for (int32_t i = 0; i < tensor.ndim; ++i)
    text += concat(i == 0 ? "" : ",", tensor.shape[i]);
  return text + "]";
}

/// "i32 [B,T] with B = 2".
std::string Binder::describe(const file::Tensor &wanted) const {
  std::string text = concat(elementName(wanted.type), " [");
  std::string known;
  for (size_t i = 0; i < wanted.shape.size(); ++i) {
    int64_t size = wanted.shape[i];
    text += i == 0 ? "" : ",";
    if (size >= 0) {
      text += std::to_string(size);
      continue;
    }
    size_t index = file::symbolicIndex(size);
    const std::string &name = function.dims[index].name;
    text += name;
    if (sizes[index] != unboundDim)
      known += concat(known.empty() ? " with " : ", ", name, " = ", sizes[index]);
  }
  return text + "]" + known;
}

Status Binder::bindAll(const std::vector<file::Tensor> &wanted, const char *what, const seqrt_tensor *tensors,
                       size_t count) {
  if (count != wanted.size())
    return misfit("export '", function.name, "' has ", wanted.size(), " ", what, wanted.size() == 1 ? "" : "s",
                  ", but the call gives ", count);
  if (count != 0 && !tensors)
    return misfit("export '", function.name, "': the ", what, "s are a null pointer");
  for (size_t i = 0; i < count; ++i)
    if (Status status = bind(wanted[i], tensors[i]); status.failed())
      return std::move(status).withPrefix(
          concat("export '", function.name, "', ", what, " ", i, " '", wanted[i].name, "': "));
  return Status();
}

static bool sameType(seqrt_dtype a, seqrt_dtype b) {
  return a.code == b.code && a.bits == b.bits && a.lanes == b.lanes;
}

Status Binder::bind(const file::Tensor &wanted, const seqrt_tensor &tensor) {
  constexpr int32_t cpu = 1; // DLPack's kDLCPU
  if (tensor.device.type != cpu && tensor.device.type != 0)
    return misfit("it is on device ", tensor.device.type, ", but must be in host memory");
  if (tensor.ndim < 0 || tensor.ndim > static_cast<int32_t>(file::maxRank))
    return misfit("its rank is ", tensor.ndim);
  if (tensor.ndim != 0 && !tensor.shape)
    return misfit("its shape is a null pointer");
  if (!sameType(tensor.dtype, toC(wanted.type)) || static_cast<size_t>(tensor.ndim) != wanted.shape.size())
    return misfit("it is ", rt::describe(tensor), ", but ", describe(wanted), " is wanted");
  if (Status status = bindShape(wanted, tensor); status.failed())
    return status;
  if (elementCount(tensor) != 0 && !tensor.data)
    return misfit("its data is a null pointer");
  if (reinterpret_cast<uintptr_t>(dataOf(tensor)) % elementSize(wanted.type) != 0)
    return misfit("its data is not aligned to its elements");
  return Status();
}

/// Whether the strides are those of a dense row-major tensor. That of a
/// dimension of size 1 says nothing, and an empty tensor has no elements to
/// place.
static bool isDense(const seqrt_tensor &tensor) {
  if (!tensor.strides || elementCount(tensor) == 0)
    return true;
  int64_t stride = 1;
  for (int32_t i = tensor.ndim - 1; i >= 0; --i) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != stride)
      return false;
    stride *= tensor.shape[i];
  }
  return true;
}

Status Binder::bindShape(const file::Tensor &wanted, const seqrt_tensor &tensor) {
  int64_t elements = 1;
  std::array<int64_t, file::maxDims> bound = sizes;
  for (int32_t i = 0; i < tensor.ndim; ++i) {
    int64_t size = tensor.shape[i];
    if (size < 0 || size > maxSize)
      return misfit("dimension ", i, " is ", size);
    // Counting 0 as 1 also keeps the other sizes of empty tensors in bounds.
    if (__builtin_mul_overflow(elements, std::max<int64_t>(size, 1), &elements) || elements > maxElements)
      return misfit("it has too many elements");
    int64_t want = wanted.shape[static_cast<size_t>(i)];
    int64_t &known = want >= 0 ? want : bound[file::symbolicIndex(want)];
    if (known == unboundDim)
      known = size;
    if (known != size)
      return misfit("it is ", rt::describe(tensor), ", but ", describe(wanted), " is wanted");
  }
  sizes = bound;
  if (!isDense(tensor))
    return misfit("its strides are not those of a dense row-major tensor "
                  "(copy it first)");
  return Status();
}

Status Binder::bindBatch(int64_t batch) {
  if (function.batchDim < 0)
    return batch == 1 ? Status()
                      : misfit("export '", function.name,
                               "' works on one sequence, but the batch of the "
                               "context is ",
                               batch);
  int64_t &size = sizes[static_cast<size_t>(function.batchDim)];
  if (size == unboundDim)
    size = batch;
  if (size != batch)
    return misfit("export '", function.name, "': the call has a batch of ", size, ", but the context's states one of ",
                  batch);
  return Status();
}

Status Binder::finish() const {
  for (size_t i = 0; i < function.dims.size(); ++i) {
    const file::Dim &dim = function.dims[i];
    if (sizes[i] == unboundDim)
      return misfit("export '", function.name, "': nothing gives the size of ", dim.name);
    if (sizes[i] < dim.min)
      return misfit("export '", function.name, "': ", dim.name, " is ", sizes[i], ", but must be at least ", dim.min);
    if (dim.max != 0 && sizes[i] > dim.max)
      return misfit("export '", function.name, "': ", dim.name, " is ", sizes[i], ", but must be at most ", dim.max);
  }
  return Status();
}

} // namespace seqc::rt
