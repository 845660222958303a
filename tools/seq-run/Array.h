//===- Array.h - Tensors of the command line --------------------*- C++ -*-===//
//
// A dense row-major tensor in host memory: what .npy files, splats and the
// results of calls are held in.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TOOLS_SEQ_RUN_ARRAY_H
#define SEQ_TOOLS_SEQ_RUN_ARRAY_H

#include "seq/Module/Status.h"
#include "seqrt/seqrt.h"

#include <cstdlib>
#include <memory>
#include <vector>

namespace seqc::run {

using file::concat;
using file::makeError;
using file::Status;

inline constexpr seqrt_dtype f32Type = {SEQRT_FLOAT, 32, 1};
inline constexpr seqrt_dtype i32Type = {SEQRT_INT, 32, 1};

inline bool sameType(seqrt_dtype a, seqrt_dtype b) { return a.code == b.code && a.bits == b.bits; }
inline bool isFloat(seqrt_dtype type) { return type.code == SEQRT_FLOAT || type.code == SEQRT_BFLOAT; }
inline bool isInteger(seqrt_dtype type) { return type.code == SEQRT_INT || type.code == SEQRT_UINT; }

/// The type of a name such as "f32", "i64", "u8", "bool"; bits is 0 for none.
seqrt_dtype typeFromName(std::string_view name);

/// "2x7xf32"
std::string describe(const std::vector<int64_t> &shape, seqrt_dtype type);

class Array {
public:
  Array() = default;

  /// An array with elements of zero. Fails where the sizes are negative or
  /// their product is more memory than there is.
  static Status create(seqrt_dtype type, std::vector<int64_t> shape, Array &array);

  seqrt_dtype type() const { return elementType; }
  const std::vector<int64_t> &shape() const { return sizes; }
  int64_t count() const { return elements; }
  size_t elementSize() const { return elementType.bits == 1 ? 1 : elementType.bits / 8; }
  size_t byteSize() const { return static_cast<size_t>(elements) * elementSize(); }
  void *data() { return bytes.get(); }
  const void *data() const { return bytes.get(); }
  std::string describe() const { return run::describe(sizes, elementType); }

  /// An element as a number; integers and bools exactly as long as a double
  /// holds them.
  double number(int64_t index) const;
  /// An element of an integer or bool array.
  int64_t integer(int64_t index) const;
  /// Stores what has been checked to fit.
  void setNumber(int64_t index, double value);
  void setInteger(int64_t index, int64_t value);

  /// The array as a call takes it: borrows this one.
  seqrt_tensor tensor();

  /// A copy as another type. Integers (and bools) become other integers when
  /// each of them fits, floats other floats, rounded; everything else is an
  /// error. Errors do not name the array.
  Status convert(seqrt_dtype type, Array &result) const;

private:
  struct Free {
    void operator()(void *pointer) const { std::free(pointer); }
  };

  seqrt_dtype elementType = f32Type;
  std::vector<int64_t> sizes;
  int64_t elements = 0;
  std::unique_ptr<void, Free> bytes; ///< 64-byte aligned
};

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_ARRAY_H
