//===- seqrt.h - Run compiled sequence models -------------------*- C++ -*-===//
//
// The public C API of libseqrt. A module (a .seqm file) holds compiled code,
// packed weights and the description of both; a context holds what one
// sequence (or one batch of them) needs while it runs: the states and a
// scratch arena. docs/Runtime.md is a tour with a complete program.
//
// Conventions
//  - Functions that can fail return a seqrt_status by value: nothing to free,
//    nothing global. The message is one line that says what is wrong, where,
//    and what to do.
//  - Accessors cannot fail: an index that is out of range gives NULL.
//  - What an accessor returns belongs to the module and lives as long as it.
//    Such structures may grow at their end in later versions.
//  - Modules and pools are immutable or internally synchronised: any number of
//    threads may use one. A context belongs to one thread at a time.
//  - Modules and pools are reference counted: a context keeps its own alive.
//  - A module holds native code that runs in the calling process. Digests find
//    damage, not malice: open only modules whose origin you trust.
//
//===----------------------------------------------------------------------===//

#ifndef SEQRT_SEQRT_H
#define SEQRT_SEQRT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SEQRT_API __attribute__((visibility("default")))
#define SEQRT_CHECKED __attribute__((warn_unused_result))
#else
#define SEQRT_API
#define SEQRT_CHECKED
#endif

#ifdef __cplusplus
extern "C" {
#endif

//===----------------------------------------------------------------------===//
// Status
//===----------------------------------------------------------------------===//

typedef enum seqrt_code {
  SEQRT_OK = 0,
  SEQRT_INVALID_ARGUMENT = 1, ///< does not fit the signature, or misuse
  SEQRT_NOT_FOUND = 2,        ///< no such export or target
  SEQRT_IO = 3,               ///< the operating system refused a file operation
  SEQRT_CORRUPT = 4,          ///< not a module (or saved state), or damaged
  SEQRT_VERSION = 5,          ///< written for another version of the format
  SEQRT_UNSUPPORTED = 6,      ///< no code in the module for this machine
  SEQRT_OUT_OF_MEMORY = 7,
  SEQRT_OUT_OF_RANGE = 8, ///< an index (a token id, a length, an expert) is out of range
  SEQRT_STATE_FULL = 9,   ///< more tokens than the context has room for
  SEQRT_INTERNAL = 10,    ///< the module broke the rules of its ABI
} seqrt_code;

/// `message` is NUL-terminated, empty on success, and clipped when it would
/// not fit.
typedef struct seqrt_status {
  int32_t code; ///< a seqrt_code; 0 is success
  char message[508];
} seqrt_status;

/// The version of the library, "major.minor.patch".
SEQRT_API const char *seqrt_version(void);

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// Element types, encoded as DLPack's DLDataType.
typedef struct seqrt_dtype {
  uint8_t code; ///< a seqrt_dtype_code
  uint8_t bits;
  uint16_t lanes; ///< always 1
} seqrt_dtype;

typedef enum seqrt_dtype_code {
  SEQRT_INT = 0,
  SEQRT_UINT = 1,
  SEQRT_FLOAT = 2,
  SEQRT_BFLOAT = 4,
  SEQRT_BOOL = 6, ///< one byte an element, 0 or 1
} seqrt_dtype_code;

/// DLPack's DLDevice. Tensors of a call live in host memory: {1, 0}. An
/// all-zero device is taken as the host too.
typedef struct seqrt_device {
  int32_t type;
  int32_t id;
} seqrt_device;

/// A borrowed tensor, laid out as DLPack's DLTensor: a DLTensor may be cast.
/// Calls read and write `data` in place, never a copy. The elements are dense
/// row-major: `strides` (in elements) is NULL or says the same. `data` plus
/// `byte_offset` is aligned to the element size.
typedef struct seqrt_tensor {
  void *data;
  seqrt_device device;
  int32_t ndim;
  seqrt_dtype dtype;
  int64_t *shape; ///< [ndim]; only read
  int64_t *strides;
  uint64_t byte_offset;
} seqrt_tensor;

/// The name of a type, such as "f32"; "?" when seqrt does not know it.
SEQRT_API const char *seqrt_dtype_name(seqrt_dtype type);

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

typedef struct seqrt_module seqrt_module;

typedef struct seqrt_open_options {
  size_t struct_size; ///< sizeof(seqrt_open_options)
  /// Take the code of this target; NULL for the best that the machine runs.
  const char *target;
  /// Where external weights files are; NULL for the folder of the module (for
  /// a module in memory: the current folder).
  const char *weights_folder;
  /// Check the digests of the weights: -1 by size (up to 256 MB: yes), 0 no,
  /// 1 yes. All other digests are always checked.
  int32_t verify_weights;
} seqrt_open_options;

#define SEQRT_OPEN_OPTIONS_INIT {sizeof(seqrt_open_options), NULL, NULL, -1}

/// Maps and verifies a module. `options` may be NULL. The file must not be
/// changed in place while it is open (replacing it by a rename is fine).
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_module_open(const char *path, const seqrt_open_options *options,
                                                       seqrt_module **module);

/// The same for a module in memory, which is borrowed: it stays as it is and
/// outlives the module. `data` is aligned to 64 bytes.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_module_open_memory(const void *data, size_t size,
                                                              const seqrt_open_options *options, seqrt_module **module);

SEQRT_API seqrt_module *seqrt_module_retain(seqrt_module *module);
/// NULL is fine. Contexts that still exist keep the module alive.
SEQRT_API void seqrt_module_release(seqrt_module *module);

/// Checks every digest, those of the weights included: reads the whole file.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_module_verify(const seqrt_module *module);

typedef struct seqrt_module_info {
  const char *name;        ///< of the model
  const char *producer;    ///< the compiler and its version
  int64_t context_length;  ///< most tokens of a context, 0 without a limit
  int64_t vocabulary_size; ///< 0 when the model has no vocabulary
  uint64_t file_size;
  uint64_t digest[2];         ///< of the header, which holds those of the sections
  const char *target;         ///< whose code was loaded
  const int64_t *stop_tokens; ///< each ends a generation; the tokenizer may know more
  size_t stop_token_count;
} seqrt_module_info;

SEQRT_API const seqrt_module_info *seqrt_module_get_info(const seqrt_module *module);

/// Free-form metadata: key and value of entry `index`; returns 0 past the end.
SEQRT_API size_t seqrt_module_metadata_count(const seqrt_module *module);
SEQRT_API int seqrt_module_metadata(const seqrt_module *module, size_t index, const char **key, const char **value);
/// The value of `key`, or NULL.
SEQRT_API const char *seqrt_module_find_metadata(const seqrt_module *module, const char *key);

/// A symbolic dimension of an export, such as "B" or "T".
typedef struct seqrt_dim_info {
  const char *name;
  int64_t min;
  int64_t max; ///< 0 without a limit
} seqrt_dim_info;

/// In a signature's shape a size from 0 up is static; SEQRT_DIM(i) stands for
/// the export's symbolic dimension i.
#define SEQRT_DIM(i) (-1 - (int64_t)(i))
#define SEQRT_DIM_INDEX(size) ((size_t)(-1 - (int64_t)(size)))

typedef struct seqrt_tensor_info {
  const char *name;
  seqrt_dtype dtype;
  int32_t rank;
  const int64_t *shape; ///< [rank]
} seqrt_tensor_info;

typedef struct seqrt_export_info {
  const char *name;
  const char *kind; ///< "forward", "prefill", "step" or "other"
  size_t argument_count;
  const seqrt_tensor_info *const *arguments;
  size_t result_count;
  const seqrt_tensor_info *const *results;
  size_t dim_count;
  const seqrt_dim_info *const *dims;
  size_t state_count;
  const size_t *states; ///< indices of the module's states that it updates
  int32_t batch_dim;    ///< index of the batch dimension, -1 without
  int32_t time_dim;     ///< index of the time dimension, -1 without
  /// Tokens of a call where there is no time dimension (1 for a step).
  int64_t tokens_per_call;
} seqrt_export_info;

SEQRT_API size_t seqrt_module_export_count(const seqrt_module *module);
SEQRT_API const seqrt_export_info *seqrt_module_export(const seqrt_module *module, size_t index);
/// The export's index, or -1.
SEQRT_API int64_t seqrt_module_find_export(const seqrt_module *module, const char *name);

/// What a call costs with these sizes of the export's symbolic dimensions,
/// when the context holds `tokens` tokens after it.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_module_export_cost(const seqrt_module *module, size_t index,
                                                              const int64_t *dims, int64_t tokens, double *flops,
                                                              double *bytes);

typedef struct seqrt_state_info {
  const char *name;
  const char *kind; ///< "kv", "matrix", "shift", "position", …
  size_t component_count;
  const seqrt_dtype *components; ///< element types
  int32_t has_capacity;          ///< whether it grows with the tokens
} seqrt_state_info;

SEQRT_API size_t seqrt_module_state_count(const seqrt_module *module);
SEQRT_API const seqrt_state_info *seqrt_module_state(const seqrt_module *module, size_t index);
/// Bytes that the states of a context reserve. A page that no token has
/// touched takes no memory.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_module_state_bytes(const seqrt_module *module, int64_t batch,
                                                              int64_t capacity, uint64_t *bytes);

typedef struct seqrt_parameter_info {
  const char *name;
  const char *type;    ///< logical element type, such as "f32" or "q4_1"
  const char *packing; ///< how the bytes are laid out, "" for row-major
  int32_t rank;
  const int64_t *shape; ///< logical shape
  const void *data;     ///< the mapped bytes
  uint64_t size;        ///< in bytes
} seqrt_parameter_info;

SEQRT_API size_t seqrt_module_parameter_count(const seqrt_module *module);
SEQRT_API const seqrt_parameter_info *seqrt_module_parameter(const seqrt_module *module, size_t index);

typedef struct seqrt_target_info {
  const char *name;     ///< such as "x86-64-v3"
  const char *features; ///< what it needs, separated by commas
  int32_t rank;         ///< higher is preferred
  int32_t supported;    ///< whether this machine runs it
} seqrt_target_info;

SEQRT_API size_t seqrt_module_target_count(const seqrt_module *module);
SEQRT_API const seqrt_target_info *seqrt_module_target(const seqrt_module *module, size_t index);

/// The bytes of the first section of this kind ("tokenizer", "weights",
/// "code", "debug" or another one), or NULL.
SEQRT_API const void *seqrt_module_section(const seqrt_module *module, const char *kind, uint64_t *size);

//===----------------------------------------------------------------------===//
// Thread pools
//===----------------------------------------------------------------------===//

typedef struct seqrt_pool seqrt_pool;

/// A pool for contexts to share. `threads` counts the caller of a loop as one;
/// 0 means the cores that this process may use. While one context's loop has
/// the pool, those of others run on their own thread alone.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_pool_create(int32_t threads, seqrt_pool **pool);
SEQRT_API seqrt_pool *seqrt_pool_retain(seqrt_pool *pool);
SEQRT_API void seqrt_pool_release(seqrt_pool *pool);
SEQRT_API int32_t seqrt_pool_threads(const seqrt_pool *pool);

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

typedef struct seqrt_context seqrt_context;

typedef struct seqrt_context_options {
  size_t struct_size; ///< sizeof(seqrt_context_options)
  /// Threads of the context's own pool, 0 for the cores that this process may
  /// use. Without a meaning when `pool` is given.
  int32_t threads;
  int64_t batch;    ///< rows of the states, 0 for 1
  int64_t capacity; ///< tokens that fit, 0 for the module's context length
  seqrt_pool *pool; ///< a pool to share, or NULL
} seqrt_context_options;

#define SEQRT_CONTEXT_OPTIONS_INIT {sizeof(seqrt_context_options), 0, 1, 0, NULL}

/// A context with fresh states. `options` may be NULL.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_create(seqrt_module *module, const seqrt_context_options *options,
                                                          seqrt_context **context);
/// NULL is fine.
SEQRT_API void seqrt_context_release(seqrt_context *context);

/// A copy of the states, which goes its own way from here on; it shares the
/// pool. Costs the memory of the tokens so far.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_clone(const seqrt_context *context, seqrt_context **clone);

/// Back to fresh states, giving their memory back to the system.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_reset(seqrt_context *context);

/// Row b of all states becomes what row rows[b] was; `count` is the batch. For
/// beams that die and fork, and for slots of a server. A row may be taken any
/// number of times.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_select_rows(seqrt_context *context, const int64_t *rows,
                                                               size_t count);

/// Every row forgets all tokens but its first `tokens` (those that speculation
/// got wrong). Only caches of keys and values can do that: with states of
/// another kind this is SEQRT_INVALID_ARGUMENT, and a clone made before the
/// tokens is the way back.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_truncate(seqrt_context *context, int64_t tokens);

SEQRT_API seqrt_module *seqrt_context_module(const seqrt_context *context);
SEQRT_API int64_t seqrt_context_batch(const seqrt_context *context);
/// Tokens that fit, 0 when the states have no limit.
SEQRT_API int64_t seqrt_context_capacity(const seqrt_context *context);
SEQRT_API int32_t seqrt_context_threads(const seqrt_context *context);
/// Tokens consumed since the states were fresh (each row of the batch).
SEQRT_API int64_t seqrt_context_tokens(const seqrt_context *context);
/// Bytes of scratch memory that the calls so far have needed.
SEQRT_API uint64_t seqrt_context_arena_bytes(const seqrt_context *context);
/// The message of the context's last failure, "" when there was none.
SEQRT_API const char *seqrt_context_last_error(const seqrt_context *context);

/// A view of one component of a state: `tensor` is filled in; its shape
/// belongs to the context.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_state(seqrt_context *context, size_t state, size_t component,
                                                         seqrt_tensor *tensor);

/// The shape of a result, [rank], of a call with these arguments.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_result_shape(seqrt_context *context, size_t export_index,
                                                                const seqrt_tensor *arguments, size_t argument_count,
                                                                size_t result, int64_t *shape);

/// Runs an export: reads `arguments`, writes the buffers of `results`, updates
/// the states. Types, shapes and room are checked first. When it fails, the
/// results are unspecified and the states hold the tokens they held before.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_call(seqrt_context *context, const char *export_name,
                                                        const seqrt_tensor *arguments, size_t argument_count,
                                                        const seqrt_tensor *results, size_t result_count);
/// The same by index, which saves looking up the name.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_call_index(seqrt_context *context, size_t export_index,
                                                              const seqrt_tensor *arguments, size_t argument_count,
                                                              const seqrt_tensor *results, size_t result_count);

/// Saves the states: only the part that the tokens so far fill. Written whole
/// or not at all.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_save(seqrt_context *context, const char *path);
/// Replaces the states by saved ones of the same module and batch; they may
/// come from a context of another capacity if the tokens fit. On an error the
/// states stay as they are.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_load(seqrt_context *context, const char *path);

/// The same in memory. With `buffer` NULL, `size` is set to what is needed;
/// otherwise it says what there is and is set to what was written.
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_save_memory(seqrt_context *context, void *buffer, size_t *size);
SEQRT_API SEQRT_CHECKED seqrt_status seqrt_context_load_memory(seqrt_context *context, const void *buffer, size_t size);

//===----------------------------------------------------------------------===//
// Profiling
//===----------------------------------------------------------------------===//

/// A finished piece of work. Times are of the monotonic clock.
typedef struct seqrt_event {
  const char *kind; ///< "call" (of an export) or "loop" (a parallel one)
  const char *name; ///< the export, or the loop's function; lives as the context
  int64_t begin_ns;
  int64_t end_ns;
  int64_t count; ///< iterations of a loop; tokens of a call
} seqrt_event;

typedef void (*seqrt_profiler)(void *user, const seqrt_event *event);

/// Reports every call and parallel loop of the context, from the thread that
/// calls; NULL stops it. Costs nothing while it is off.
SEQRT_API void seqrt_context_set_profiler(seqrt_context *context, seqrt_profiler profiler, void *user);

#ifdef __cplusplus
} // extern "C"
#endif

#endif // SEQRT_SEQRT_H
