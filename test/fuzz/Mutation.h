//===- Mutation.h - Programs that break rules -------------------*- C++ -*-===//

#ifndef SEQ_TEST_FUZZ_MUTATION_H
#define SEQ_TEST_FUZZ_MUTATION_H

#include "mlir/IR/BuiltinOps.h"

namespace seqc::fuzz {

/// Changes an attribute, an operand or a type of the function "forward" and infers the types behind it anew.
/// The module may then break any rule: verify it. `seed` decides; `what` says what was done. Fails where types can
/// not be inferred, with an error from the op.
mlir::LogicalResult mutate(mlir::ModuleOp module, uint64_t seed, std::string &what);

/// Changes what the last seq op of each function computes: its scale by a factor, or its result by 2. For a test of
/// the fuzzer, which has to notice.
void breakMeaning(mlir::ModuleOp module, double factor);

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_MUTATION_H
