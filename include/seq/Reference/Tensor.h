//===- Tensor.h - The oracle's tensors --------------------------*- C++ -*-===//

#ifndef SEQ_REFERENCE_TENSOR_H
#define SEQ_REFERENCE_TENSOR_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <array>
#include <cassert>
#include <cstdint>
#include <variant>
#include <vector>

namespace seqc::reference {

/// A dense row-major tensor of f64 (whatever float type the IR has) or i64 (all integer
/// types and index, sign-extended; i1 is 0 or 1). It owns its elements.
class Tensor {
public:
  using Shape = llvm::SmallVector<int64_t, 4>;

  Tensor() : Tensor(Shape{0}, std::vector<double>()) {}
  static Tensor reals(llvm::ArrayRef<int64_t> shape, double fill = 0) {
    return Tensor(Shape(shape), std::vector<double>(count(shape), fill));
  }
  static Tensor integers(llvm::ArrayRef<int64_t> shape, int64_t fill = 0) {
    return Tensor(Shape(shape), std::vector<int64_t>(count(shape), fill));
  }
  /// A tensor of the kind of `like`, filled with zeros.
  static Tensor zerosLike(const Tensor &like, llvm::ArrayRef<int64_t> shape) {
    return like.isReal() ? reals(shape) : integers(shape);
  }

  bool isReal() const { return std::holds_alternative<std::vector<double>>(elements); }
  llvm::ArrayRef<int64_t> shape() const { return extents; }
  int64_t rank() const { return static_cast<int64_t>(extents.size()); }
  int64_t dim(int64_t i) const { return extents[i]; }
  int64_t size() const { return count(extents); }

  /// All elements in row-major order.
  llvm::MutableArrayRef<double> reals() { return std::get<std::vector<double>>(elements); }
  llvm::ArrayRef<double> reals() const { return std::get<std::vector<double>>(elements); }
  llvm::MutableArrayRef<int64_t> integers() { return std::get<std::vector<int64_t>>(elements); }
  llvm::ArrayRef<int64_t> integers() const { return std::get<std::vector<int64_t>>(elements); }

  /// The real element at an index, one number a dimension.
  template <class... Index> double &operator()(Index... index) { return reals()[offset({index...})]; }
  template <class... Index> double operator()(Index... index) const { return reals()[offset({index...})]; }
  template <class... Index> int64_t integer(Index... index) const { return integers()[offset({index...})]; }

  /// Where the element at `index` is in row-major order.
  int64_t offset(llvm::ArrayRef<int64_t> index) const;
  /// The index of the element at a row-major offset.
  Shape indexOf(int64_t offset) const;

  /// The same elements under another shape of equal size.
  Tensor reshaped(llvm::ArrayRef<int64_t> shape) const;

  /// Copies element `from` of `source`, a tensor of the same kind, to element `to`.
  void copyElement(int64_t to, const Tensor &source, int64_t from);

  /// The number of elements of a shape.
  static int64_t count(llvm::ArrayRef<int64_t> shape);

private:
  using Elements = std::variant<std::vector<double>, std::vector<int64_t>>;
  Tensor(Shape shape, Elements elements) : extents(std::move(shape)), elements(std::move(elements)) {}

  Shape extents;
  Elements elements;
};

/// Moves `index` to the next one of `shape` in row-major order; false behind the last.
bool advance(llvm::MutableArrayRef<int64_t> index, llvm::ArrayRef<int64_t> shape);

} // namespace seqc::reference

#endif // SEQ_REFERENCE_TENSOR_H
