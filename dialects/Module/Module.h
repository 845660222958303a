//===- Module.h - The seqm dialect ------------------------------*- C++ -*-===//
//
// What a compiled module is made of: exported functions and parameters that stay
// in their files until the module is written.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_DIALECTS_MODULE_MODULE_H
#define SEQ_DIALECTS_MODULE_MODULE_H

#include "dialects/Seq/Seq.h"
#include "mlir/IR/SymbolTable.h"

#include "dialects/Module/ModuleDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Module/ModuleAttrs.h.inc"
#define GET_OP_CLASSES
#include "dialects/Module/ModuleOps.h.inc"

#endif // SEQ_DIALECTS_MODULE_MODULE_H
