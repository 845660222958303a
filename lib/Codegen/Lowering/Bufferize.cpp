//===- Bufferize.cpp - Give every tensor a buffer -------------------------===//

#include "KernelFunctions.h"
#include "LocalStates.h"
#include "dialects/Module/Module.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "seq/Codegen/CPU/Kernel.h"
#include "seq/Codegen/CPU/Target.h"
#include "seq/Codegen/Lowering/Passes.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/TypeSwitch.h"

namespace seqc {
#define GEN_PASS_DEF_SEQBUFFERIZE
#include "lib/Codegen/Lowering/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace mlir::bufferization;

namespace {

struct SeqBufferize : seqc::impl::SeqBufferizeBase<SeqBufferize> {
  using SeqBufferizeBase::SeqBufferizeBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    SeqBufferizeBase::getDependentDialects(registry);
    seqc::registerBufferizableOpInterfaces(registry);
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto target = seqc::cpu::getTarget(cpu, features);
    if (!target) {
      module.emitError(llvm::toString(target.takeError()));
      return signalPassFailure();
    }
    // Kernels are made while tensors get their buffers, far from this pass's options.
    if (target->avx512)
      module->setAttr("seq.avx512", UnitAttr::get(&getContext()));
    if (llvm::is_contained(target->required, target->avx512 ? "avx512vnni" : "avxvnni"))
      module->setAttr("seq.byte_dots", UnitAttr::get(&getContext()));
    if (failed(checkElementTypes(module)) || failed(seqc::checkUpdates(module)))
      return signalPassFailure();
    protectArguments(module);
    noteIndexLimits(module);
    noteLengths(module);
    if (failed(bufferize(module)))
      return signalPassFailure();
    module->removeAttr("seq.avx512");
    module->removeAttr("seq.byte_dots");
  }

  /// Kernels work in f32, scans in f64 too; those that only move or convert elements take any.
  static LogicalResult checkElementTypes(ModuleOp module) {
    WalkResult result = module.walk([](Operation *op) {
      if (!seqc::cpu::hasKernel(op) ||
          isa<mlir::seq::PackOp, mlir::seq::LastOp, mlir::seq::PositionsOp, mlir::seq::StateInitOp>(op))
        return WalkResult::advance();
      for (auto types : {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
        for (Type type : types)
          if (auto element = dyn_cast_or_null<FloatType>(elementOf(type));
              element && !element.isF32() && !(element.isF64() && isa<mlir::seq::ScanOp>(op))) {
            op->emitOpError("works in f32, but has the type ")
                << type << ": convert tensors with arith.extf or arith.truncf, and give states elements of f32";
            return WalkResult::interrupt();
          }
      return WalkResult::advance();
    });
    return failure(result.wasInterrupted());
  }

  static Type elementOf(Type type) {
    if (auto state = dyn_cast<mlir::seq::StateType>(type))
      return state.getElementType();
    if (auto kv = dyn_cast<mlir::seq::KVType>(type))
      return kv.getElementType();
    return getElementTypeOrSelf(type);
  }

  /// Callers keep what they pass to an exported function: it must not be written.
  static void protectArguments(ModuleOp module) {
    for (auto exported : module.getOps<mlir::seqm::ExportOp>()) {
      auto function = module.lookupSymbol<func::FuncOp>(exported.getFunction());
      for (unsigned i = 0; i < function.getNumArguments(); ++i)
        if (isa<TensorType>(function.getArgument(i).getType()))
          function.setArgAttr(i, BufferizationDialect::kWritableAttrName, BoolAttr::get(module.getContext(), false));
    }
  }

  /// Indices that are arguments of an export are checked before the call changes anything:
  /// the entry needs the sizes of what they index.
  static void noteIndexLimits(ModuleOp module) {
    auto note = [](Value indices, StringRef attribute, int64_t limit) {
      auto argument = dyn_cast<BlockArgument>(indices);
      if (auto function = argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()) : func::FuncOp())
        function.setArgAttr(argument.getArgNumber(), attribute,
                            IntegerAttr::get(IntegerType::get(function.getContext(), 64), limit));
    };
    module.walk([&](mlir::seq::PackedEmbeddingOp embedding) {
      note(embedding.getIds(), "seq.index_limit", cast<mlir::seq::PackingType>(embedding.getPacking()).getOutputs());
    });
    module.walk([&](mlir::seq::PackedExpertLinearOp layer) {
      note(layer.getIndices(), "seq.expert_limit", cast<mlir::seq::PackingType>(layer.getPacking()).getMatrices());
    });
  }

  /// Lengths are checked there too.
  static void noteLengths(ModuleOp module) {
    llvm::StringMap<SmallVector<func::CallOp>> calls;
    module.walk([&](func::CallOp call) { calls[call.getCallee()].push_back(call); });
    auto note = [&](auto &note, Value lengths, IntegerAttr tokens) -> void {
      auto argument = dyn_cast<BlockArgument>(lengths);
      auto function = argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()) : func::FuncOp();
      if (!function)
        return;
      function.setArgAttr(argument.getArgNumber(), "seq.length_limit", tokens);
      for (func::CallOp call : calls.lookup(function.getSymName()))
        note(note, call.getOperand(argument.getArgNumber()), tokens);
    };
    module.walk([&](Operation *op) {
      Value lengths = lengthsOf(op);
      if (!lengths)
        return;
      int64_t tokens = cast<RankedTensorType>(op->getOperand(0).getType()).getDimSize(1);
      note(note, lengths, IntegerAttr::get(IntegerType::get(op->getContext(), 64), tokens));
    });
  }

  static Value lengthsOf(Operation *op) {
    using namespace mlir::seq;
    return llvm::TypeSwitch<Operation *, Value>(op)
        .Case<StateMixOp, SelectiveScanOp, ScanOp, ConvOp, TokenShiftOp>([](auto known) { return known.getLengths(); })
        .Default([](Operation *) { return Value(); });
  }

  /// Functions get their buffers in an order that depends on addresses, and kernels are
  /// made on the way. Sorted by name, they are in the same order each time.
  static void sortKernels(ModuleOp module) {
    SmallVector<func::FuncOp> kernels;
    for (auto function : module.getOps<func::FuncOp>())
      if (seqc::isKernel(function.getSymName()))
        kernels.push_back(function);
    llvm::sort(kernels, [](func::FuncOp a, func::FuncOp b) { return a.getSymName() < b.getSymName(); });
    for (func::FuncOp kernel : kernels)
      kernel->moveBefore(module.getBody(), module.getBody()->end());
  }

  static LogicalResult bufferize(ModuleOp module) {
    PassManager before(module.getContext());
    before.addPass(createEmptyTensorEliminationPass());
    before.addPass(createEmptyTensorToAllocTensorPass());
    if (failed(before.run(module)))
      return failure();
    OneShotBufferizationOptions options;
    options.bufferizeFunctionBoundaries = true;
    options.setFunctionBoundaryTypeConversion(LayoutMapOption::IdentityLayoutMap);
    options.bufferAlignment = 64;
    BufferizationState state;
    if (failed(runOneShotModuleBufferize(module, options, state)) || failed(seqc::makeLocalStates(module)))
      return failure();
    sortKernels(module);
    PassManager after(module.getContext());
    after.addPass(createCSEPass());
    after.addPass(createCanonicalizerPass());
    return after.run(module);
  }
};

} // namespace
