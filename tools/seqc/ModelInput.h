//===- ModelInput.h - The model that seqc is given --------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQC_MODELINPUT_H
#define SEQ_TOOLS_SEQC_MODELINPUT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace seqc {

struct Model {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string tokenizer; ///< bytes of the tokenizer section, empty without one
};

/// Reads a model, told apart by what it is. `maxContext` 0 keeps the model's own.
llvm::Expected<Model> loadModel(mlir::MLIRContext &context, llvm::StringRef path, int64_t maxContext);

} // namespace seqc

#endif // SEQ_TOOLS_SEQC_MODELINPUT_H
