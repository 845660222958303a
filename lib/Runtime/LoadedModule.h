//===- LoadedModule.h - What is behind a seqrt_module -----------*- C++ -*-===//

#ifndef SEQ_LIB_RUNTIME_LOADEDMODULE_H
#define SEQ_LIB_RUNTIME_LOADEDMODULE_H

#include "CodeImage.h"
#include "ModuleInfo.h"
#include "seq/Module/Reader.h"
#include "seq/Runtime/ABI.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

/// A verified module with the code of one target in memory. Immutable after
/// open(), so any number of threads may use it.
struct seqrt_module {
  using Status = seqc::file::Status;

  struct Function {
    seq_abi_export call = nullptr;
    seq_abi_export_arena arena = nullptr; ///< null: needs no arena
  };

  /// Takes a file whose description is verified; loads its code and checks
  /// digests. `options` may be null.
  static Status open(std::unique_ptr<seqc::file::ModuleFile> file, const seqrt_open_options &options,
                     seqrt_module *&module);

  /// Checks the digests of all sections, or of all but the weights.
  Status verify(bool weightsToo) const;

  const seqc::file::Module &description() const { return file->module(); }

  /// The name of the function in the loaded image at `pc`, "" if unknown.
  std::string functionName(const void *pc) const;

  std::unique_ptr<seqc::file::ModuleFile> file;
  std::unique_ptr<seqc::rt::ModuleInfo> info;
  std::vector<Function> functions;          ///< by export
  std::vector<const void *> parameterTable; ///< seq_abi_frame::parameters
  std::atomic<int64_t> references{1};

private:
  Status chooseTarget(const char *wanted);
  Status loadCode();

  seqc::rt::CodeImage image;
  size_t target = 0;
};

#endif // SEQ_LIB_RUNTIME_LOADEDMODULE_H
