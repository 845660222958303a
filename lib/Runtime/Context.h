//===- Context.h - What is behind a seqrt_context ---------------*- C++ -*-===//

#ifndef SEQ_LIB_RUNTIME_CONTEXT_H
#define SEQ_LIB_RUNTIME_CONTEXT_H

#include "LoadedModule.h"
#include "Memory.h"
#include "States.h"
#include "ThreadPool.h"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

struct seqrt_pool {
  std::atomic<int64_t> references{1};
  std::shared_ptr<seqc::rt::ThreadPool> pool;
};

/// The states of one batch of sequences and what calls need beside them. Used
/// by one thread at a time.
struct seqrt_context {
  using Status = seqc::file::Status;
  using Sink = std::function<Status(const void *data, size_t size)>;

  static Status create(seqrt_module *module, const seqrt_context_options &options,
                       std::unique_ptr<seqrt_context> &context);
  ~seqrt_context();
  seqrt_context(const seqrt_context &) = delete;
  seqrt_context &operator=(const seqrt_context &) = delete;

  Status clone(std::unique_ptr<seqrt_context> &copy) const;
  void reset();
  Status selectRows(const int64_t *rows, size_t count);
  Status truncate(int64_t kept);

  // Call.cpp
  Status call(size_t exportIndex, const seqrt_tensor *arguments, size_t argumentCount, const seqrt_tensor *results,
              size_t resultCount);
  Status resultShape(size_t exportIndex, const seqrt_tensor *arguments, size_t argumentCount, size_t result,
                     int64_t *shape) const;

  // Snapshot.cpp
  uint64_t snapshotSize() const;
  Status save(const Sink &sink) const;
  Status load(const uint8_t *data, uint64_t size);

  seqrt_module *const module;
  std::shared_ptr<seqc::rt::ThreadPool> pool;
  int64_t batch = 1;
  int64_t capacity = 0; ///< tokens, 0: no state has a limit
  int64_t tokens = 0;   ///< consumed since the states were fresh
  seqc::rt::States states;
  seqc::rt::Pages arena;
  std::string lastError;
  seqrt_profiler profiler = nullptr;
  void *profilerUser = nullptr;

private:
  explicit seqrt_context(seqrt_module *module);

  Status checkRoom(const seqc::file::Export &function, int64_t newTokens) const;
  Status growArena(const seqrt_module::Function &function, const char *name, const int64_t *dims);
  Status run(size_t exportIndex, const int64_t *dims, const seqrt_tensor *arguments);
  Status explain(int32_t code, const seq_abi_error &error, const seqc::file::Export &function,
                 const seqrt_tensor *arguments) const;
  void report(const char *kind, const char *name, int64_t begin, int64_t count) const;
  static void profiledFor(void *self, int64_t count, int64_t grain, seq_abi_body body, void *context);

  // Kept between calls, so that these do not allocate.
  std::vector<const void *> argumentTable;
  std::vector<void *> resultTable;
  std::vector<seq_abi_state *> stateTable;
  std::vector<int64_t> countsBefore;
  std::unordered_map<const void *, std::string> loopNames; ///< of the profiler
};

#endif // SEQ_LIB_RUNTIME_CONTEXT_H
