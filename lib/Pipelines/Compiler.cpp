//===- Compiler.cpp - From a model to a module file -----------------------===//

#include "seq/Pipelines/Compiler.h"
#include "Describe.h"
#include "Explain.h"
#include "WeightsSection.h"
#include "dialects/Module/Module.h"
#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "seq/Codegen/CPU/Object.h"
#include "seq/Codegen/Lowering/Interface.h"
#include "seq/Module/Writer.h"
#include "seq/Runtime/ABI.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

using namespace mlir;
using namespace seqc;

namespace {

llvm::Error stageError(llvm::StringRef stage) {
  return llvm::createStringError("compilation stopped in the stage '" + stage.str() + "'");
}

llvm::Error runStages(ModuleOp module, llvm::StringRef from, llvm::StringRef to, const cpu::Target *target,
                      const CompileOptions &options) {
  bool active = false;
  for (const Stage &stage : stages()) {
    active |= from == stage.name;
    if (!active)
      continue;
    options.progress(stage.name, 0);
    if (failed(runStage(module, stage.name, target, options.stages)))
      return stageError(stage.name);
    if (to == stage.name)
      break;
  }
  return llvm::Error::success();
}

/// A function that is called, also by way of others, from itself; null if there is none.
func::FuncOp findRecursion(func::FuncOp function, SmallVectorImpl<func::FuncOp> &callers,
                           llvm::DenseSet<func::FuncOp> &done) {
  if (llvm::is_contained(callers, function))
    return function;
  if (!function || !done.insert(function).second)
    return {};
  callers.push_back(function);
  func::FuncOp found;
  function.walk([&](func::CallOp call) {
    found =
        findRecursion(SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr()), callers, done);
    return found ? WalkResult::interrupt() : WalkResult::advance();
  });
  callers.pop_back();
  return found;
}

/// What every stage takes for granted: exports take and return tensors and states, and calls come to an end.
llvm::Error checkProgram(ModuleOp module) {
  auto isValue = llvm::IsaPred<RankedTensorType, mlir::seq::StateType, mlir::seq::KVType>;
  for (auto exported : module.getOps<mlir::seqm::ExportOp>()) {
    FunctionType type = module.lookupSymbol<func::FuncOp>(exported.getFunction()).getFunctionType();
    for (Type given : llvm::concat<const Type>(type.getInputs(), type.getResults()))
      if (!isValue(given)) {
        std::string name;
        llvm::raw_string_ostream(name) << given;
        return llvm::createStringError("export '" + exported.getName().str() + "' takes or returns a " + name +
                                       ": exported functions take and return ranked tensors and states");
      }
  }
  llvm::DenseSet<func::FuncOp> done;
  SmallVector<func::FuncOp> callers;
  for (auto function : module.getOps<func::FuncOp>())
    if (func::FuncOp found = findRecursion(function, callers, done))
      return llvm::createStringError("function '" + found.getSymName().str() +
                                     "' calls itself: write a loop (scf.for) instead");
  return llvm::Error::success();
}

/// Code is the same for every layer of a kind, so parameters are found by number: those
/// that something loads, in the order of their declarations.
SmallVector<mlir::seqm::ParameterOp> numberParameters(ModuleOp module) {
  llvm::DenseSet<StringAttr> loaded;
  module.walk([&](mlir::seqm::LoadOp load) { loaded.insert(load.getParameterAttr().getAttr()); });
  SmallVector<mlir::seqm::ParameterOp> parameters;
  Type i64 = IntegerType::get(module.getContext(), 64);
  for (auto parameter : module.getOps<mlir::seqm::ParameterOp>())
    if (loaded.contains(parameter.getSymNameAttr())) {
      parameter->setAttr("seqm.number", IntegerAttr::get(i64, parameters.size()));
      parameters.push_back(parameter);
    }
  return parameters;
}

std::string printed(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  OpPrintingFlags flags;
  flags.elideLargeElementsAttrs(64);
  module.print(stream, flags);
  stream << "\n";
  return text;
}

llvm::Expected<std::vector<cpu::Target>> findTargets(const CompileOptions &options) {
  std::vector<cpu::Target> targets;
  for (const std::string &name : options.cpus) {
    auto target = cpu::getTarget(name, options.features);
    if (!target)
      return target.takeError();
    for (const cpu::Target &other : targets)
      if (other.name == name)
        return llvm::createStringError("--target-cpu names '" + name + "' twice");
    targets.push_back(std::move(*target));
  }
  return targets;
}

Machine machineOf(const cpu::Target &target, const CompileOptions &options) {
  constexpr int64_t kTypicalThreads = 2;
  int64_t threads = options.stages.threads ? options.stages.threads : kTypicalThreads;
  return options.machine.value_or(Machine::typical(target.lanes(), threads));
}

/// Machine code of a module at the end of the stage seq, which is left as it is, and what became of its ops.
llvm::Expected<cpu::Image> compileImage(ModuleOp module, const cpu::Target &target, const CompileOptions &options,
                                        TargetReport &report) {
  OwningOpRef<ModuleOp> copy(module.clone());
  if (llvm::Error error = runStages(*copy, "forms", "forms", &target, options))
    return error;
  if (options.explain != "no")
    report = explainTarget(*copy, target.name, machineOf(target, options), options.stages.tokens);
  if (llvm::Error error = runStages(*copy, "linalg", "vector", &target, options))
    return error;
  report.arenas = arenaSizes(*copy, target.name);
  if (llvm::Error error = runStages(*copy, "llvm-dialect", "llvm-dialect", &target, options))
    return error;
  llvm::LLVMContext context;
  options.progress("code for " + target.name, 0);
  auto ir = cpu::translateToLLVMIR(*copy, target, context);
  if (!ir)
    return ir.takeError();
  auto object = cpu::emitObject(**ir, target);
  if (!object)
    return object.takeError();
  return cpu::linkImage(*object);
}

llvm::Expected<file::Target> describeTarget(const cpu::Target &target, const cpu::Image &image,
                                            const file::Module &description) {
  file::Target result;
  result.name = target.name;
  result.features = target.required;
  result.rank = static_cast<int32_t>(target.rank);
  result.abiVersion = SEQ_ABI_VERSION;
  for (const file::Export &exported : description.exports) {
    std::string name = entryName(exported.name);
    auto function = image.symbols.find(name), arena = image.symbols.find(name + "_arena");
    if (function == image.symbols.end() || arena == image.symbols.end())
      return llvm::createStringError("the code has no entry for the export '" + exported.name + "'");
    result.entries.push_back({function->second, arena->second});
  }
  return result;
}

} // namespace

llvm::Error seqc::compileToFile(ModuleOp module, llvm::StringRef tokenizer, const CompileOptions &options,
                                const std::string &output) {
  auto targets = findTargets(options);
  if (!targets)
    return targets.takeError();
  if (llvm::Error error = checkProgram(module))
    return error;
  if (llvm::Error error = runStages(module, "seq", "seq", nullptr, options))
    return error;
  auto parameters = numberParameters(module);
  auto description = describe(module);
  if (!description)
    return description.takeError();

  file::Writer writer;
  writer.module = std::move(*description);
  std::vector<cpu::Image> images;
  std::vector<TargetReport> reports;
  images.reserve(targets->size());
  for (const cpu::Target &target : *targets) {
    auto image = compileImage(module, target, options, reports.emplace_back());
    if (!image)
      return image.takeError();
    images.push_back(std::move(*image));
    auto described = describeTarget(target, images.back(), writer.module);
    if (!described)
      return described.takeError();
    described->section =
        writer.addSection(file::codeSection, target.name, images.back().bytes.data(), images.back().bytes.size());
    writer.module.targets.push_back(std::move(*described));
  }
  if (options.explain != "no")
    if (llvm::Error error = writeReports(reports, options.explain))
      return error;
  if (!tokenizer.empty())
    writer.addSection(file::tokenizerSection, "", tokenizer.data(), tokenizer.size());
  WeightsSection weights(module, parameters, options.progress);
  if (llvm::Error error = weights.addTo(writer, options.externalWeights, output))
    return error;
  file::Status status = writer.write(output);
  if (status.failed())
    return llvm::createStringError(status.message());
  return llvm::Error::success();
}

llvm::Expected<std::string> seqc::compileToStage(ModuleOp module, llvm::StringRef stage,
                                                 const CompileOptions &options) {
  auto targets = findTargets(options);
  if (!targets)
    return targets.takeError();
  const cpu::Target &target = targets->front();
  if (stage == "import")
    return printed(module);
  bool code = stage == "llvm" || stage == "asm" || stage == "object";
  llvm::StringRef last = code ? "llvm-dialect" : stage;
  if (llvm::Error error = checkProgram(module))
    return error;
  if (llvm::Error error = runStages(module, "seq", "seq", &target, options))
    return error;
  numberParameters(module);
  if (last != "seq")
    if (llvm::Error error = runStages(module, "forms", last, &target, options))
      return error;
  if (!code)
    return printed(module);
  llvm::LLVMContext context;
  auto ir = cpu::translateToLLVMIR(module, target, context);
  if (!ir)
    return ir.takeError();
  if (stage != "llvm")
    return cpu::emitObject(**ir, target, stage == "asm");
  std::string text;
  llvm::raw_string_ostream(text) << **ir;
  return text;
}
