#include "Binder.h"
#include "Context.h"

#include <algorithm>
#include <cstring>
#include <time.h>

using namespace seqc;
using file::concat;
using file::makeError;
using file::Status;
using rt::Binder;

static constexpr int64_t maxArena = int64_t(1) << 46;

static int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t(time.tv_sec) * 1000000000 + time.tv_nsec;
}

/// Whether the memory of two bound tensors overlaps.
static bool overlap(const seqrt_tensor &a, const seqrt_tensor &b) {
  auto bytes = [](const seqrt_tensor &tensor) {
    return static_cast<uintptr_t>(rt::elementCount(tensor)) * tensor.dtype.bits / 8;
  };
  auto begin = [](const seqrt_tensor &tensor) { return reinterpret_cast<uintptr_t>(rt::dataOf(tensor)); };
  return begin(a) < begin(b) + bytes(b) && begin(b) < begin(a) + bytes(a);
}

/// Compiled code may write a result before it has read every argument.
static Status checkOverlap(const file::Export &function, const seqrt_tensor *arguments, const seqrt_tensor *results) {
  for (size_t i = 0; i < function.results.size(); ++i) {
    bool overlaps = false;
    for (size_t j = 0; j < function.arguments.size(); ++j)
      overlaps |= overlap(results[i], arguments[j]);
    for (size_t j = 0; j < i; ++j)
      overlaps |= overlap(results[i], results[j]);
    if (overlaps)
      return makeError(SEQRT_INVALID_ARGUMENT, "export '", function.name, "', result ", i,
                       ": its memory overlaps that of another tensor");
  }
  return Status();
}

Status seqrt_context::call(size_t exportIndex, const seqrt_tensor *arguments, size_t argumentCount,
                           const seqrt_tensor *results, size_t resultCount) {
  const file::Export &function = module->description().exports[exportIndex];
  Binder binder(function);
  Status status = binder.bindArguments(arguments, argumentCount);
  if (status.ok() && !function.states.empty())
    status = binder.bindBatch(batch);
  if (status.ok())
    status = binder.bindResults(results, resultCount);
  if (status.ok())
    status = binder.finish();
  if (status.ok())
    status = checkOverlap(function, arguments, results);
  int64_t newTokens = function.states.empty() ? 0 : binder.newTokens();
  if (status.ok())
    status = checkRoom(function, newTokens);
  if (status.ok())
    status = growArena(module->functions[exportIndex], function.name.c_str(), binder.dims());
  if (status.failed())
    return status;

  argumentTable.clear();
  for (size_t i = 0; i < argumentCount; ++i)
    argumentTable.push_back(rt::dataOf(arguments[i]));
  resultTable.clear();
  for (size_t i = 0; i < resultCount; ++i)
    resultTable.push_back(rt::dataOf(results[i]));
  int64_t begin = profiler ? now() : 0;
  status = run(exportIndex, binder.dims(), arguments);
  if (status.ok())
    tokens += newTokens;
  if (profiler)
    report("call", function.name.c_str(), begin, newTokens);
  return status;
}

Status seqrt_context::checkRoom(const file::Export &function, int64_t newTokens) const {
  for (uint32_t index : function.states) {
    const seq_abi_state &state = states.state(index);
    if (state.capacity == 0)
      continue;
    int64_t wanted = states.tokens(index) + newTokens;
    if (wanted <= state.capacity)
      continue;
    bool mayGrow = capacity < module->description().contextLength || module->description().contextLength == 0;
    return makeError(SEQRT_STATE_FULL, "context holds ", state.capacity, " tokens; this call needs ", wanted, ": ",
                     mayGrow ? "create the context with a larger capacity" : "compile with a larger --max-context");
  }
  return Status();
}

/// Provides the scratch memory of a call. It only ever grows.
Status seqrt_context::growArena(const seqrt_module::Function &function, const char *name, const int64_t *dims) {
  if (!function.arena)
    return Status();
  int64_t bytes = function.arena(dims, pool->threads());
  if (bytes < 0 || bytes > maxArena)
    return makeError(SEQRT_OUT_OF_MEMORY, "export '", name,
                     "' would need more scratch memory than there can be "
                     "(make the call smaller)");
  uint64_t size = static_cast<uint64_t>(bytes);
  if (size <= arena.size())
    return Status();
  return arena.allocate(size, "scratch memory");
}

Status seqrt_context::run(size_t exportIndex, const int64_t *dims, const seqrt_tensor *arguments) {
  const file::Export &function = module->description().exports[exportIndex];
  stateTable.clear();
  for (uint32_t index : function.states)
    stateTable.push_back(&states.state(index));
  countsBefore = states.counts();

  auto parallelFor = [](void *pool, int64_t count, int64_t grain, seq_abi_body body, void *context) {
    static_cast<rt::ThreadPool *>(pool)->parallelFor(count, grain, body, context);
  };
  seq_abi_runtime runtime = {SEQ_ABI_VERSION, sizeof(seq_abi_runtime), pool.get(), pool->threads(), parallelFor};
  if (profiler) {
    runtime.pool = this;
    runtime.parallel_for = profiledFor;
  }
  seq_abi_error error = {};
  seq_abi_frame frame = {&runtime,
                         argumentTable.data(),
                         resultTable.data(),
                         dims,
                         module->parameterTable.data(),
                         stateTable.data(),
                         arena.data(),
                         &error};
  int32_t code = module->functions[exportIndex].call(&frame);
  if (code == SEQ_ABI_OK)
    return Status();
  std::copy(countsBefore.begin(), countsBefore.end(), states.counts().begin());
  return explain(code, error, function, arguments);
}

/// Whether element `index` of an integer tensor is `value`.
static bool holds(const seqrt_tensor &tensor, int64_t index, int64_t value) {
  if (tensor.dtype.code != SEQRT_INT && tensor.dtype.code != SEQRT_UINT)
    return false;
  if (index < 0 || index >= rt::elementCount(tensor))
    return false;
  size_t size = tensor.dtype.bits / 8u;
  return std::memcmp(rt::dataOf(tensor) + static_cast<size_t>(index) * size, &value, size) == 0;
}

/// The error of compiled code, as a message.
Status seqrt_context::explain(int32_t code, const seq_abi_error &error, const file::Export &function,
                              const seqrt_tensor *arguments) const {
  if (code == SEQ_ABI_STATE_FULL)
    return makeError(SEQRT_STATE_FULL, "export '", function.name, "' puts ", error.value,
                     " tokens into a state with room for ", error.limit,
                     ": call it with fewer, or give seq.state_init (for a state of the context, the context) "
                     "a larger capacity");
  if (code != SEQ_ABI_INDEX_OUT_OF_RANGE && code != SEQ_ABI_LENGTH_OUT_OF_RANGE && code != SEQ_ABI_EXPERT_OUT_OF_RANGE)
    return makeError(SEQRT_INTERNAL, "export '", function.name, "' failed with the unknown code ", code);
  // The code does not say which argument it was; the value does.
  bool isLength = code == SEQ_ABI_LENGTH_OUT_OF_RANGE;
  std::string place = concat(isLength ? "row " : "position ", error.index);
  for (size_t i = 0; i < function.arguments.size(); ++i)
    if (holds(arguments[i], error.index, error.value)) {
      place += concat(" of argument ", i, " '", function.arguments[i].name, "'");
      break;
    }
  if (isLength)
    return makeError(SEQRT_OUT_OF_RANGE, "export '", function.name, "': length ", error.value, " at ", place,
                     " is outside [0, ", error.limit, "], the tokens of the call");
  return makeError(SEQRT_OUT_OF_RANGE, "export '", function.name,
                   code == SEQ_ABI_EXPERT_OUT_OF_RANGE ? "': expert " : "': token id ", error.value, " at ", place,
                   " is outside [0, ", error.limit, ")");
}

Status seqrt_context::resultShape(size_t exportIndex, const seqrt_tensor *arguments, size_t argumentCount,
                                  size_t result, int64_t *shape) const {
  const file::Export &function = module->description().exports[exportIndex];
  if (result >= function.results.size())
    return makeError(SEQRT_INVALID_ARGUMENT, "export '", function.name, "' has ", function.results.size(),
                     " results, not ", result + 1);
  Binder binder(function);
  Status status = binder.bindArguments(arguments, argumentCount);
  if (status.ok() && !function.states.empty())
    status = binder.bindBatch(batch);
  if (status.failed())
    return status;
  const std::vector<int64_t> &wanted = function.results[result].shape;
  for (size_t i = 0; i < wanted.size(); ++i) {
    shape[i] = binder.sizeOf(wanted[i]);
    if (shape[i] == rt::unboundDim)
      return makeError(SEQRT_INVALID_ARGUMENT, "export '", function.name, "', result ", result,
                       ": the arguments do not give the size of ", function.dims[file::symbolicIndex(wanted[i])].name);
  }
  return Status();
}

void seqrt_context::report(const char *kind, const char *name, int64_t begin, int64_t count) const {
  seqrt_event event = {kind, name, begin, now(), count};
  profiler(profilerUser, &event);
}

void seqrt_context::profiledFor(void *self, int64_t count, int64_t grain, seq_abi_body body, void *loopContext) {
  auto *context = static_cast<seqrt_context *>(self);
  int64_t begin = now();
  context->pool->parallelFor(count, grain, body, loopContext);
  const void *function = reinterpret_cast<const void *>(body);
  auto [entry, isNew] = context->loopNames.try_emplace(function);
  if (isNew)
    entry->second = context->module->functionName(function);
  context->report("loop", entry->second.c_str(), begin, count);
}
