//===- KernelHarness.cpp - Compiles a function and runs it ----------------===//

#include "KernelHarness.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "seq/Codegen/CPU/Object.h"
#include "seq/Pipelines/Registration.h"
#include "seq/Pipelines/Stages.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include <cstring>
#include <limits>
#include <random>

using namespace mlir;
using namespace seqc::test;

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

State::State(int64_t batch, int64_t capacity, llvm::ArrayRef<int64_t> elements, float fill) : counts(batch, 0) {
  for (int64_t count : elements)
    components.emplace_back(count, fill);
  state.batch = batch;
  state.capacity = capacity;
}

State State::kv(int64_t batch, int64_t capacity, int64_t heads, int64_t keyDim, int64_t valueDim) {
  int64_t padded = (capacity + 31) / 32 * 32;
  return State(batch, capacity, {batch * heads * padded * keyDim, batch * heads * capacity * valueDim},
               std::numeric_limits<float>::quiet_NaN());
}

State State::counter(int64_t batch) { return State(batch, 0, {2 * batch}); }

seq_abi_state *State::abi() {
  for (size_t i = 0; i < components.size(); ++i)
    state.component[i] = components[i].data();
  state.count = counts.data();
  return &state;
}

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

struct Compiled::Code {
  std::unique_ptr<llvm::orc::LLJIT> jit;
  seq_abi_export entry = nullptr;
  seq_abi_export_arena arena = nullptr;
};

template <typename T> static T orAbort(llvm::Expected<T> value) {
  if (!value)
    llvm::report_fatal_error(value.takeError());
  return std::move(*value);
}

std::vector<std::string> seqc::test::runnableTargets() {
  std::vector<std::string> targets{"x86-64-v3"};
  if (orAbort(seqc::cpu::getTarget("host")).avx512)
    targets.push_back("x86-64-v4");
  return targets;
}

static MLIRContext &context() {
  static MLIRContext *shared = [] {
    DialectRegistry registry;
    seqc::registerDialects(registry);
    seqc::registerPasses();
    auto *context = new MLIRContext(registry);
    context->disableMultithreading();
    return context;
  }();
  return *shared;
}

static void runPasses(ModuleOp module, const seqc::cpu::Target &target) {
  for (llvm::StringRef stage : {"forms", "linalg", "scheduled", "vector", "llvm-dialect"})
    if (failed(seqc::runStage(module, stage, &target, {})))
      llvm::report_fatal_error("the test's function does not compile");
}

Compiled::Compiled(llvm::StringRef body, llvm::StringRef cpu) : code(std::make_unique<Code>()) {
  auto target = orAbort(seqc::cpu::getTarget(cpu));
  auto module = parseSourceString<ModuleOp>(body, &context());
  if (!module)
    llvm::report_fatal_error("the test's function does not parse");
  runPasses(*module, target);
  llvm::LLVMContext llvmContext;
  auto llvmModule = orAbort(seqc::cpu::translateToLLVMIR(*module, target, llvmContext));
  std::string object = orAbort(seqc::cpu::emitObject(*llvmModule, target));
  code->jit = orAbort(llvm::orc::LLJITBuilder().create());
  if (auto error = code->jit->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(object)))
    llvm::report_fatal_error(std::move(error));
  code->entry = orAbort(code->jit->lookup("seq_export_f")).toPtr<seq_abi_export>();
  code->arena = orAbort(code->jit->lookup("seq_export_f_arena")).toPtr<seq_abi_export_arena>();
}

Compiled::~Compiled() = default;

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

/// Two of the workers take pieces in turns, one after the other.
static void takeTurns(void *, int64_t count, int64_t grain, seq_abi_body body, void *context) {
  int64_t piece = std::max<int64_t>(grain, 1), worker = 0;
  for (int64_t begin = 0; begin < count; begin += piece, worker ^= 1)
    body(context, begin, std::min(count, begin + piece), worker);
}

int32_t Compiled::call(llvm::ArrayRef<const void *> arguments, llvm::ArrayRef<void *> results,
                       llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<State *> states) {
  seq_abi_runtime runtime = {SEQ_ABI_VERSION, sizeof(seq_abi_runtime), nullptr, workers, takeTurns};
  return call(runtime, arguments, results, dims, states);
}

int32_t Compiled::call(const seq_abi_runtime &runtime, llvm::ArrayRef<const void *> arguments,
                       llvm::ArrayRef<void *> results, llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<State *> states) {
  arenaSize = code->arena(dims.data(), runtime.workers);
  // Scratch starts as NaN: code that reads it before it writes shows.
  if (static_cast<int64_t>(arena.size()) < arenaSize + SEQ_ABI_ALIGNMENT)
    arena.resize(arenaSize + SEQ_ABI_ALIGNMENT, static_cast<char>(0xff));
  std::vector<seq_abi_state *> stateTable;
  for (State *state : states)
    stateTable.push_back(state->abi());
  seq_abi_error error = {};
  auto start = reinterpret_cast<uintptr_t>(arena.data());
  uintptr_t aligned = (start + SEQ_ABI_ALIGNMENT - 1) / SEQ_ABI_ALIGNMENT * SEQ_ABI_ALIGNMENT;
  seq_abi_frame frame = {&runtime,
                         arguments.data(),
                         results.data(),
                         dims.data(),
                         nullptr,
                         stateTable.data(),
                         reinterpret_cast<void *>(aligned),
                         &error};
  return code->entry(&frame);
}

std::vector<float> seqc::test::randomFloats(size_t count, uint64_t seed, float low, float high) {
  std::mt19937_64 engine(seed);
  std::vector<float> values(count);
  for (float &value : values)
    value = low + (high - low) * static_cast<float>(engine() >> 40) * 0x1p-24f;
  return values;
}
