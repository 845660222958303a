//===- Indices.cpp - Indices that a program computed ----------------------===//

#include "Indices.h"

using namespace mlir;
using namespace seqc::cpu;

Value seqc::cpu::checkedIndex(KernelBuilder &b, Value number, Value position, int64_t limit, IndexOf kind) {
  Value wide = number.getType().isInteger(64) ? number : arith::ExtSIOp::create(b, b.getI64Type(), number);
  Value bound = b.i64(limit);
  Value valid = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, wide, bound);
  Value invalid = arith::XOrIOp::create(b, valid, arith::ConstantOp::create(b, b.getBoolAttr(true)));
  b.ifThen(invalid, [&] {
    Value where = arith::IndexCastOp::create(b, b.getI64Type(), position);
    mlir::seq::ReportIndexOp::create(b, where, wide, bound, kind == IndexOf::Expert);
  });
  Value safe = arith::SelectOp::create(b, valid, wide, b.i64(0));
  return arith::IndexCastOp::create(b, b.getIndexType(), safe);
}
