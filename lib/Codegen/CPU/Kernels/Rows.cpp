//===- Rows.cpp - Buffers as rows of their innermost dimension ------------===//

#include "Rows.h"

using namespace mlir;
using namespace seqc::cpu;

Rows::Rows(KernelBuilder &b, Value memref) : flat(memref) {
  auto type = cast<MemRefType>(memref.getType());
  int64_t leading = type.getRank() - 1;
  if (leading > 1) {
    ReassociationIndices rowDims = llvm::to_vector(llvm::seq<int64_t>(0, leading));
    SmallVector<ReassociationIndices> groups{rowDims, {leading}};
    if (memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups)) {
      flat = memref::CollapseShapeOp::create(b, memref, groups);
      leading = 1;
    }
  }
  rows = b.index(1);
  for (int64_t d = 0; d < leading; ++d) {
    extents.push_back(b.dim(flat, d));
    rows = b.mul(rows, extents.back());
  }
}

SmallVector<Value> Rows::at(KernelBuilder &b, Value row) const {
  if (extents.empty())
    return {};
  SmallVector<Value> indices(extents.size());
  for (size_t d = extents.size() - 1; d > 0; --d) {
    indices[d] = arith::RemUIOp::create(b, row, extents[d]);
    row = arith::DivUIOp::create(b, row, extents[d]);
  }
  indices[0] = row;
  return indices;
}

void seqc::cpu::copyElements(KernelBuilder &b, Value from, ValueRange fromRow, Value to, ValueRange toRow,
                             Value count) {
  b.vectorLoop(count, [&](Value i, Value rest) {
    if (rest)
      b.storeMasked(b.loadMasked(from, join(fromRow, i), rest), to, join(toRow, i), rest);
    else
      b.storeVector(b.loadVector(from, join(fromRow, i)), to, join(toRow, i));
  });
}

void seqc::cpu::clearElements(KernelBuilder &b, Value to, ValueRange toRow, Value count) {
  Type element = cast<MemRefType>(to.getType()).getElementType();
  Value zero = b.zero(VectorType::get({b.target.lanes()}, element));
  b.vectorLoop(count, [&](Value i, Value rest) {
    if (rest)
      b.storeMasked(zero, to, join(toRow, i), rest);
    else
      b.storeVector(zero, to, join(toRow, i));
  });
}
