//===- SeqDialect.cpp - Registration of the seq dialect -------------------===//

#include "dialects/Seq/Seq.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::seq;

#include "dialects/Seq/SeqDialect.cpp.inc"
#include "dialects/Seq/SeqEnums.cpp.inc"
#include "dialects/Seq/SeqInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Seq/SeqAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/Seq/SeqOps.cpp.inc"

void SeqDialect::initialize() {
  registerTypes();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Seq/SeqAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Seq/SeqOps.cpp.inc"
      >();
}
