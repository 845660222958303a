//===- Seq.h - The seq dialect ----------------------------------*- C++ -*-===//
//
// Types, attributes and ops of sequence models. docs/Spec.md gives their
// semantics; lib/Reference computes them in f64.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_DIALECTS_SEQ_SEQ_H
#define SEQ_DIALECTS_SEQ_SEQ_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Seq/RecurrenceParts.h"
#include "dialects/Seq/SeqDialect.h.inc"
#include "dialects/Seq/SeqInterfaces.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/Seq/SeqTypes.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Seq/SeqAttrs.h.inc"
#define GET_OP_CLASSES
#include "dialects/Seq/SeqOps.h.inc"

namespace mlir::seq {

/// Whether a type is that of a state.
inline bool isState(Type type) { return isa<StateType, KVType>(type); }

/// The storage of a block-quantised element type.
struct BlockFormat {
  int64_t elements; ///< elements of a block, along the innermost dimension
  int64_t bytes;    ///< bytes of a block in a file
};

/// The block format of a quantised element type; nothing for plain floats.
std::optional<BlockFormat> getBlockFormat(Type elementType);

} // namespace mlir::seq

#endif // SEQ_DIALECTS_SEQ_SEQ_H
