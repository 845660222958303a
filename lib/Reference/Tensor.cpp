//===- Tensor.cpp - The oracle's tensors ----------------------------------===//

#include "seq/Reference/Tensor.h"

using namespace seqc::reference;

int64_t Tensor::count(llvm::ArrayRef<int64_t> shape) {
  int64_t elements = 1;
  for (int64_t extent : shape)
    elements *= extent;
  return elements;
}

int64_t Tensor::offset(llvm::ArrayRef<int64_t> index) const {
  assert(static_cast<int64_t>(index.size()) == rank() && "one number a dimension");
  int64_t result = 0;
  for (size_t d = 0; d < index.size(); ++d) {
    assert(index[d] >= 0 && index[d] < extents[d] && "index out of range");
    result = result * extents[d] + index[d];
  }
  return result;
}

Tensor::Shape Tensor::indexOf(int64_t offset) const {
  Shape index(extents.size());
  for (size_t d = extents.size(); d-- > 0; offset /= extents[d])
    index[d] = offset % extents[d];
  return index;
}

Tensor Tensor::reshaped(llvm::ArrayRef<int64_t> shape) const {
  assert(count(shape) == size() && "a reshape keeps the elements");
  return Tensor(Shape(shape), elements);
}

void Tensor::copyElement(int64_t to, const Tensor &source, int64_t from) {
  if (isReal())
    reals()[to] = source.reals()[from];
  else
    integers()[to] = source.integers()[from];
}

bool seqc::reference::advance(llvm::MutableArrayRef<int64_t> index, llvm::ArrayRef<int64_t> shape) {
  for (size_t d = shape.size(); d-- > 0;) {
    if (++index[d] < shape[d])
      return true;
    index[d] = 0;
  }
  return false;
}
