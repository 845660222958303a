#include "seq/Import/Import.h"

#include "Checkpoint.h"
#include "dialects/Module/Module.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "seq/Import/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace seqc::importer {

ModelFormat detectFormat(StringRef path) {
  if (llvm::sys::fs::is_directory(path)) {
    SmallString<256> config(path);
    llvm::sys::path::append(config, "config.json");
    return llvm::sys::fs::exists(config) ? ModelFormat::HuggingFace : ModelFormat::Unknown;
  }
  auto start = llvm::MemoryBuffer::getFileSlice(path, 4, 0);
  if (start && (*start)->getBuffer() == "GGUF")
    return ModelFormat::GGUF;
  return ModelFormat::Unknown;
}

void registerImportDialects(DialectRegistry &registry) {
  registry.insert<arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect, math::MathDialect,
                  mlir::seq::SeqDialect, seqm::SeqmDialect, tensor::TensorDialect>();
}

static ImportedModule importHuggingFace(MLIRContext *context, StringRef folder, const ImportOptions &options) {
  SmallString<256> path(folder);
  llvm::sys::path::append(path, "config.json");
  llvm::Expected<Config> config = Config::open(path);
  if (!config)
    return config.takeError();
  std::string type = config->getString("model_type");
  if (llvm::Error error = config->takeError())
    return std::move(error);
  HuggingFaceImporter importer = findHuggingFaceImporter(type);
  if (!importer)
    return makeError(path, "model_type " + quoted(type) + " is not supported; supported are " +
                               listHuggingFaceArchitectures());
  llvm::Expected<HuggingFaceModel> model = openHuggingFace(folder, std::move(*config), options);
  if (!model)
    return model.takeError();
  return importer(context, *model);
}

/// Large models come in several files, of which each is a GGUF file itself.
static llvm::Error checkWhole(const GGUFFile &file) {
  if (!file.find("split.count"))
    return llvm::Error::success();
  llvm::Expected<int64_t> parts = file.getInt("split.count", 0, UINT16_MAX);
  if (!parts)
    return parts.takeError();
  if (*parts > 1)
    return makeError(file.path(), "is one of " + Twine(*parts) + " parts of a model; merge them into one file first");
  return llvm::Error::success();
}

static ImportedModule importGGUF(MLIRContext *context, StringRef path, const ImportOptions &options) {
  auto file = GGUFFile::open(path);
  if (!file)
    return file.takeError();
  if (llvm::Error error = checkWhole(**file))
    return std::move(error);
  llvm::Expected<StringRef> architecture = (*file)->getString("general.architecture");
  if (!architecture)
    return architecture.takeError();
  GGUFImporter importer = findGGUFImporter(*architecture);
  if (!importer)
    return makeError(path, "architecture " + quoted(*architecture) + " is not supported; supported are " +
                               listGGUFArchitectures());
  GGUFModel model;
  model.options = options;
  model.info.name = llvm::sys::path::stem(path).str();
  if ((*file)->find("general.name")) {
    llvm::Expected<StringRef> name = (*file)->getString("general.name");
    if (!name)
      return name.takeError();
    if (!name->empty())
      model.info.name = printable(*name);
  }
  if ((*file)->find("tokenizer.ggml.model"))
    model.info.tokenizer = path.str();
  model.file = std::move(*file);
  return importer(context, model);
}

ImportedModule importModel(MLIRContext *context, StringRef path, const ImportOptions &options) {
  DialectRegistry registry;
  registerImportDialects(registry);
  context->appendDialectRegistry(registry);
  for (StringRef name : registry.getDialectNames())
    context->getOrLoadDialect(name);

  if (options.maxContext < 0 || options.maxContext > kMaxContext)
    return makeError(path, "a context of " + Twine(options.maxContext) + " tokens is not possible; at most " +
                               Twine(kMaxContext) + " are");
  switch (detectFormat(path)) {
  case ModelFormat::HuggingFace:
    return importHuggingFace(context, path, options);
  case ModelFormat::GGUF:
    return importGGUF(context, path, options);
  case ModelFormat::Unknown:
    break;
  }
  if (!llvm::sys::fs::exists(path))
    return makeError(path, "no such file or folder");
  return makeError(path, "is not a model: neither a folder with config.json "
                         "nor a GGUF file");
}

} // namespace seqc::importer
