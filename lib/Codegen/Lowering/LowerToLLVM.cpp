//===- LowerToLLVM.cpp - The last step: everything to the LLVM dialect ----===//

#include "NarrowFloats.h"
#include "dialects/Module/Module.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"
#include "seq/Codegen/Lowering/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQLOWERTOLLVM
#include "lib/Codegen/Lowering/Passes.h.inc"
} // namespace seqc

using namespace mlir;

namespace {

/// A pointer becomes a descriptor of identity layout.
struct LowerView : ConvertOpToLLVMPattern<mlir::seq::ViewOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult matchAndRewrite(mlir::seq::ViewOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto type = cast<MemRefType>(op.getMemory().getType());
    Location loc = op.getLoc();
    Value pointer = LLVM::GEPOp::create(rewriter, loc, adaptor.getPointer().getType(), rewriter.getI8Type(),
                                        adaptor.getPointer(), ArrayRef<LLVM::GEPArg>{adaptor.getOffset()});
    SmallVector<Value> sizes, strides;
    Value bytes;
    getMemRefDescriptorSizes(loc, type, adaptor.getSizes(), rewriter, sizes, strides, bytes, /*sizeInBytes=*/false);
    Value descriptor = createMemRefDescriptor(loc, type, pointer, pointer, sizes, strides, rewriter);
    rewriter.replaceOp(op, descriptor);
    return success();
  }
};

struct SeqLowerToLLVM : seqc::impl::SeqLowerToLLVMBase<SeqLowerToLLVM> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (Operation &op : llvm::make_early_inc_range(*module.getBody()))
      if (isa<mlir::seqm::ParameterOp, mlir::seqm::ExportOp>(op))
        op.erase();
    // What they said has been done; LLVM knows nothing of it.
    for (auto function : module.getOps<func::FuncOp>())
      function.removeArgAttrsAttr();
    if (failed(prepare(module)) || failed(lowerVectors(module)) || failed(convert(module)))
      signalPassFailure();
  }

  LogicalResult prepare(ModuleOp module) {
    PassManager passes(&getContext());
    passes.addPass(memref::createExpandStridedMetadataPass());
    passes.addPass(createLowerAffinePass());
    passes.addPass(createSCFToControlFlowPass());
    passes.addPass(arith::createArithExpandOpsPass());
    passes.addPass(createCSEPass());
    passes.addPass(createCanonicalizerPass());
    return passes.run(module);
  }

  LogicalResult lowerVectors(ModuleOp module) {
    RewritePatternSet patterns(&getContext());
    vector::populateVectorBroadcastLoweringPatterns(patterns);
    vector::populateVectorTransposeLoweringPatterns(patterns, vector::VectorTransposeLowering::Shuffle1D);
    vector::populateVectorShapeCastLoweringPatterns(patterns);
    vector::populateVectorMaskOpLoweringPatterns(patterns);
    vector::populateVectorMaskMaterializationPatterns(patterns, /*force32BitVectorIndices=*/true);
    vector::populateVectorMultiReductionLoweringPatterns(patterns, vector::VectorMultiReductionLowering::InnerParallel);
    vector::populateVectorTransferLoweringPatterns(patterns, /*maxTransferRank=*/1);
    return applyPatternsGreedily(module, std::move(patterns));
  }

  LogicalResult convert(ModuleOp module) {
    LowerToLLVMOptions options(&getContext());
    LLVMTypeConverter types(&getContext(), options);
    types.addConversion([](Type type) -> std::optional<Type> {
      return mlir::seq::getBlockFormat(type) ? std::optional<Type>(IntegerType::get(type.getContext(), 8))
                                             : std::nullopt;
    });
    RewritePatternSet patterns(&getContext());
    SymbolTableCollection symbols;
    arith::populateArithToLLVMConversionPatterns(types, patterns);
    populateMathToLLVMConversionPatterns(types, patterns);
    index::populateIndexToLLVMConversionPatterns(types, patterns);
    populateFinalizeMemRefToLLVMConversionPatterns(types, patterns, &symbols);
    cf::populateControlFlowToLLVMConversionPatterns(types, patterns);
    populateFuncToLLVMConversionPatterns(types, patterns, &symbols);
    ub::populateUBToLLVMConversionPatterns(types, patterns);
    vector::populateVectorRankReducingFMAPattern(patterns);
    populateVectorToLLVMConversionPatterns(types, patterns, /*reassociateFPReductions=*/false,
                                           /*force32BitVectorIndices=*/true);
    patterns.add<LowerView>(types);
    LLVMConversionTarget target(getContext());
    target.addLegalOp<ModuleOp>();
    if (failed(applyPartialConversion(module, target, std::move(patterns))))
      return failure();
    seqc::maskNarrowFloatsAsIntegers(module);
    PassManager passes(&getContext());
    passes.addPass(createReconcileUnrealizedCastsPass());
    passes.addPass(createCanonicalizerPass());
    passes.addPass(createCSEPass());
    return passes.run(module);
  }
};

} // namespace
