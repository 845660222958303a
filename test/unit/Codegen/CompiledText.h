//===- CompiledText.h - Machine code of functions in text -------*- C++ -*-===//

#ifndef SEQ_TEST_UNIT_CODEGEN_COMPILEDTEXT_H
#define SEQ_TEST_UNIT_CODEGEN_COMPILEDTEXT_H

#include "llvm/ADT/StringRef.h"
#include <memory>

namespace seqc::test {

/// Functions below the level of the ABI: they take what the LLVM dialect can say (pointers,
/// index). Only those called seq_export_* can be found.
class CompiledText {
public:
  /// Runs `pipeline`, seq-expand-math for `cpu` and the lowering to LLVM over `text`. Aborts
  /// with the error where that does not work: the text is the test's own.
  CompiledText(llvm::StringRef text, llvm::StringRef pipeline, llvm::StringRef cpu);
  ~CompiledText();

  /// The address of a function, as the function pointer `F`.
  template <typename F> F get(llvm::StringRef name) { return reinterpret_cast<F>(find(name)); }

private:
  void *find(llvm::StringRef name);

  struct Code;
  std::unique_ptr<Code> code;
};

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_CODEGEN_COMPILEDTEXT_H
