//===- seq-reduce.cpp - Makes programs that show a failure smaller --------===//

#include "Patterns.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"
#include "seq/Pipelines/Registration.h"
#include "llvm/Support/raw_ostream.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  seqc::registerDialects(registry);
  seqc::registerReductionPatterns(registry);
  seqc::registerPasses();
  mlir::MLIRContext context(registry);
  if (mlir::succeeded(mlir::mlirReduceMain(argc, argv, context)))
    return 0;
  // MLIR says nothing where the script finds nothing.
  llvm::errs() << "seq-reduce: error: nothing is reduced: the program has errors, or the script that test= names does "
                  "not exit with 1 for it\n";
  return 1;
}
