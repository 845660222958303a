//===- WeightsSection.h - Packs parameters into a module --------*- C++ -*-===//

#ifndef SEQ_LIB_PIPELINES_WEIGHTSSECTION_H
#define SEQ_LIB_PIPELINES_WEIGHTSSECTION_H

#include "ParameterSources.h"
#include "seq/Module/Writer.h"
#include <functional>

namespace seqc {

/// Packs parameters one after the other while the module is written, so that only one is
/// in memory at a time. Outlives the writer's write().
class WeightsSection {
public:
  WeightsSection(mlir::ModuleOp module, llvm::SmallVector<mlir::seqm::ParameterOp> parameters,
                 std::function<void(llvm::StringRef, double)> progress)
      : sources(module), parameters(std::move(parameters)), progress(std::move(progress)) {}

  /// Describes the parameters and adds their section; `external` puts it into
  /// OUTPUT.weights beside the module.
  llvm::Error addTo(seqc::file::Writer &writer, bool external, llvm::StringRef output);

private:
  seqc::file::Status emitAll(const seqc::file::Emit &emit);
  llvm::Expected<std::vector<uint8_t>> pack(mlir::seqm::ParameterOp parameter);

  ParameterSources sources;
  llvm::SmallVector<mlir::seqm::ParameterOp> parameters;
  std::function<void(llvm::StringRef, double)> progress;
  uint64_t total = 0;
};

} // namespace seqc

#endif // SEQ_LIB_PIPELINES_WEIGHTSSECTION_H
