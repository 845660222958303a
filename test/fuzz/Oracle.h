//===- Oracle.h - What a program should give, and how exactly ---*- C++ -*-===//

#ifndef SEQ_TEST_FUZZ_ORACLE_H
#define SEQ_TEST_FUZZ_ORACLE_H

#include "Program.h"
#include "mlir/IR/BuiltinOps.h"
#include "seq/Reference/Datum.h"
#include <optional>

namespace seqc::fuzz {

/// A result by the oracle, and how far a compiled one may be from it, element by element:
///
///     u |y| + 8 s + u32 ((4 + T/4 + r) m + a) + (the smallest number that the type has)
///
/// u is half an ulp of the result's type and u32 that of f32; s is how much the element, or its neighbours in the
/// innermost dimension, moves where all inputs and weights are perturbed by rounding errors of f32, and the results of
/// ops that others use by those of their types (the largest of six samples);
/// m is the largest magnitude among the neighbours; r and a are the slacks of the program, for what only code has
/// errors in: the mean that norms of few channels subtract, and 1 + erf(x) in gelu, far below 0. Sums that cancel,
/// exponentials of large numbers and divisions by small ones so get what they cost and others nothing. An element whose
/// tolerance is above 2% of m (64 u, where that is more), or that is near the largest number of its type, has no value
/// to compare: its tolerance is infinite.
struct Expected {
  reference::Tensor value;
  std::vector<double> tolerance; ///< empty for integers
};

/// Runs the function "forward" of a module on these arguments. Nothing where the oracle refuses; its errors
/// went to the context's diagnostics.
std::optional<std::vector<Expected>> consultOracle(mlir::ModuleOp module, const Program &program,
                                                   llvm::ArrayRef<reference::Tensor> arguments);

/// The elements of a tensor type as the generator knows them, if it does.
std::optional<Element> elementOf(mlir::Type type);

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_ORACLE_H
