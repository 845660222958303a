//===- ABI.h - What compiled code and the runtime agree on ------*- C++ -*-===//
//
// The only interface between the machine code inside a module and libseqrt.
// The compiler emits loads at the offsets of these structures, the runtime
// fills them in; the static_asserts at the end pin the layout that both rely
// on. Nothing here may change without raising SEQ_ABI_VERSION, but for new error
// codes: a runtime reports one that it does not know by its number.
//
// Every export of a module is a function
//     int32_t export(const seq_abi_frame *frame);
// that returns 0, or a seq_abi_code after filling frame->error. Next to it
// stands
//     int64_t export_arena(const int64_t *dims, int64_t workers);
// which returns the bytes of scratch memory that a call with these dimensions
// needs; the runtime provides them (64-byte aligned) as frame->arena, so that
// compiled code never allocates.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_RUNTIME_ABI_H
#define SEQ_RUNTIME_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SEQ_ABI_VERSION 1
/// Alignment in bytes of every buffer, parameter, state component and arena.
#define SEQ_ABI_ALIGNMENT 64
/// The most components a state has (keys and values make two).
#define SEQ_ABI_STATE_COMPONENTS 4

/// A parallel loop's body: iterations [begin, end) on worker `worker`
/// (0 <= worker < workers; distinct for bodies that run at the same time).
typedef void (*seq_abi_body)(void *context, int64_t begin, int64_t end, int64_t worker);

/// The import table: all that compiled code may call.
typedef struct seq_abi_runtime {
  uint32_t version; ///< SEQ_ABI_VERSION of the runtime
  uint32_t size;    ///< sizeof(seq_abi_runtime)
  void *pool;       ///< passed back to parallel_for
  int64_t workers;  ///< threads that parallel_for may use, at least 1
  /// Runs `body` over [0, count) in pieces of at least `grain` iterations and
  /// returns when all are done. Not reentrant from inside a body.
  void (*parallel_for)(void *pool, int64_t count, int64_t grain, seq_abi_body body, void *context);
} seq_abi_runtime;

/// One state of a context. `count` holds how many tokens each batch row has
/// consumed; states that do not count (matrix states, shifts) have one too,
/// and leave it alone.
typedef struct seq_abi_state {
  void *component[SEQ_ABI_STATE_COMPONENTS];
  int64_t *count;   ///< [batch]
  int64_t batch;    ///< rows
  int64_t capacity; ///< tokens that fit, 0 for states of fixed size
} seq_abi_state;

enum seq_abi_code {
  SEQ_ABI_OK = 0,
  /// An index operand (a token id) is outside [0, limit): `index` is its flat
  /// position in the argument, `value` what stood there.
  SEQ_ABI_INDEX_OUT_OF_RANGE = 1,
  /// A state has no room for the tokens of this call: `value` tokens wanted in
  /// total, `limit` fit.
  SEQ_ABI_STATE_FULL = 2,
  /// A length is outside [0, limit], the tokens of the call: `index` is its row, `value` what stood there.
  SEQ_ABI_LENGTH_OUT_OF_RANGE = 3,
  /// The index of an expert is outside [0, limit): the rest as for SEQ_ABI_INDEX_OUT_OF_RANGE.
  SEQ_ABI_EXPERT_OUT_OF_RANGE = 4,
};

typedef struct seq_abi_error {
  int64_t index;
  int64_t value;
  int64_t limit;
} seq_abi_error;

/// The arguments of one call.
typedef struct seq_abi_frame {
  const seq_abi_runtime *runtime;
  const void *const *arguments;  ///< tensors, dense row-major, in order
  void *const *results;          ///< tensors to write, dense row-major
  const int64_t *dims;           ///< the export's symbolic dimensions, in order
  const void *const *parameters; ///< the module's packed parameters, in order
  seq_abi_state *const *states;  ///< the export's states, in order
  void *arena;
  seq_abi_error *error;
} seq_abi_frame;

typedef int32_t (*seq_abi_export)(const seq_abi_frame *);
typedef int64_t (*seq_abi_export_arena)(const int64_t *dims, int64_t workers);

#ifdef __cplusplus
} // extern "C"
static_assert(sizeof(void *) == 8, "modules are for 64-bit machines");
static_assert(sizeof(seq_abi_runtime) == 32 && offsetof(seq_abi_runtime, pool) == 8 &&
              offsetof(seq_abi_runtime, workers) == 16 && offsetof(seq_abi_runtime, parallel_for) == 24);
static_assert(sizeof(seq_abi_state) == 56 && offsetof(seq_abi_state, count) == 32 &&
              offsetof(seq_abi_state, batch) == 40 && offsetof(seq_abi_state, capacity) == 48);
static_assert(sizeof(seq_abi_error) == 24 && offsetof(seq_abi_error, value) == 8 &&
              offsetof(seq_abi_error, limit) == 16);
static_assert(sizeof(seq_abi_frame) == 64 && offsetof(seq_abi_frame, arguments) == 8 &&
              offsetof(seq_abi_frame, results) == 16 && offsetof(seq_abi_frame, dims) == 24 &&
              offsetof(seq_abi_frame, parameters) == 32 && offsetof(seq_abi_frame, states) == 40 &&
              offsetof(seq_abi_frame, arena) == 48 && offsetof(seq_abi_frame, error) == 56);
#endif

#endif // SEQ_RUNTIME_ABI_H
