/* The code of the toy module that the runtime's tests load: written by hand
 * against the ABI, compiled into an image like those of seqc. A "model" looks
 * tokens up in a table of 16 rows of 4 numbers and carries, as states, all
 * rows so far (a cache in blocks of 4 tokens), their sum and their maximum. */

#include "seq/Runtime/ABI.h"

enum { Vocabulary = 16, Width = 4, Block = 4 };

#define EXPORT __attribute__((visibility("default")))

static int badIndex(const seq_abi_frame *frame, int64_t index, int64_t value) {
  frame->error->index = index;
  frame->error->value = value;
  frame->error->limit = Vocabulary;
  return SEQ_ABI_INDEX_OUT_OF_RANGE;
}

static int checkIds(const seq_abi_frame *frame, int64_t count) {
  const int32_t *ids = frame->arguments[0];
  for (int64_t i = 0; i < count; ++i)
    if (ids[i] < 0 || ids[i] >= Vocabulary)
      return badIndex(frame, i, ids[i]);
  return SEQ_ABI_OK;
}

/* ids i32 [B,T] -> rows f32 [B,T,4] */
EXPORT int32_t toy_forward(const seq_abi_frame *frame) {
  int64_t count = frame->dims[0] * frame->dims[1];
  const int32_t *ids = frame->arguments[0];
  const float *table = frame->parameters[0];
  float *rows = frame->results[0];
  int code = checkIds(frame, count);
  for (int64_t i = 0; !code && i < count; ++i)
    for (int64_t j = 0; j < Width; ++j)
      rows[i * Width + j] = table[ids[i] * Width + j];
  return code;
}

/* Takes one token into the states of row b. */
static void feed(const seq_abi_frame *frame, int64_t b, int32_t id) {
  const float *row = (const float *)frame->parameters[0] + id * Width;
  seq_abi_state *cache = frame->states[0];
  int64_t blocks = (cache->capacity + Block - 1) / Block;
  float *slot = (float *)cache->component[0] + (b * blocks * Block + cache->count[b]) * Width;
  float *sum = (float *)frame->states[1]->component[0] + b * Width;
  float *max = (float *)frame->states[1]->component[1] + b;
  for (int64_t j = 0; j < Width; ++j) {
    slot[j] = row[j];
    sum[j] += row[j];
    if (row[j] > *max)
      *max = row[j];
  }
  cache->count[b] += 1;
}

/* What the states hold of row b: the sum of the cached rows minus the running
 * sum (0 if both are intact), the first running sum, the maximum, the count. */
static void summarise(const seq_abi_frame *frame, int64_t b, float *out) {
  seq_abi_state *cache = frame->states[0];
  int64_t blocks = (cache->capacity + Block - 1) / Block;
  const float *rows = (const float *)cache->component[0] + b * blocks * Block * Width;
  const float *sum = (const float *)frame->states[1]->component[0] + b * Width;
  float difference = 0;
  for (int64_t i = 0; i < cache->count[b] * Width; ++i)
    difference += rows[i];
  for (int64_t j = 0; j < Width; ++j)
    difference -= sum[j];
  out[0] = difference;
  out[1] = sum[0];
  out[2] = ((const float *)frame->states[1]->component[1])[b];
  out[3] = (float)cache->count[b];
}

static int32_t consume(const seq_abi_frame *frame, int64_t tokens) {
  int64_t batch = frame->dims[0];
  const int32_t *ids = frame->arguments[0];
  /* Looks at the ids one after the other, so that a bad one comes after the
   * states have changed: the runtime has to take the counts back. */
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t t = 0; t < tokens; ++t) {
      int32_t id = ids[b * tokens + t];
      if (id < 0 || id >= Vocabulary)
        return badIndex(frame, b * tokens + t, id);
      feed(frame, b, id);
    }
  for (int64_t b = 0; b < batch; ++b)
    summarise(frame, b, (float *)frame->results[0] + b * Width);
  return SEQ_ABI_OK;
}

/* ids i32 [B,T], states -> summary f32 [B,4] */
EXPORT int32_t toy_prefill(const seq_abi_frame *frame) { return consume(frame, frame->dims[1]); }

/* ids i32 [B,1], states -> summary f32 [B,4] */
EXPORT int32_t toy_step(const seq_abi_frame *frame) { return consume(frame, 1); }

struct doubling {
  const float *from;
  float *to;
  int64_t *perWorker; /* in the arena: iterations that each worker did */
};

static float twice(float x) { return 2 * x; }
static float thrice(float x) { return 3 * x; }
/* Pointers to functions need relocations. */
static float (*const volatile operations[2])(float) = {twice, thrice};

EXPORT void toy_body(void *context, int64_t begin, int64_t end, int64_t worker) {
  const struct doubling *loop = context;
  for (int64_t i = begin; i < end; ++i)
    loop->to[i] = operations[0](loop->from[i]);
  loop->perWorker[worker * 8] += end - begin;
}

/* x f32 [N] -> doubled f32 [N], iterations i64 [1] */
EXPORT int32_t toy_double(const seq_abi_frame *frame) {
  const seq_abi_runtime *runtime = frame->runtime;
  struct doubling loop = {frame->arguments[0], frame->results[0], frame->arena};
  for (int64_t i = 0; i < runtime->workers; ++i)
    loop.perWorker[i * 8] = 0;
  runtime->parallel_for(runtime->pool, frame->dims[0], 3, toy_body, &loop);
  int64_t total = 0;
  for (int64_t i = 0; i < runtime->workers; ++i)
    total += loop.perWorker[i * 8];
  *(int64_t *)frame->results[1] = total;
  return SEQ_ABI_OK;
}

EXPORT int64_t toy_double_arena(const int64_t *dims, int64_t workers) {
  (void)dims;
  return workers * 64;
}

/* code i32 [1] -> nothing: fails with that code */
EXPORT int32_t toy_fail(const seq_abi_frame *frame) { return *(const int32_t *)frame->arguments[0]; }

/* Asks for an impossible arena. */
EXPORT int64_t toy_fail_arena(const int64_t *dims, int64_t workers) {
  (void)workers;
  return dims[0] > 1 ? -1 : 64;
}
