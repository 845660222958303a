//===- VectorizeElementwise.cpp - Elementwise loops as vectors ------------===//
//
// After bufferisation, what is left of linalg becomes loops: all dimensions but the
// innermost are one loop over rows, in parallel where there is enough work, and the
// innermost one is walked in vectors with a masked remainder. An operand may lack
// dimensions (a broadcast); one that lacks the innermost is a scalar a row.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "seq/Codegen/CPU/Kernel.h"
#include "seq/Codegen/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQVECTORIZEELEMENTWISE
#include "lib/Codegen/CPU/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace seqc::cpu;

namespace {

/// Elements of cheap work that are worth another thread.
constexpr int64_t kParallelElements = 16384;

/// Whether the innermost dimension of the loop nest is the innermost of the operand.
bool isContiguous(AffineMap map) {
  return map.getNumResults() > 0 && map.isFunctionOfDim(map.getNumDims() - 1);
}

/// Each result is one dimension of the nest; the innermost one may only come last, where
/// its elements must be neighbours.
bool isSupportedAccess(AffineMap map, MemRefType type) {
  if (!map.isProjectedPermutation())
    return false;
  for (auto [i, result] : llvm::enumerate(map.getResults()))
    if (cast<AffineDimExpr>(result).getPosition() == map.getNumDims() - 1 && i + 1 != map.getNumResults())
      return false;
  if (!isContiguous(map))
    return true;
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) && strides.back() == 1;
}

bool isVectorizable(Operation &op) {
  return isa<linalg::YieldOp>(op) || matchPattern(&op, m_Constant()) || OpTrait::hasElementwiseMappableTraits(&op);
}

/// Why a nest stays scalar; empty if it does not.
StringRef obstacle(linalg::GenericOp op) {
  if (op.getNumLoops() == 0)
    return "it has no loops";
  if (op.getNumParallelLoops() != op.getNumLoops())
    return "it reduces";
  if (op.hasIndexSemantics())
    return "its values depend on the index";
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type || !isSupportedAccess(op.getMatchingIndexingMap(&operand), type))
      return "an operand's innermost elements are no neighbours";
  }
  if (!llvm::all_of(*op.getBody(), isVectorizable))
    return "its body is not elementwise";
  return "";
}

/// Writes one nest.
class NestWriter {
public:
  NestWriter(linalg::GenericOp op, KernelBuilder &b) : op(op), b(b) {}

  void write() {
    SmallVector<Value> extents = loopExtents();
    int64_t loops = op.getNumLoops();
    Value rows = b.index(1);
    for (int64_t d = 0; d + 1 < loops; ++d)
      rows = b.mul(rows, extents[d]);
    Value inner = extents.back();
    auto constant = getConstantIntValue(inner);
    int64_t grain = std::max<int64_t>(1, kParallelElements / std::max<int64_t>(1, constant.value_or(64)));
    b.parallel(rows, grain, [&](Value row, Value) {
      SmallVector<Value> indices(loops);
      Value rest = row;
      for (int64_t d = loops - 2; d > 0; --d) {
        indices[d] = arith::RemUIOp::create(b, rest, extents[d]);
        rest = arith::DivUIOp::create(b, rest, extents[d]);
      }
      if (loops > 1)
        indices[0] = rest;
      b.vectorLoop(inner, [&](Value i, Value count) {
        indices.back() = i;
        writeBody(indices, count);
      });
    });
  }

private:
  SmallVector<Value> loopExtents() {
    SmallVector<Value> extents(op.getNumLoops());
    for (OpOperand &operand : op->getOpOperands())
      for (auto [i, result] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults())) {
        Value &extent = extents[cast<AffineDimExpr>(result).getPosition()];
        if (!extent)
          extent = b.dim(operand.get(), i);
      }
    return extents;
  }

  SmallVector<Value> indicesOf(OpOperand &operand, ArrayRef<Value> loops) {
    SmallVector<Value> indices;
    for (AffineExpr result : op.getMatchingIndexingMap(&operand).getResults())
      indices.push_back(loops[cast<AffineDimExpr>(result).getPosition()]);
    return indices;
  }

  Value read(OpOperand &operand, ArrayRef<Value> loops, Value count) {
    SmallVector<Value> indices = indicesOf(operand, loops);
    if (!isContiguous(op.getMatchingIndexingMap(&operand)))
      return b.broadcast(b.load(operand.get(), indices));
    return count ? b.loadMasked(operand.get(), indices, count) : b.loadVector(operand.get(), indices);
  }

  void writeBody(ArrayRef<Value> loops, Value count) {
    IRMapping mapping;
    for (OpOperand &operand : op->getOpOperands()) {
      BlockArgument argument = op.getMatchingBlockArgument(&operand);
      if (!argument.use_empty())
        mapping.map(argument, read(operand, loops, count));
    }
    for (Operation &inner : op.getBody()->without_terminator())
      writeOp(inner, mapping);
    auto yield = cast<linalg::YieldOp>(op.getBody()->getTerminator());
    for (auto [value, out] : llvm::zip_equal(yield.getValues(), op.getDpsInitsMutable())) {
      Value vector = vectorOf(value, mapping);
      SmallVector<Value> indices = indicesOf(out, loops);
      count ? b.storeMasked(vector, out.get(), indices, count) : b.storeVector(vector, out.get(), indices);
    }
  }

  /// The vector of a value of the body; one from outside is the same in every lane.
  Value vectorOf(Value value, IRMapping &mapping) {
    if (!mapping.contains(value))
      mapping.map(value, b.broadcast(value));
    return mapping.lookup(value);
  }

  void writeOp(Operation &inner, IRMapping &mapping) {
    if (matchPattern(&inner, m_Constant())) {
      Value copy = b.clone(inner)->getResult(0);
      mapping.map(inner.getResult(0), b.broadcast(copy));
      return;
    }
    SmallVector<Value> operands;
    for (Value operand : inner.getOperands())
      operands.push_back(vectorOf(operand, mapping));
    SmallVector<Type> types;
    for (Type type : inner.getResultTypes())
      types.push_back(VectorType::get({b.target.lanes()}, type));
    OperationState state(inner.getLoc(), inner.getName(), operands, types, inner.getAttrs());
    mapping.map(&inner, b.create(state));
    mapping.map(inner.getResults(), mapping.lookup(&inner)->getResults());
  }

  linalg::GenericOp op;
  KernelBuilder &b;
};

struct SeqVectorizeElementwise : seqc::impl::SeqVectorizeElementwiseBase<SeqVectorizeElementwise> {
  using SeqVectorizeElementwiseBase::SeqVectorizeElementwiseBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    IRRewriter rewriter(&getContext());
    SmallVector<Operation *> ops;
    module.walk([&](Operation *op) {
      if (isa<linalg::LinalgOp, memref::CopyOp>(op))
        ops.push_back(op);
    });
    Target target;
    target.avx512 = lanes == 16;
    for (Operation *op : ops)
      if (failed(lower(op, rewriter, target)))
        return signalPassFailure();
  }

private:
  static LogicalResult lower(Operation *op, IRRewriter &rewriter, const Target &target) {
    rewriter.setInsertionPoint(op);
    if (auto copy = dyn_cast<memref::CopyOp>(op)) {
      auto generic = linalg::makeMemRefCopyOp(rewriter, op->getLoc(), copy.getSource(), copy.getTarget());
      rewriter.eraseOp(op);
      return lower(generic, rewriter, target);
    }
    auto generic = dyn_cast<linalg::GenericOp>(op);
    if (!generic) {
      auto generalized = linalg::generalizeNamedOp(rewriter, cast<linalg::LinalgOp>(op));
      if (failed(generalized))
        return op->emitOpError("can not become a loop nest");
      generic = *generalized;
    }
    rewriter.setInsertionPoint(generic);
    StringRef why = obstacle(generic);
    if (!why.empty()) {
      generic.emitRemark("stays a scalar loop: ") << why;
      if (failed(linalg::linalgOpToLoops(rewriter, generic)))
        return generic.emitOpError("can not become a loop nest");
    } else {
      KernelBuilder builder(generic.getLoc(), rewriter, target);
      builder.setInsertionPoint(generic);
      NestWriter(generic, builder).write();
    }
    rewriter.eraseOp(generic);
    return success();
  }
};

} // namespace
