//===- CompiledText.cpp - Machine code of functions in text ---------------===//

#include "CompiledText.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "seq/Codegen/CPU/Object.h"
#include "seq/Pipelines/Registration.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Module.h"

using namespace mlir;
using namespace seqc::test;

struct CompiledText::Code {
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

template <typename T> static T orAbort(llvm::Expected<T> value) {
  if (!value)
    llvm::report_fatal_error(value.takeError());
  return std::move(*value);
}

CompiledText::CompiledText(llvm::StringRef text, llvm::StringRef pipeline, llvm::StringRef cpu)
    : code(std::make_unique<Code>()) {
  static const bool registered = (seqc::registerPasses(), true);
  (void)registered;
  DialectRegistry registry;
  seqc::registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  auto target = orAbort(seqc::cpu::getTarget(cpu));
  auto module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    llvm::report_fatal_error("the test's text does not parse");
  PassManager passes(&context);
  std::string all = pipeline.str() + (pipeline.empty() ? "" : ",") +
                    "seq-expand-math{avx512=" + (target.avx512 ? "true" : "false") +
                    "},canonicalize,cse,seq-lower-to-llvm";
  if (failed(parsePassPipeline(all, passes)) || failed(passes.run(*module)))
    llvm::report_fatal_error("the test's text does not compile");
  llvm::LLVMContext llvmContext;
  auto llvmModule = orAbort(seqc::cpu::translateToLLVMIR(*module, target, llvmContext));
  std::string object = orAbort(seqc::cpu::emitObject(*llvmModule, target));
  code->jit = orAbort(llvm::orc::LLJITBuilder().create());
  if (auto error = code->jit->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(object)))
    llvm::report_fatal_error(std::move(error));
}

CompiledText::~CompiledText() = default;

void *CompiledText::find(llvm::StringRef name) { return orAbort(code->jit->lookup(name)).toPtr<void *>(); }
