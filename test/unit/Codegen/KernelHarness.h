//===- KernelHarness.h - Compiles a function and runs it --------*- C++ -*-===//
//
// Takes a function of seq ops on tensors the whole way to machine code, as seqc does
// once elementwise ops are gone, and calls it through the ABI in this process.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TEST_UNIT_CODEGEN_KERNELHARNESS_H
#define SEQ_TEST_UNIT_CODEGEN_KERNELHARNESS_H

#include "seq/Runtime/ABI.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <memory>
#include <string>
#include <vector>

namespace seqc::test {

/// The targets whose code runs on this machine: x86-64-v3, and x86-64-v4 where it can.
std::vector<std::string> runnableTargets();

/// A state as the runtime keeps it.
class State {
public:
  /// Components of the given numbers of elements, filled with `fill`.
  State(int64_t batch, int64_t capacity, llvm::ArrayRef<int64_t> elements, float fill = 0);
  /// A KV state of `heads` heads; memory that holds no tokens is NaN.
  static State kv(int64_t batch, int64_t capacity, int64_t heads, int64_t keyDim, int64_t valueDim);
  /// The counter of seq.positions.
  static State counter(int64_t batch);

  float *component(int i) { return components[i].data(); }
  std::vector<int64_t> counts;
  seq_abi_state *abi();

private:
  std::vector<std::vector<float>> components;
  seq_abi_state state = {};
};

/// Machine code of one exported function.
class Compiled {
public:
  /// Compiles `body`, the text of functions and parameters, of which @f is the one to call.
  /// Aborts with the error where it does not compile: the text is the test's own.
  Compiled(llvm::StringRef body, llvm::StringRef cpu);
  ~Compiled();

  /// Calls @f. `dims` are its symbolic dimensions in order (usually batch and time). The
  /// runtime of the call has `workers`, of which two take pieces of the grain in turns.
  int32_t call(llvm::ArrayRef<const void *> arguments, llvm::ArrayRef<void *> results, llvm::ArrayRef<int64_t> dims,
               llvm::ArrayRef<State *> states = {});

  /// As call, with another runtime.
  int32_t call(const seq_abi_runtime &runtime, llvm::ArrayRef<const void *> arguments, llvm::ArrayRef<void *> results,
               llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<State *> states);

  int64_t workers = 2;

  /// The bytes of scratch memory that the last call used.
  int64_t arenaBytes() const { return arenaSize; }

private:
  struct Code;
  std::unique_ptr<Code> code;
  std::vector<char> arena;
  int64_t arenaSize = 0;
};

/// Reproducible numbers, uniform in [low, high).
std::vector<float> randomFloats(size_t count, uint64_t seed, float low = -1, float high = 1);

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_CODEGEN_KERNELHARNESS_H
