//===- ModelInput.cpp - The model that seqc is given ----------------------===//

#include "ModelInput.h"
#include "mlir/Parser/Parser.h"
#include "seq/Import/Import.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"

using namespace seqc;

static llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> parseModule(mlir::MLIRContext &context, llvm::StringRef path) {
  // Behind the first error the parser only says what it could not read because of it.
  bool hasError = false;
  mlir::ScopedDiagnosticHandler firstError(&context, [&](mlir::Diagnostic &diagnostic) {
    bool isError = diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
    bool isShown = !isError || !hasError;
    hasError |= isError;
    return mlir::failure(isShown); // a failure leaves it to the handler outside
  });
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(path, &context);
  if (!module)
    return llvm::createStringError("'" + path.str() + "' is no valid MLIR");
  return module;
}

/// Whether a file is MLIR: bytecode by how it starts, text by its name.
static bool isMLIR(llvm::StringRef path) {
  if (llvm::sys::fs::is_directory(path))
    return false;
  if (path.ends_with(".mlir") || path.ends_with(".mlirbc"))
    return true;
  auto start = llvm::MemoryBuffer::getFileSlice(path, 4, 0);
  return start && (*start)->getBuffer() == "ML\xEFR";
}

static llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> readModule(mlir::MLIRContext &context, llvm::StringRef path,
                                                                    int64_t maxContext) {
  if (!llvm::sys::fs::exists(path))
    return llvm::createStringError("'" + path.str() + "' does not exist");
  // A pipe or a device would be waited for, or read without end.
  if (!llvm::sys::fs::is_directory(path) && !llvm::sys::fs::is_regular_file(path))
    return llvm::createStringError("'" + path.str() + "' is neither a file nor a folder");
  if (importer::detectFormat(path) == importer::ModelFormat::Unknown) {
    if (!isMLIR(path))
      return llvm::createStringError(path.str() + ": is not a model: neither a folder with config.json, nor a GGUF "
                                                  "file, nor MLIR (text in a .mlir, or bytecode)");
    return parseModule(context, path);
  }
  importer::ImportOptions options;
  options.maxContext = maxContext;
  return importer::importModel(&context, path, options);
}

llvm::Expected<Model> seqc::loadModel(mlir::MLIRContext &context, llvm::StringRef path, int64_t maxContext) {
  auto module = readModule(context, path, maxContext);
  if (!module)
    return module.takeError();
  Model model;
  model.module = std::move(*module);
  auto tokenizerFile = (*model.module)->getAttrOfType<mlir::StringAttr>("seqm.tokenizer");
  if (maxContext > 0)
    (*model.module)->setAttr("seqm.context", mlir::IntegerAttr::get(mlir::IntegerType::get(&context, 64), maxContext));
  if (!tokenizerFile)
    return model;
  if (!llvm::sys::fs::exists(tokenizerFile.getValue()))
    return llvm::createStringError(path.str() + ": seqm.tokenizer names '" + tokenizerFile.getValue().str() +
                                   "', which does not exist: mend the path, or take the attribute away to compile "
                                   "without a tokenizer");
  auto tokenizer = importer::importTokenizer(tokenizerFile.getValue());
  if (!tokenizer)
    return tokenizer.takeError();
  model.tokenizer = std::move(*tokenizer);
  return model;
}
