#include "Context.h"

using namespace seqc;
using file::makeError;
using file::Status;

/// Generous, and small enough for products of sizes to stay in 64 bits.
static constexpr int64_t maxBatch = int64_t(1) << 20;
static constexpr int64_t maxCapacity = int64_t(1) << 40;

seqrt_context::seqrt_context(seqrt_module *module) : module(seqrt_module_retain(module)) {}

seqrt_context::~seqrt_context() { seqrt_module_release(module); }

static bool hasCapacity(const file::Module &module) {
  for (const file::State &state : module.states)
    if (state.hasCapacity)
      return true;
  return false;
}

/// The tokens that fit into a context for which `wanted` (0: as many as
/// possible) were asked.
static Status chooseCapacity(const file::Module &module, int64_t wanted, int64_t &capacity) {
  capacity = 0;
  if (wanted < 0 || wanted > maxCapacity)
    return makeError(SEQRT_INVALID_ARGUMENT, "a capacity of ", wanted, " tokens is not possible");
  if (module.contextLength != 0 && wanted > module.contextLength)
    return makeError(SEQRT_INVALID_ARGUMENT, "a capacity of ", wanted, " tokens is over the ", module.contextLength,
                     " that the module was compiled for: compile with "
                     "--max-context=",
                     wanted);
  if (!hasCapacity(module))
    return Status();
  capacity = wanted != 0 ? wanted : module.contextLength;
  if (capacity == 0)
    return makeError(SEQRT_INVALID_ARGUMENT, "the module has no context length: say a capacity");
  return Status();
}

Status seqrt_context::create(seqrt_module *module, const seqrt_context_options &options,
                             std::unique_ptr<seqrt_context> &context) {
  const file::Module &description = module->description();
  std::unique_ptr<seqrt_context> created(new seqrt_context(module));
  if (options.batch < 0 || options.batch > maxBatch)
    return makeError(SEQRT_INVALID_ARGUMENT, "a batch of ", options.batch, " is not possible");
  created->batch = options.batch == 0 ? 1 : options.batch;
  if (Status status = chooseCapacity(description, options.capacity, created->capacity); status.failed())
    return status;
  if (Status status = created->states.create(description, created->batch, created->capacity); status.failed())
    return status;
  if (options.pool) {
    created->pool = options.pool->pool;
  } else if (Status status = rt::ThreadPool::create(options.threads, created->pool); status.failed()) {
    return status;
  }
  context = std::move(created);
  return Status();
}

Status seqrt_context::clone(std::unique_ptr<seqrt_context> &copy) const {
  std::unique_ptr<seqrt_context> created(new seqrt_context(module));
  created->pool = pool;
  created->batch = batch;
  created->capacity = capacity;
  created->tokens = tokens;
  if (Status status = created->states.create(module->description(), batch, capacity); status.failed())
    return status;
  created->states.copyFrom(states);
  copy = std::move(created);
  return Status();
}

void seqrt_context::reset() {
  states.reset();
  tokens = 0;
}
