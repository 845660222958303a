//===- Registration.cpp - Everything that the tools know ------------------===//

#include "seq/Pipelines/Registration.h"
#include "dialects/Check/Check.h"
#include "dialects/Module/Module.h"
#include "dialects/Seq/Seq.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "seq/Codegen/Lowering/Passes.h"
#include "seq/Codegen/Passes.h"
#include "seq/Conversion/Passes.h"
#include "seq/Pipelines/Stages.h"
#include "seq/Reference/Passes.h"
#include "seq/Transforms/Passes.h"

void seqc::registerDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  registerBufferizableOpInterfaces(registry);
  registry.insert<mlir::seq::SeqDialect, mlir::seqm::SeqmDialect, mlir::check::CheckDialect>();
}

void seqc::registerPasses() {
  mlir::registerAllPasses();
  registerSeqTransformsPasses();
  registerSeqConversionPasses();
  registerSeqLoweringPasses();
  registerSeqReferencePasses();
  registerSeqCodegenPasses();
  registerStagePipelines();
}
