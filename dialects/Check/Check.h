//===- Check.h - The check dialect ------------------------------*- C++ -*-===//
//
// Expectations inside .mlir tests that run on the oracle.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_DIALECTS_CHECK_CHECK_H
#define SEQ_DIALECTS_CHECK_CHECK_H

#include "dialects/Seq/Seq.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"

#include "dialects/Check/CheckDialect.h.inc"
#define GET_OP_CLASSES
#include "dialects/Check/CheckOps.h.inc"

#endif // SEQ_DIALECTS_CHECK_CHECK_H
