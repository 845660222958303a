//===- BufferizableOps.cpp - Seq ops as calls of kernels ------------------===//
//
// Every seq op with a kernel reads its tensors and makes new ones. Its buffer form is
// a call of its kernel: operands in order, then newly allocated results. States pass
// through unchanged, since kernels update them in place.
//
//===----------------------------------------------------------------------===//

#include "KernelFunctions.h"
#include "dialects/Module/Module.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "seq/Codegen/CPU/Kernel.h"
#include "seq/Codegen/Lowering/Passes.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace {

/// A name that tells kernels apart: the op's, and a hash of all that its emitter sees, which is
/// not what passes have noted at the op.
std::string kernelName(Operation *op, TypeRange types) {
  std::string key;
  llvm::raw_string_ostream stream(key);
  stream << op->getName() << op->getPropertiesAsAttribute() << op->getOperandTypes();
  for (Type type : types)
    stream << type << ';';
  std::string name = ("kernel." + op->getName().stripDialect()).str();
  return name + "." + llvm::utohexstr(llvm::xxh3_64bits(key));
}

} // namespace

FailureOr<func::FuncOp> seqc::getKernel(Operation *op, TypeRange types) {
  auto module = op->getParentOfType<ModuleOp>();
  std::string name = kernelName(op, types);
  if (auto kernel = module.lookupSymbol<func::FuncOp>(name))
    return kernel;
  seqc::cpu::Target target;
  target.avx512 = module->hasAttr("seq.avx512");
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto kernel = func::FuncOp::create(builder, op->getLoc(), name, builder.getFunctionType(types, {}));
  kernel.setPrivate();
  Block *entry = kernel.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  seqc::cpu::KernelBuilder kernelBuilder(op->getLoc(), builder, target);
  kernelBuilder.setInsertionPointToStart(entry);
  if (failed(seqc::cpu::emitKernel(op, kernel, kernelBuilder)))
    return failure();
  builder.setInsertionPointToEnd(entry);
  func::ReturnOp::create(builder, op->getLoc());
  return kernel;
}

namespace {

/// A buffer for a result: its dynamic extents are those of the op's first tensor
/// (batch and time stand first in all of them).
Value allocateResult(RewriterBase &rewriter, Location loc, RankedTensorType type, Value like) {
  SmallVector<Value> extents;
  for (int64_t d = 0; d < type.getRank(); ++d)
    if (type.isDynamicDim(d))
      extents.push_back(memref::DimOp::create(rewriter, loc, like, d));
  auto bufferType = MemRefType::get(type.getShape(), type.getElementType());
  return memref::AllocOp::create(rewriter, loc, bufferType, extents, rewriter.getI64IntegerAttr(64));
}

template <typename OpTy> struct KernelModel : BufferizableOpInterface::ExternalModel<KernelModel<OpTy>, OpTy> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &, const AnalysisState &) const { return true; }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &, const AnalysisState &) const { return false; }
  AliasingValueList getAliasingValues(Operation *, OpOperand &, const AnalysisState &) const { return {}; }
  bool bufferizesToAllocation(Operation *, Value value) const { return isa<TensorType>(value.getType()); }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const BufferizationOptions &options,
                          BufferizationState &state) const {
    SmallVector<Value> arguments, results, states;
    Value firstBuffer;
    for (Value operand : op->getOperands()) {
      if (!isa<TensorType>(operand.getType())) {
        arguments.push_back(operand);
        states.push_back(operand);
        continue;
      }
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      firstBuffer = firstBuffer ? firstBuffer : *buffer;
      arguments.push_back(*buffer);
    }
    size_t nextState = 0;
    for (Type type : op->getResultTypes()) {
      if (auto tensor = dyn_cast<RankedTensorType>(type)) {
        results.push_back(allocateResult(rewriter, op->getLoc(), tensor, firstBuffer));
        arguments.push_back(results.back());
      } else {
        results.push_back(states[nextState++]);
      }
    }
    FailureOr<func::FuncOp> kernel = seqc::getKernel(op, ValueRange(arguments).getTypes());
    if (failed(kernel))
      return failure();
    func::CallOp::create(rewriter, op->getLoc(), *kernel, arguments);
    replaceOpWithBufferizedValues(rewriter, op, results);
    return success();
  }
};

/// A parameter is memory of the module that nobody writes.
struct LoadModel : BufferizableOpInterface::ExternalModel<LoadModel, mlir::seqm::LoadOp> {
  bool isWritable(Operation *, Value, const AnalysisState &) const { return false; }
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const BufferizationOptions &,
                          BufferizationState &) const {
    auto load = cast<mlir::seqm::LoadOp>(op);
    auto type = cast<RankedTensorType>(load.getValue().getType());
    Value memory = mlir::seq::ParameterMemoryOp::create(
        rewriter, op->getLoc(), MemRefType::get(type.getShape(), type.getElementType()), load.getParameterAttr());
    replaceOpWithBufferizedValues(rewriter, op, memory);
    return success();
  }
};

template <typename... Ops> void attachKernelModels(MLIRContext *context) {
  (Ops::template attachInterface<KernelModel<Ops>>(*context), ...);
}

} // namespace

void seqc::registerBufferizableOpInterfaces(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, mlir::seq::SeqDialect *) {
    using namespace mlir::seq;
    attachKernelModels<PackOp, PackedLinearOp, PackedEmbeddingOp, RouteOp, PackedExpertLinearOp, AttentionOp,
                       KvAppendOp, PositionsOp, RotaryOp, RmsNormOp, LayerNormOp, GroupNormOp, L2NormOp, StateMixOp,
                       SelectiveScanOp, ScanOp, ConvOp, TokenShiftOp, StateSelectOp, StateRollbackOp, LastOp>(context);
  });
  registry.addExtension(+[](MLIRContext *context, mlir::seqm::SeqmDialect *) {
    mlir::seqm::LoadOp::attachInterface<LoadModel>(*context);
  });
}
