//===- Session.h - A module and what it runs in -----------------*- C++ -*-===//
//
// The C API of the runtime with owners and names: an opened module, its
// tokenizer, and a context.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TOOLS_SEQ_RUN_SESSION_H
#define SEQ_TOOLS_SEQ_RUN_SESSION_H

#include "Array.h"
#include "Trace.h"

#include "seq/Tokenizer/Tokenizer.h"

namespace seqc::run {

Status fromRuntime(const seqrt_status &status);

class Session {
public:
  Session() = default;
  ~Session();
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  /// Maps and verifies the module. `target` may be empty. Spans go to `trace`,
  /// which outlives the session.
  Status open(const std::string &path, const std::string &target, Trace &trace);

  /// Makes the context: `batch` rows, room for `capacity` tokens (0: what the
  /// module was compiled for), `threads` (0: the cores of the process).
  Status createContext(int64_t batch, int64_t capacity, int32_t threads);

  /// Fresh states, or those of a file where `loadState` is not empty.
  Status resetStates(const std::string &loadState);
  Status saveStates(const std::string &path);

  /// The module's tokenizer, read at the first call. A module without one is
  /// an error.
  Status tokenizer(const tokenizer::Tokenizer *&result);
  bool hasTokenizer() const;

  /// The export of this name; an error lists those that there are.
  Status findExport(const std::string &name, size_t &index, const seqrt_export_info *&info) const;

  /// Calls an export. The arguments have its types; results are made if they
  /// do not have the right shape yet.
  Status call(size_t exportIndex, std::vector<Array> &arguments, std::vector<Array> &results);

  seqrt_module *module() const { return opened; }
  seqrt_context *context() const { return made; }
  const std::string &path() const { return file; }
  Trace *trace() const { return events; }

private:
  Status prepareResults(size_t exportIndex, const std::vector<seqrt_tensor> &arguments, std::vector<Array> &results);

  std::string file;
  Trace *events = nullptr;
  seqrt_module *opened = nullptr;
  seqrt_context *made = nullptr;
  std::unique_ptr<tokenizer::Tokenizer> words;
};

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_SESSION_H
