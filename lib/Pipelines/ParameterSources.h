//===- ParameterSources.h - Where a parameter's values are ------*- C++ -*-===//

#ifndef SEQ_LIB_PIPELINES_PARAMETERSOURCES_H
#define SEQ_LIB_PIPELINES_PARAMETERSOURCES_H

#include "dialects/Module/Module.h"
#include "seq/Codegen/CPU/Packing.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace seqc {

/// Finds the values of parameters. Files are mapped once and stay mapped.
class ParameterSources {
public:
  explicit ParameterSources(mlir::ModuleOp module) : symbols(module) {}

  /// The parts of a parameter, one behind the other along its first dimension, each
  /// checked to lie within its file; together they have as many elements as the parameter.
  llvm::Expected<llvm::SmallVector<SourceView>> find(mlir::seqm::ParameterOp parameter) { return find(parameter, 0); }

private:
  llvm::Expected<llvm::SmallVector<SourceView>> find(mlir::seqm::ParameterOp parameter, int depth);
  llvm::Expected<llvm::SmallVector<SourceView>> join(mlir::seqm::ParameterOp parameter, mlir::seqm::ConcatAttr concat,
                                                     int depth);
  llvm::Expected<llvm::StringRef> map(llvm::StringRef path);
  llvm::Expected<SourceView> fileView(mlir::seqm::ParameterOp parameter, mlir::seqm::FileAttr file);

  mlir::SymbolTable symbols;
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> files;
};

} // namespace seqc

#endif // SEQ_LIB_PIPELINES_PARAMETERSOURCES_H
