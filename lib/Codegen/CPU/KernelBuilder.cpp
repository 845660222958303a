//===- KernelBuilder.cpp - Short names for what kernels are made of -------===//

#include "mlir/Dialect/Math/IR/Math.h"
#include "seq/Codegen/CPU/Kernel.h"

using namespace mlir;
using namespace seqc::cpu;

VectorType KernelBuilder::vec(int64_t lanes) { return VectorType::get({lanes ? lanes : target.lanes()}, getF32Type()); }
Value KernelBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }
Value KernelBuilder::f32(double value) {
  return arith::ConstantOp::create(*this, getF32FloatAttr(static_cast<float>(value)));
}
Value KernelBuilder::i32(int64_t value) {
  return arith::ConstantOp::create(*this, getI32IntegerAttr(static_cast<int32_t>(value)));
}
Value KernelBuilder::i64(int64_t value) { return arith::ConstantOp::create(*this, getI64IntegerAttr(value)); }
Value KernelBuilder::splat(double value, int64_t lanes) {
  auto type = vec(lanes);
  return arith::ConstantOp::create(*this, type,
                                   DenseElementsAttr::get(type, llvm::ArrayRef(static_cast<float>(value))));
}
Value KernelBuilder::broadcast(Value scalar, int64_t lanes) {
  auto type = VectorType::get({lanes ? lanes : target.lanes()}, scalar.getType());
  return vector::BroadcastOp::create(*this, type, scalar);
}
Value KernelBuilder::zero(Type type) {
  return arith::ConstantOp::create(*this, type, cast<TypedAttr>(getZeroAttr(type)));
}

static bool isFloat(Value value) { return isa<FloatType>(getElementTypeOrSelf(value.getType())); }

Value KernelBuilder::add(Value a, Value b) {
  return isFloat(a) ? Value(arith::AddFOp::create(*this, a, b)) : arith::AddIOp::create(*this, a, b);
}
Value KernelBuilder::sub(Value a, Value b) {
  return isFloat(a) ? Value(arith::SubFOp::create(*this, a, b)) : arith::SubIOp::create(*this, a, b);
}
Value KernelBuilder::mul(Value a, Value b) {
  return isFloat(a) ? Value(arith::MulFOp::create(*this, a, b)) : arith::MulIOp::create(*this, a, b);
}
Value KernelBuilder::div(Value a, Value b) { return arith::DivFOp::create(*this, a, b); }
Value KernelBuilder::floorDiv(Value a, int64_t b) { return arith::DivUIOp::create(*this, a, index(b)); }
Value KernelBuilder::ceilDiv(Value a, int64_t b) { return floorDiv(addIndex(a, b - 1), b); }
Value KernelBuilder::rem(Value a, int64_t b) { return arith::RemUIOp::create(*this, a, index(b)); }
/// One instruction (minps, maxps), where minnum and maxnum take four to sort out NaN.
static Value pick(KernelBuilder &b, arith::CmpFPredicate predicate, Value x, Value y) {
  return arith::SelectOp::create(b, arith::CmpFOp::create(b, predicate, x, y), x, y);
}
Value KernelBuilder::min(Value a, Value b) {
  return isFloat(a) ? pick(*this, arith::CmpFPredicate::OLT, a, b) : arith::MinUIOp::create(*this, a, b).getResult();
}
Value KernelBuilder::max(Value a, Value b) {
  return isFloat(a) ? pick(*this, arith::CmpFPredicate::OGT, a, b) : arith::MaxUIOp::create(*this, a, b).getResult();
}
Value KernelBuilder::addIndex(Value a, int64_t b) {
  return b == 0 ? a : Value(arith::AddIOp::create(*this, a, index(b)));
}

Value KernelBuilder::fma(Value a, Value b, Value c) {
  if (isa<VectorType>(a.getType()))
    return vector::FMAOp::create(*this, a, b, c);
  return math::FmaOp::create(*this, a, b, c);
}
Value KernelBuilder::neg(Value a) { return arith::NegFOp::create(*this, a); }
Value KernelBuilder::reduceAdd(Value vector) {
  // Lanes may be added in any order: a tree of shuffles instead of a serial chain.
  return vector::ReductionOp::create(*this, vector::CombiningKind::ADD, vector, arith::FastMathFlags::reassoc);
}
Value KernelBuilder::reduceMax(Value vector) {
  return vector::ReductionOp::create(*this, vector::CombiningKind::MAXNUMF, vector, arith::FastMathFlags::nnan);
}
Value KernelBuilder::exp(Value a) { return math::ExpOp::create(*this, a); }

Value KernelBuilder::dim(Value memref, int64_t d) {
  auto type = cast<MemRefType>(memref.getType());
  if (!type.isDynamicDim(d))
    return index(type.getDimSize(d));
  return memref::DimOp::create(*this, memref, d);
}
Value KernelBuilder::load(Value memref, ValueRange indices) { return memref::LoadOp::create(*this, memref, indices); }
void KernelBuilder::store(Value value, Value memref, ValueRange indices) {
  memref::StoreOp::create(*this, value, memref, indices);
}
static VectorType vectorOf(Value memref, int64_t lanes) {
  return VectorType::get({lanes}, cast<MemRefType>(memref.getType()).getElementType());
}
Value KernelBuilder::loadVector(Value memref, ValueRange indices, int64_t lanes) {
  return vector::LoadOp::create(*this, vectorOf(memref, lanes ? lanes : target.lanes()), memref, indices);
}
void KernelBuilder::storeVector(Value vector, Value memref, ValueRange indices) {
  vector::StoreOp::create(*this, vector, memref, indices);
}
static Value mask(KernelBuilder &b, int64_t lanes, Value count) {
  return vector::CreateMaskOp::create(b, VectorType::get({lanes}, b.getI1Type()), count);
}
Value KernelBuilder::loadMasked(Value memref, ValueRange indices, Value count, int64_t lanes) {
  auto type = vectorOf(memref, lanes ? lanes : target.lanes());
  return vector::MaskedLoadOp::create(*this, type, memref, indices, mask(*this, type.getDimSize(0), count), zero(type));
}
void KernelBuilder::storeMasked(Value vector, Value memref, ValueRange indices, Value count) {
  int64_t lanes = cast<VectorType>(vector.getType()).getDimSize(0);
  vector::MaskedStoreOp::create(*this, memref, indices, mask(*this, lanes, count), vector);
}
Value KernelBuilder::scratch(ArrayRef<OpFoldResult> shape, Type element) {
  SmallVector<int64_t> extents;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(shape, dynamic, extents);
  auto type = MemRefType::get(extents, element ? element : getF32Type());
  return memref::AllocOp::create(*this, type, dynamic, getI64IntegerAttr(64));
}

void KernelBuilder::loop(Value from, Value to, int64_t step, llvm::function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(*this, from, to, index(step));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}
SmallVector<Value> KernelBuilder::loop(Value from, Value to, int64_t step, ValueRange init,
                                       llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  if (init.empty()) {
    loop(from, to, step, [&](Value i) { body(i, {}); });
    return {};
  }
  auto loop = scf::ForOp::create(*this, from, to, index(step), init);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  scf::YieldOp::create(*this, body(loop.getInductionVar(), loop.getRegionIterArgs()));
  return llvm::to_vector(ValueRange(loop.getResults()));
}
void KernelBuilder::vectorLoop(Value n, llvm::function_ref<void(Value, Value)> body, int64_t lanes) {
  int64_t width = lanes ? lanes : target.lanes();
  Value full = mul(floorDiv(n, width), index(width));
  loop(index(0), full, width, [&](Value i) { body(i, Value()); });
  auto constant = getConstantIntValue(n);
  if (constant && *constant % width == 0)
    return;
  ifThen(less(full, n), [&] { body(full, sub(n, full)); });
}
void KernelBuilder::ifThen(Value condition, llvm::function_ref<void()> body) {
  auto branch = scf::IfOp::create(*this, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(branch.thenBlock());
  body();
}
void KernelBuilder::parallel(Value count, int64_t grain, llvm::function_ref<void(Value, Value)> body) {
  auto parallel = mlir::seq::ParallelOp::create(*this, count, index(grain));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(&parallel.getBody().front());
  loop(parallel.getBegin(), parallel.getEnd(), 1, [&](Value i) { body(i, parallel.getWorker()); });
}
Value KernelBuilder::workers() { return mlir::seq::WorkersOp::create(*this, getIndexType()); }
Value KernelBuilder::less(Value a, Value b) { return arith::CmpIOp::create(*this, arith::CmpIPredicate::ult, a, b); }
