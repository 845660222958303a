//===- Object.cpp - Machine code for a module -----------------------------===//

#include "seq/Codegen/CPU/Object.h"
#include "lld/Common/Driver.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Linker/Linker.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/Transforms/IPO/Internalize.h"

LLD_HAS_DRIVER(elf)

using namespace seqc::cpu;

static constexpr const char *kTriple = "x86_64-unknown-linux-gnu";
static constexpr const char *kEntryPrefix = "seq_export_";

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>> targetMachine(const Target &target) {
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
  llvm::InitializeAllAsmPrinters();
  llvm::InitializeAllAsmParsers(); // for the inline assembly of memory functions
  std::string error;
  llvm::Triple triple(kTriple);
  const llvm::Target *backend = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend)
    return llvm::createStringError("this build of LLVM has no x86-64 backend: " + error);
  llvm::TargetOptions options;
  return std::unique_ptr<llvm::TargetMachine>(backend->createTargetMachine(triple, target.cpu, target.features, options,
                                                                           llvm::Reloc::PIC_, llvm::CodeModel::Small,
                                                                           llvm::CodeGenOptLevel::Aggressive));
}

/// LLVM turns loops into memcpy, memmove and memset where it sees them; an image brings
/// its own, as it may call nothing outside. `rep movsb` and `rep stosb` are quick on all
/// targets.
static llvm::Error defineMemoryFunctions(llvm::Module &module) {
  static constexpr const char *source = R"(
    define internal ptr @memcpy(ptr %to, ptr %from, i64 %n) nounwind "no-builtins" {
      call { ptr, ptr, i64 } asm sideeffect "rep movsb", "={di},={si},={cx},0,1,2,~{memory},~{dirflag},~{fpsr},~{flags}"(ptr %to, ptr %from, i64 %n)
      ret ptr %to
    }
    define internal ptr @memset(ptr %to, i32 %value, i64 %n) nounwind "no-builtins" {
      %byte = trunc i32 %value to i8
      call { ptr, i64 } asm sideeffect "rep stosb", "={di},={cx},0,1,{al},~{memory},~{dirflag},~{fpsr},~{flags}"(ptr %to, i64 %n, i8 %byte)
      ret ptr %to
    }
    @llvm.used = appending global [2 x ptr] [ptr @memcpy, ptr @memset], section "llvm.metadata"
  )";
  llvm::SMDiagnostic diagnostic;
  auto functions = llvm::parseAssemblyString(source, diagnostic, module.getContext());
  if (!functions)
    return llvm::createStringError("memory functions: " + diagnostic.getMessage());
  functions->setTargetTriple(module.getTargetTriple());
  functions->setDataLayout(module.getDataLayout());
  if (llvm::Linker::linkModules(module, std::move(functions)))
    return llvm::createStringError("memory functions do not link");
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<llvm::Module>> seqc::cpu::translateToLLVMIR(mlir::ModuleOp module, const Target &target,
                                                                           llvm::LLVMContext &context) {
  auto machine = targetMachine(target);
  if (!machine)
    return machine.takeError();
  auto llvmModule = mlir::translateModuleToLLVMIR(module, context, "seqc");
  if (!llvmModule)
    return llvm::createStringError("the module does not translate to LLVM IR");
  llvmModule->setTargetTriple((*machine)->getTargetTriple());
  llvmModule->setDataLayout((*machine)->createDataLayout());
  if (llvm::Error error = defineMemoryFunctions(*llvmModule))
    return error;
  for (llvm::Function &function : *llvmModule) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", target.cpu);
    function.addFnAttr("target-features", target.features);
    function.addFnAttr("prefer-vector-width", target.avx512 ? "512" : "256");
    function.addFnAttr("no-trapping-math", "true");
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
  llvm::internalizeModule(*llvmModule,
                          [](const llvm::GlobalValue &value) { return value.getName().starts_with(kEntryPrefix); });

  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  // Kernels are vectors already; unrolling them again only costs code and time.
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  llvm::PassBuilder builder(machine->get(), tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(*llvmModule, modules);
  return llvmModule;
}

llvm::Expected<std::string> seqc::cpu::emitObject(llvm::Module &module, const Target &target, bool assembly) {
  auto machine = targetMachine(target);
  if (!machine)
    return machine.takeError();
  llvm::SmallString<0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(
          passes, stream, nullptr, assembly ? llvm::CodeGenFileType::AssemblyFile : llvm::CodeGenFileType::ObjectFile))
    return llvm::createStringError("the backend can not write this kind of file");
  passes.run(module);
  return std::string(bytes);
}

static llvm::Error writeFile(llvm::StringRef path, llvm::StringRef bytes) {
  std::error_code error;
  llvm::raw_fd_ostream stream(path, error);
  if (!error) {
    stream << bytes;
    stream.close();
    error = stream.error();
    stream.clear_error();
  }
  return error ? llvm::createStringError("cannot write '" + path.str() + "': " + error.message())
               : llvm::Error::success();
}

static llvm::Expected<std::string> runLinker(llvm::StringRef object, llvm::StringRef folder) {
  std::string input = (folder + "/code.o").str(), output = (folder + "/code.so").str();
  if (llvm::Error error = writeFile(input, object))
    return error;
  std::string diagnostics;
  llvm::raw_string_ostream out(diagnostics);
  const char *arguments[] = {"ld.lld",
                             "-shared",
                             "-z",
                             "defs",
                             "-z",
                             "noexecstack",
                             "--gc-sections",
                             "--strip-all",
                             "-Bsymbolic",
                             "--hash-style=gnu",
                             "--build-id=none",
                             "-o",
                             output.c_str(),
                             input.c_str()};
  lld::Result result = lld::lldMain(arguments, out, out, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0)
    return llvm::createStringError("linking the code failed: " + diagnostics);
  auto buffer = llvm::MemoryBuffer::getFile(output, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createStringError("can not read the linked code: " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

llvm::Expected<Image> seqc::cpu::linkImage(llvm::StringRef object) {
  llvm::SmallString<128> folder;
  if (std::error_code error = llvm::sys::fs::createUniqueDirectory("seqc", folder))
    return llvm::createStringError("can not make a temporary folder: " + error.message());
  auto bytes = runLinker(object, folder);
  (void)llvm::sys::fs::remove_directories(folder); // what is left of it harms nobody
  if (!bytes)
    return bytes.takeError();
  Image image;
  image.bytes = std::move(*bytes);
  auto file = llvm::object::ObjectFile::createELFObjectFile(llvm::MemoryBufferRef(image.bytes, "code"));
  if (!file)
    return file.takeError();
  for (const auto &symbol : llvm::cast<llvm::object::ELFObjectFileBase>(**file).getDynamicSymbolIterators()) {
    auto name = symbol.getName();
    auto address = symbol.getAddress();
    if (!name || !address)
      return llvm::createStringError("the linked code has a broken symbol table");
    if (name->starts_with(kEntryPrefix))
      image.symbols[name->str()] = *address;
  }
  return image;
}
