//===- ImportedModel.h - A model's IR, for tests ----------------*- C++ -*-===//

#ifndef SEQ_TEST_UNIT_IMPORT_IMPORTEDMODEL_H
#define SEQ_TEST_UNIT_IMPORT_IMPORTEDMODEL_H

#include "Testing.h"
#include "dialects/Module/Module.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "seq/Import/Import.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstring>

namespace seqc::test {

/// Imports a model, verifies it, and answers what tests ask.
class ImportedModel {
public:
  explicit ImportedModel(llvm::StringRef path, const importer::ImportOptions &options = {}) {
    auto imported = importer::importModel(&context, path, options);
    if (!imported) {
      error = llvm::toString(imported.takeError());
      return;
    }
    module = std::move(*imported);
    if (mlir::failed(mlir::verify(*module)))
      error = "the verifier refuses it";
    llvm::raw_string_ostream(text) << *module;
  }

  /// Functions apart from `forward`: the kinds of layers.
  unsigned blocks() {
    unsigned count = 0;
    for (auto function : module->getOps<mlir::func::FuncOp>())
      count += function.isPrivate();
    return count;
  }
  /// How often a piece of text stands in the IR.
  unsigned count(llvm::StringRef part) const { return llvm::StringRef(text).count(part); }
  int64_t attribute(llvm::StringRef name) {
    auto value = (*module)->getAttrOfType<mlir::IntegerAttr>(name);
    return value ? value.getInt() : -1;
  }
  mlir::seqm::ParameterOp parameter(llvm::StringRef name) {
    return module->lookupSymbol<mlir::seqm::ParameterOp>(name);
  }
  /// A parameter's f32 values, read from the file through its view.
  std::vector<float> values(llvm::StringRef name);

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string error;
  std::string text;
};

inline std::vector<float> ImportedModel::values(llvm::StringRef name) {
  mlir::seqm::ParameterOp op = parameter(name);
  if (!op)
    return {};
  auto file = llvm::cast<mlir::seqm::FileAttr>(op.getSource());
  auto buffer = llvm::cantFail(llvm::errorOrToExpected(llvm::MemoryBuffer::getFile(file.getPath(), false, false)));
  llvm::SmallVector<int64_t> shape(file.getShape());
  llvm::SmallVector<int64_t> strides(file.getStrides());
  int64_t count = op.getTensorType().getNumElements();
  if (shape.empty()) {
    shape = {count};
    strides = {1};
  }
  std::vector<float> result;
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i, position = 0;
    for (size_t d = shape.size(); d-- > 0; rest /= shape[d])
      position += rest % shape[d] * strides[d];
    float value;
    std::memcpy(&value, buffer->getBufferStart() + file.getOffset() + 4 * position, 4);
    result.push_back(value);
  }
  return result;
}

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_IMPORT_IMPORTEDMODEL_H
