//===- LocalStates.h - States that a call makes for itself ------*- C++ -*-===//
//
// seq.state_init becomes buffers laid out as those of a context's state, a
// seq.local_state that stands for them, and a call of a kernel that makes them fresh.
// The buffers are planned like all others, so that compiled code never allocates.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_LOWERING_LOCALSTATES_H
#define SEQ_LIB_CODEGEN_LOWERING_LOCALSTATES_H

#include "mlir/IR/BuiltinOps.h"

namespace seqc {

/// States are updated in place: an error where something uses a state that an op before has updated. Before
/// bufferisation.
mlir::LogicalResult checkUpdates(mlir::ModuleOp module);

/// Lowers every seq.state_init of a module whose tensors are buffers.
mlir::LogicalResult makeLocalStates(mlir::ModuleOp module);

/// An error where a state has not as many rows as sequences that it is used with, as far as the program says. Kernels
/// rely on that. When results have become arguments.
mlir::LogicalResult checkRows(mlir::ModuleOp module);

} // namespace seqc

#endif // SEQ_LIB_CODEGEN_LOWERING_LOCALSTATES_H
