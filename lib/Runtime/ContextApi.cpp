//===----------------------------------------------------------------------===//
//
// The C API of pools and contexts: thin, everything happens in Context.cpp,
// Call.cpp and Snapshot.cpp.
//
//===----------------------------------------------------------------------===//

#include "Context.h"
#include "Guard.h"
#include "seq/Module/AtomicFile.h"
#include "seq/Module/MappedFile.h"

#include <cstring>

using namespace seqc;
using file::makeError;
using file::Status;
using rt::guard;
using rt::missing;

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

seqrt_status seqrt_pool_create(int32_t threads, seqrt_pool **pool) {
  return guard([&] {
    if (!pool)
      return missing("place for the pool");
    *pool = nullptr;
    auto created = std::make_unique<seqrt_pool>();
    Status status = rt::ThreadPool::create(threads, created->pool);
    if (status.ok())
      *pool = created.release();
    return status;
  });
}

seqrt_pool *seqrt_pool_retain(seqrt_pool *pool) {
  if (pool)
    pool->references.fetch_add(1, std::memory_order_relaxed);
  return pool;
}

void seqrt_pool_release(seqrt_pool *pool) {
  if (pool && pool->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    delete pool;
}

int32_t seqrt_pool_threads(const seqrt_pool *pool) { return pool ? pool->pool->threads() : 0; }

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

seqrt_status seqrt_context_create(seqrt_module *module, const seqrt_context_options *options, seqrt_context **context) {
  return guard([&] {
    if (!module)
      return missing("module");
    if (!context)
      return missing("place for the context");
    *context = nullptr;
    std::unique_ptr<seqrt_context> created;
    Status status = seqrt_context::create(module, rt::withDefaults(options, SEQRT_CONTEXT_OPTIONS_INIT), created);
    *context = created.release();
    return status;
  });
}

void seqrt_context_release(seqrt_context *context) { delete context; }

seqrt_status seqrt_context_clone(const seqrt_context *context, seqrt_context **clone) {
  return guard([&] {
    if (!context)
      return missing("context");
    if (!clone)
      return missing("place for the clone");
    *clone = nullptr;
    std::unique_ptr<seqrt_context> created;
    Status status = context->clone(created);
    *clone = created.release();
    return status;
  });
}

/// guard() for what changes a context: its last failure is kept.
template <typename Function> static seqrt_status contextGuard(seqrt_context *context, Function function) {
  return guard([&] {
    if (!context)
      return missing("context");
    Status status = function();
    if (status.failed())
      context->lastError = status.message();
    return status;
  });
}

seqrt_status seqrt_context_reset(seqrt_context *context) {
  return contextGuard(context, [&] {
    context->reset();
    return Status();
  });
}

seqrt_status seqrt_context_select_rows(seqrt_context *context, const int64_t *rows, size_t count) {
  return contextGuard(context, [&] { return rows ? context->selectRows(rows, count) : missing("rows"); });
}

seqrt_status seqrt_context_truncate(seqrt_context *context, int64_t tokens) {
  return contextGuard(context, [&] { return context->truncate(tokens); });
}

seqrt_module *seqrt_context_module(const seqrt_context *context) { return context ? context->module : nullptr; }

int64_t seqrt_context_batch(const seqrt_context *context) { return context ? context->batch : 0; }

int64_t seqrt_context_capacity(const seqrt_context *context) { return context ? context->capacity : 0; }

int32_t seqrt_context_threads(const seqrt_context *context) { return context ? context->pool->threads() : 0; }

int64_t seqrt_context_tokens(const seqrt_context *context) { return context ? context->tokens : 0; }

uint64_t seqrt_context_arena_bytes(const seqrt_context *context) { return context ? context->arena.size() : 0; }

const char *seqrt_context_last_error(const seqrt_context *context) { return context ? context->lastError.c_str() : ""; }

seqrt_status seqrt_context_state(seqrt_context *context, size_t state, size_t component, seqrt_tensor *tensor) {
  return contextGuard(context, [&] {
    if (!tensor)
      return missing("tensor");
    const std::vector<file::State> &described = context->module->description().states;
    if (state >= described.size() || component >= described[state].components.size())
      return makeError(SEQRT_NOT_FOUND, "no component ", component, " of state ", state);
    const std::vector<int64_t> &shape = context->states.layout(state, component).shape;
    *tensor = {};
    tensor->data = context->states.state(state).component[component];
    tensor->device = {1, 0};
    tensor->ndim = static_cast<int32_t>(shape.size());
    tensor->dtype = rt::toC(described[state].components[component].type);
    tensor->shape = const_cast<int64_t *>(shape.data());
    return Status();
  });
}

/// Calls `function` if the context's module has this export.
template <typename Function> static seqrt_status withExport(seqrt_context *context, size_t index, Function function) {
  return contextGuard(context, [&] {
    if (index >= context->module->description().exports.size())
      return makeError(SEQRT_NOT_FOUND, "the module has no export ", index);
    return function();
  });
}

seqrt_status seqrt_context_result_shape(seqrt_context *context, size_t exportIndex, const seqrt_tensor *arguments,
                                        size_t argumentCount, size_t result, int64_t *shape) {
  return withExport(context, exportIndex, [&] {
    if (!shape)
      return missing("place for the shape");
    return context->resultShape(exportIndex, arguments, argumentCount, result, shape);
  });
}

seqrt_status seqrt_context_call_index(seqrt_context *context, size_t exportIndex, const seqrt_tensor *arguments,
                                      size_t argumentCount, const seqrt_tensor *results, size_t resultCount) {
  return withExport(context, exportIndex,
                    [&] { return context->call(exportIndex, arguments, argumentCount, results, resultCount); });
}

seqrt_status seqrt_context_call(seqrt_context *context, const char *exportName, const seqrt_tensor *arguments,
                                size_t argumentCount, const seqrt_tensor *results, size_t resultCount) {
  return contextGuard(context, [&] {
    int64_t index = seqrt_module_find_export(context->module, exportName);
    if (index >= 0)
      return context->call(static_cast<size_t>(index), arguments, argumentCount, results, resultCount);
    std::string names;
    for (const file::Export &function : context->module->description().exports)
      names += (names.empty() ? "" : ", ") + function.name;
    return makeError(SEQRT_NOT_FOUND, "no export '", exportName ? exportName : "", "'; there are: ", names);
  });
}

seqrt_status seqrt_context_save(seqrt_context *context, const char *path) {
  return contextGuard(context, [&] {
    if (!path)
      return missing("path");
    file::AtomicFile file;
    if (Status status = file.create(path); status.failed())
      return status;
    uint64_t offset = 0;
    Status status = context->save([&](const void *data, size_t size) {
      uint64_t at = offset;
      offset += size;
      return file.write(at, data, size);
    });
    return status.ok() ? file.commit() : status;
  });
}

seqrt_status seqrt_context_load(seqrt_context *context, const char *path) {
  return contextGuard(context, [&] {
    if (!path)
      return missing("path");
    file::MappedFile file;
    if (Status status = file.map(path); status.failed())
      return status;
    return context->load(file.data(), file.size()).withPrefix(file::concat(path, ": "));
  });
}

seqrt_status seqrt_context_save_memory(seqrt_context *context, void *buffer, size_t *size) {
  return contextGuard(context, [&] {
    if (!size)
      return missing("size");
    uint64_t needed = context->snapshotSize();
    size_t room = *size;
    *size = needed;
    if (!buffer)
      return Status();
    if (room < needed)
      return makeError(SEQRT_INVALID_ARGUMENT, "the state needs ", needed, " bytes, but the buffer has ", room);
    uint8_t *next = static_cast<uint8_t *>(buffer);
    return context->save([&](const void *data, size_t piece) {
      std::memcpy(next, data, piece);
      next += piece;
      return Status();
    });
  });
}

seqrt_status seqrt_context_load_memory(seqrt_context *context, const void *buffer, size_t size) {
  return contextGuard(context, [&] {
    if (!buffer)
      return missing("buffer");
    return context->load(static_cast<const uint8_t *>(buffer), size).withPrefix("saved state in memory: ");
  });
}

void seqrt_context_set_profiler(seqrt_context *context, seqrt_profiler profiler, void *user) {
  if (!context)
    return;
  context->profiler = profiler;
  context->profilerUser = user;
}
