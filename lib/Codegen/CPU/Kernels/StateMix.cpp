//===- StateMix.cpp - The recurrence of a matrix state --------------------===//

#include "Rows.h"

using namespace mlir;
using namespace seqc::cpu;

LogicalResult seqc::cpu::emitStateMix(mlir::seq::StateMixOp op, func::FuncOp, KernelBuilder &) {
  return op.emitOpError("has no CPU kernel yet");
}
