//===- seq-opt.cpp - An mlir-opt that knows sequence models ---------------===//

#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "seq/Pipelines/Registration.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  seqc::registerDialects(registry);
  seqc::registerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "seq-opt: the optimizer driver of seqc\n", registry));
}
