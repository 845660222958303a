//===- Binder.h - Match a call's tensors with a signature -------*- C++ -*-===//

#ifndef SEQ_LIB_RUNTIME_BINDER_H
#define SEQ_LIB_RUNTIME_BINDER_H

#include "seq/Module/Module.h"
#include "seq/Module/Status.h"
#include "seqrt/seqrt.h"

#include <array>
#include <string>

namespace seqc::rt {

/// The size of a symbolic dimension that nothing has set yet.
inline constexpr int64_t unboundDim = -1;

/// The address of a tensor's first element.
inline uint8_t *dataOf(const seqrt_tensor &tensor) { return static_cast<uint8_t *>(tensor.data) + tensor.byte_offset; }

/// Elements of a tensor that has been bound.
int64_t elementCount(const seqrt_tensor &tensor);

/// Checks tensors against the signature of one export and finds the sizes of
/// its symbolic dimensions. Errors name the export, the tensor and what would
/// fit.
class Binder {
public:
  explicit Binder(const file::Export &function) : function(function) { sizes.fill(unboundDim); }

  file::Status bindArguments(const seqrt_tensor *tensors, size_t count) {
    return bindAll(function.arguments, "argument", tensors, count);
  }
  file::Status bindResults(const seqrt_tensor *tensors, size_t count) {
    return bindAll(function.results, "result", tensors, count);
  }
  /// The batch dimension of an export with states is that of the context.
  file::Status bindBatch(int64_t batch);
  /// All dimensions are known and in their ranges.
  file::Status finish() const;

  /// The sizes, in the order of the export's dimensions.
  const int64_t *dims() const { return sizes.data(); }

  /// A size of a signature's shape, or unboundDim.
  int64_t sizeOf(int64_t size) const { return size >= 0 ? size : sizes[file::symbolicIndex(size)]; }

  /// Tokens that a call with these sizes adds to the states.
  int64_t newTokens() const { return function.timeDim >= 0 ? sizes[size_t(function.timeDim)] : function.tokensPerCall; }

private:
  file::Status bindAll(const std::vector<file::Tensor> &wanted, const char *what, const seqrt_tensor *tensors,
                       size_t count);
  file::Status bind(const file::Tensor &wanted, const seqrt_tensor &tensor);
  file::Status bindShape(const file::Tensor &wanted, const seqrt_tensor &tensor);
  std::string describe(const file::Tensor &wanted) const;

  const file::Export &function;
  std::array<int64_t, file::maxDims> sizes;
};

} // namespace seqc::rt

#endif // SEQ_LIB_RUNTIME_BINDER_H
