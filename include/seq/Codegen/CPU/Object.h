//===- Object.h - Machine code for a module ---------------------*- C++ -*-===//

#ifndef SEQ_CODEGEN_CPU_OBJECT_H
#define SEQ_CODEGEN_CPU_OBJECT_H

#include "mlir/IR/BuiltinOps.h"
#include "seq/Codegen/CPU/Target.h"
#include "llvm/Support/Error.h"
#include <map>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace seqc::cpu {

/// A position-independent ELF image without undefined symbols, and where its entry
/// functions are.
struct Image {
  std::string bytes;
  std::map<std::string, uint64_t> symbols; ///< entry function → virtual address
};

/// Translates a module in the LLVM dialect to LLVM IR for the target and optimises it.
/// All functions but the entries (seq_export_*) become internal.
llvm::Expected<std::unique_ptr<llvm::Module>> translateToLLVMIR(mlir::ModuleOp module, const Target &target,
                                                                llvm::LLVMContext &context);

/// An object file, or assembly text, of optimised LLVM IR.
llvm::Expected<std::string> emitObject(llvm::Module &module, const Target &target, bool assembly = false);

/// Links one object into an image, with lld in this process.
llvm::Expected<Image> linkImage(llvm::StringRef object);

} // namespace seqc::cpu

#endif // SEQ_CODEGEN_CPU_OBJECT_H
