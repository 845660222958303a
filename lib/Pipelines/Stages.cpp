//===- Stages.cpp - The order of passes -----------------------------------===//

#include "seq/Pipelines/Stages.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace seqc;

namespace {

constexpr Stage kStages[] = {
    {"seq", "sequence functions: prefill and step derived, weights packed, linears merged", false},
    {"forms", "every recurrence has the form that its kernel is written for", true},
    {"linalg", "elementwise ops in upstream dialects, fused", true},
    {"scheduled", "buffers assigned; seq ops are calls of kernels; everything is vector loops", true},
    {"vector", "one arena planned; entries of the ABI written; parallel loops outlined", true},
    {"llvm-dialect", "mathematical functions expanded; everything in the LLVM dialect", true},
};

/// The processor and its features, as options of a pass.
std::string processor(const cpu::Target *target) {
  if (!target)
    return "cpu=host";
  return "cpu=" + target->name + (target->features.empty() ? "" : " features={" + target->features + "}");
}

std::string pipelineOf(llvm::StringRef stage, const cpu::Target *target, const StageOptions &options) {
  std::string lanes = target && target->avx512 ? "16" : "8";
  std::string avx512 = target && target->avx512 ? "true" : "false";
  if (stage == "seq")
    return std::string("seq-widen-elements,canonicalize,cse,seq-merge-linears,seq-derive-steps{extend=") +
           (options.extend ? "true" : "false") +
           "},seq-hoist-last,canonicalize,cse,"
           "seq-pack-parameters{quantize=" +
           options.quantize + "},seq-fuse-residual,canonicalize,cse,symbol-dce";
  if (stage == "forms")
    return "seq-choose-forms{lanes=" + lanes + " form=" + options.form + " chunk=" + std::to_string(options.chunk) +
           " threads=" + std::to_string(options.threads) + " tokens=" + std::to_string(options.tokens) + "}";
  if (stage == "linalg")
    return "seq-to-linalg,canonicalize,cse,seq-fuse-elementwise,canonicalize,cse";
  if (stage == "scheduled")
    return "seq-bufferize{" + processor(target) +
           "},seq-results-to-arguments,canonicalize,cse,"
           "seq-vectorize-elementwise{lanes=" +
           lanes + "},canonicalize,cse";
  if (stage == "vector")
    return "seq-plan-memory,seq-lower-exports,seq-lower-runtime,canonicalize,cse";
  return "seq-expand-math{avx512=" + avx512 + "},canonicalize,cse,seq-lower-to-llvm,seq-verify-callees";
}

} // namespace

llvm::ArrayRef<Stage> seqc::stages() { return kStages; }

LogicalResult seqc::runStage(ModuleOp module, llvm::StringRef name, const cpu::Target *target,
                             const StageOptions &options) {
  PassManager passes(module.getContext());
  std::string error;
  llvm::raw_string_ostream stream(error);
  if (failed(parsePassPipeline(pipelineOf(name, target, options), passes, stream)))
    return module.emitError("stage ") << name << ": " << error;
  return passes.run(module);
}

void seqc::registerStagePipelines() {
  for (const Stage &stage : kStages)
    PassPipelineRegistration<>(std::string("seq-stage-") + stage.name, stage.summary, [&stage](OpPassManager &passes) {
      auto host = cpu::getTarget("host");
      if (!host)
        llvm::report_fatal_error(host.takeError());
      (void)parsePassPipeline(pipelineOf(stage.name, &*host, {}), passes);
    });
}
