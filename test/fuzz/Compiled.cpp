//===- Compiled.cpp - A program as a module that runs ---------------------===//

#include "Compiled.h"
#include "seq/Pipelines/Compiler.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include <unistd.h>

using namespace seqc::fuzz;

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

llvm::Expected<CompiledFile> CompiledFile::compile(mlir::ModuleOp module, const std::vector<std::string> &cpus,
                                                   const std::string &folder) {
  seqc::CompileOptions options;
  options.cpus = cpus;
  CompiledFile file(llvm::formatv("{0}/fuzz-{1}.seqm", folder, getpid()));
  if (llvm::Error error = compileToFile(module, "", options, file.path))
    return error;
  return file;
}

CompiledFile::~CompiledFile() {
  if (!path.empty())
    llvm::sys::fs::remove(path);
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

static llvm::Error asError(const seqrt_status &status) {
  return status.code ? llvm::createStringError(llvm::StringRef(status.message)) : llvm::Error::success();
}

static seqrt_dtype dtypeOf(Element element) {
  switch (element) {
  case Element::F32:
    return {SEQRT_FLOAT, 32, 1};
  case Element::F16:
    return {SEQRT_FLOAT, 16, 1};
  case Element::BF16:
    return {SEQRT_BFLOAT, 16, 1};
  case Element::F64:
    return {SEQRT_FLOAT, 64, 1};
  case Element::I1:
    return {SEQRT_BOOL, 8, 1};
  case Element::I32:
    return {SEQRT_INT, 32, 1};
  case Element::I64:
    return {SEQRT_INT, 64, 1};
  }
  llvm_unreachable("all elements are above");
}

static llvm::Expected<Element> elementOf(seqrt_dtype type) {
  for (Element element :
       {Element::F32, Element::F16, Element::BF16, Element::F64, Element::I1, Element::I32, Element::I64})
    if (seqrt_dtype known = dtypeOf(element); known.code == type.code && known.bits == type.bits)
      return element;
  return llvm::createStringError(std::string("a result has the unknown type ") + seqrt_dtype_name(type));
}

llvm::Expected<std::unique_ptr<Session>> Session::open(const std::string &path, const std::string &cpu, int64_t threads,
                                                       int64_t batch) {
  auto session = std::make_unique<Session>();
  session->threads = threads;
  session->batch = batch;
  seqrt_open_options options = SEQRT_OPEN_OPTIONS_INIT;
  options.target = cpu.c_str();
  if (llvm::Error error = asError(seqrt_module_open(path.c_str(), &options, &session->module)))
    return error;
  if (llvm::Error error = session->createContext())
    return error;
  return session;
}

llvm::Error Session::createContext() {
  seqrt_context_options options = SEQRT_CONTEXT_OPTIONS_INIT;
  options.threads = static_cast<int32_t>(threads);
  options.batch = batch;
  return asError(seqrt_context_create(module, &options, &context));
}

Session::~Session() {
  seqrt_context_release(context);
  seqrt_module_release(module);
}

llvm::Error Session::reset() { return asError(seqrt_context_reset(context)); }

llvm::Error Session::saveAndLoad() {
  size_t size = 0;
  if (llvm::Error error = asError(seqrt_context_save_memory(context, nullptr, &size)))
    return error;
  std::vector<char> saved(size);
  if (llvm::Error error = asError(seqrt_context_save_memory(context, saved.data(), &size)))
    return error;
  seqrt_context_release(context);
  context = nullptr;
  if (llvm::Error error = createContext())
    return error;
  return asError(seqrt_context_load_memory(context, saved.data(), size));
}

static seqrt_tensor view(Buffer &buffer) {
  return {buffer.bytes.data(),
          {1, 0},
          static_cast<int32_t>(buffer.shape.size()),
          dtypeOf(buffer.element),
          buffer.shape.data(),
          nullptr,
          0};
}

llvm::Expected<std::vector<Buffer>> Session::call(const std::string &name, llvm::ArrayRef<Buffer> arguments) {
  int64_t index = seqrt_module_find_export(module, name.c_str());
  if (index < 0)
    return llvm::createStringError("the module has no export '" + name + "'");
  const seqrt_export_info *info = seqrt_module_export(module, index);
  std::vector<Buffer> given(arguments.begin(), arguments.end()), results;
  std::vector<seqrt_tensor> inputs, outputs;
  for (Buffer &buffer : given)
    inputs.push_back(view(buffer));
  for (size_t i = 0; i < info->result_count; ++i) {
    const seqrt_tensor_info &wanted = *info->results[i];
    auto element = elementOf(wanted.dtype);
    if (!element)
      return element.takeError();
    Buffer result{*element, reference::Tensor::Shape(wanted.rank), {}};
    if (llvm::Error error =
            asError(seqrt_context_result_shape(context, index, inputs.data(), inputs.size(), i, result.shape.data())))
      return error;
    result.bytes.assign(reference::Tensor::count(result.shape) * elementBytes(*element), static_cast<char>(0xff));
    results.push_back(std::move(result));
  }
  for (Buffer &buffer : results)
    outputs.push_back(view(buffer));
  if (llvm::Error error = asError(
          seqrt_context_call_index(context, index, inputs.data(), inputs.size(), outputs.data(), outputs.size())))
    return error;
  return results;
}
