//===- Compiled.h - A program as a module that runs -------------*- C++ -*-===//

#ifndef SEQ_TEST_FUZZ_COMPILED_H
#define SEQ_TEST_FUZZ_COMPILED_H

#include "Values.h"
#include "mlir/IR/BuiltinOps.h"
#include "seqrt/seqrt.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace seqc::fuzz {

/// A tensor as the runtime takes it.
struct Buffer {
  Element element;
  reference::Tensor::Shape shape;
  std::vector<char> bytes;

  static Buffer of(const reference::Tensor &tensor, Element element) {
    return {element, reference::Tensor::Shape(tensor.shape()), toBytes(tensor, element)};
  }
};

/// A file with a compiled module, removed at the end.
class CompiledFile {
public:
  /// Compiles `module`, which is used up. Errors are those of the compiler.
  static llvm::Expected<CompiledFile> compile(mlir::ModuleOp module, const std::vector<std::string> &cpus,
                                              const std::string &folder);
  CompiledFile(CompiledFile &&other) noexcept : path(std::move(other.path)) { other.path.clear(); }
  CompiledFile(const CompiledFile &) = delete;
  CompiledFile &operator=(const CompiledFile &) = delete;
  ~CompiledFile();

  const std::string &getPath() const { return path; }

private:
  explicit CompiledFile(std::string path) : path(std::move(path)) {}
  std::string path;
};

/// The code of one target, with states of its own.
class Session {
public:
  static llvm::Expected<std::unique_ptr<Session>> open(const std::string &path, const std::string &cpu, int64_t threads,
                                                       int64_t batch);
  ~Session();

  /// Calls an export. Result memory holds bytes of 0xff before: NaN where nothing is written.
  llvm::Expected<std::vector<Buffer>> call(const std::string &name, llvm::ArrayRef<Buffer> arguments);
  /// Fresh states; or: saves the states and loads them into another context, which takes the place of this one.
  llvm::Error reset();
  llvm::Error saveAndLoad();

private:
  llvm::Error createContext();

  seqrt_module *module = nullptr;
  seqrt_context *context = nullptr;
  int64_t threads = 1, batch = 1;
};

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_COMPILED_H
