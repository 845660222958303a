//===- Registration.cpp - Everything that the tools know ------------------===//

#include "seq/Pipelines/Registration.h"
#include "dialects/Check/Check.h"
#include "dialects/Module/Module.h"
#include "dialects/Seq/Seq.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"

void seqc::registerDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  registry.insert<mlir::seq::SeqDialect, mlir::seqm::SeqmDialect, mlir::check::CheckDialect>();
}

void seqc::registerPasses() { mlir::registerAllPasses(); }
