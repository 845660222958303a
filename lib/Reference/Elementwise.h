//===- Elementwise.h - Scalar functions on tensors --------------*- C++ -*-===//

#ifndef SEQ_LIB_REFERENCE_ELEMENTWISE_H
#define SEQ_LIB_REFERENCE_ELEMENTWISE_H

#include "Frame.h"

namespace seqc::reference {

/// One element: `real` where its type is a float, else `integer`.
struct Number {
  double real = 0;
  int64_t integer = 0;
};

/// An element of the result from one element of each operand; no result is an error (the
/// function has no value there), which `undefined` names.
struct ScalarFunction {
  std::function<std::optional<Number>(mlir::Operation *, llvm::ArrayRef<Number>)> compute;
  llvm::StringRef undefined = "has no value here";
};

/// Adds an op that is elementwise on scalars and on tensors of equal shape.
void addElementwise(Handlers &handlers, llvm::StringRef name, ScalarFunction function);

/// The same for functions of reals alone.
void addReal(Handlers &handlers, llvm::StringRef name, double (*function)(double));
void addReal(Handlers &handlers, llvm::StringRef name, double (*function)(double, double));
void addReal(Handlers &handlers, llvm::StringRef name, double (*function)(double, double, double));

} // namespace seqc::reference

#endif // SEQ_LIB_REFERENCE_ELEMENTWISE_H
