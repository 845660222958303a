/* Generates tokens with a compiled language model, greedily:
 *
 *     generate MODEL.seqm COUNT ID...
 *
 * feeds the ids of a prompt and prints COUNT more. Text needs a tokenizer,
 * which seq-run has; this shows the calls. docs/Runtime.md goes through it. */

#include "seqrt/seqrt.h"

#include <stdio.h>
#include <stdlib.h>

/* Ends the program with the status's message unless it is a success. */
static void check(seqrt_status status) {
  if (status.code == SEQRT_OK)
    return;
  fprintf(stderr, "generate: error: %s\n", status.message);
  exit(1);
}

/* A tensor of rank 2 over memory of ours. */
static seqrt_tensor matrix(void *data, seqrt_dtype type, int64_t *shape) {
  seqrt_tensor tensor = {0};
  tensor.data = data;
  tensor.dtype = type;
  tensor.ndim = 2;
  tensor.shape = shape;
  return tensor;
}

static int32_t argmax(const float *values, int64_t count) {
  int64_t best = 0;
  for (int64_t i = 1; i < count; ++i)
    if (values[i] > values[best])
      best = i;
  return (int32_t)best;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: generate MODEL.seqm COUNT ID...\n");
    return 1;
  }
  long count = strtol(argv[2], NULL, 10);
  int64_t promptLength = argc - 3;
  int32_t *prompt = malloc((size_t)promptLength * sizeof(int32_t));
  if (!prompt)
    return 1;
  for (int64_t i = 0; i < promptLength; ++i)
    prompt[i] = (int32_t)strtol(argv[3 + i], NULL, 10);

  /* The module is mapped and verified; the context holds the states. */
  seqrt_module *module = NULL;
  check(seqrt_module_open(argv[1], NULL, &module));
  seqrt_context *context = NULL;
  check(seqrt_context_create(module, NULL, &context));

  /* prefill: ids i32 [B,T] -> logits f32 [B,V]. The runtime says how large. */
  int64_t prefill = seqrt_module_find_export(module, "prefill");
  int64_t step = seqrt_module_find_export(module, "step");
  if (prefill < 0 || step < 0) {
    fprintf(stderr, "generate: error: '%s' is no language model\n", argv[1]);
    return 1;
  }
  const seqrt_dtype i32 = {SEQRT_INT, 32, 1}, f32 = {SEQRT_FLOAT, 32, 1};
  int64_t idsShape[2] = {1, promptLength}, logitsShape[2];
  seqrt_tensor ids = matrix(prompt, i32, idsShape);
  check(seqrt_context_result_shape(context, (size_t)prefill, &ids, 1, 0, logitsShape));
  int64_t vocabulary = logitsShape[1];
  float *logits = malloc((size_t)vocabulary * sizeof(float));
  if (!logits)
    return 1;
  seqrt_tensor result = matrix(logits, f32, logitsShape);
  check(seqrt_context_call_index(context, (size_t)prefill, &ids, 1, &result, 1));

  /* step: one token in, the next one's logits out. */
  int64_t oneShape[2] = {1, 1};
  for (long i = 0; i < count; ++i) {
    int32_t next = argmax(logits, vocabulary);
    printf("%s%d", i == 0 ? "" : " ", next);
    fflush(stdout);
    if (i + 1 == count)
      break;
    seqrt_tensor token = matrix(&next, i32, oneShape);
    check(seqrt_context_call_index(context, (size_t)step, &token, 1, &result, 1));
  }
  printf("\n");

  seqrt_context_release(context);
  seqrt_module_release(module);
  free(logits);
  free(prompt);
  return 0;
}
