//===- Reproducer.h - A failing case as a .mlir file ------------*- C++ -*-===//

#ifndef SEQ_TEST_FUZZ_REPRODUCER_H
#define SEQ_TEST_FUZZ_REPRODUCER_H

#include "Program.h"
#include "mlir/IR/BuiltinOps.h"

namespace seqc::fuzz {

/// The module with two private functions more: `inputs` returns the arguments as constants; `check` calls
/// `forward` on them and expects what compiled code gave (`given`, empty where it gave nothing). Its head says which
/// commands show the failure.
std::string reproducer(mlir::ModuleOp module, const Program &program, llvm::ArrayRef<reference::Tensor> arguments,
                       llvm::ArrayRef<std::vector<double>> given, const std::string &message);

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_REPRODUCER_H
