//===- ParameterSources.h - Where a parameter's values are ------*- C++ -*-===//

#ifndef SEQ_LIB_PIPELINES_PARAMETERSOURCES_H
#define SEQ_LIB_PIPELINES_PARAMETERSOURCES_H

#include "dialects/Module/Module.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace seqc {

/// Values in memory, element i of the parameter at Σ index · stride. Block-quantised
/// values are rows of whole blocks: strides[0] is the distance of rows in elements.
struct SourceView {
  mlir::Type element; ///< as stored
  const char *data = nullptr;
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<int64_t> strides;
  std::shared_ptr<std::vector<char>> owner; ///< of values that are no file's
};

/// Finds the values of parameters. Files are mapped once and stay mapped.
class ParameterSources {
public:
  explicit ParameterSources(mlir::ModuleOp module) : module(module) {}

  /// The parts of a parameter, one behind the other along its first dimension, each
  /// checked to lie within its file.
  llvm::Expected<llvm::SmallVector<SourceView>> find(mlir::seqm::ParameterOp parameter);

private:
  llvm::Expected<llvm::StringRef> map(llvm::StringRef path);
  llvm::Expected<SourceView> fileView(mlir::seqm::ParameterOp parameter, mlir::seqm::FileAttr file);

  mlir::ModuleOp module;
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> files;
};

} // namespace seqc

#endif // SEQ_LIB_PIPELINES_PARAMETERSOURCES_H
