//===- seq-bench.cpp - Time an export against the machine's limits --------===//

#include "Peaks.h"
#include "seqrt/seqrt.h"
#include "tools/Support/CommandLine.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"
#include <bit>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace cl = llvm::cl;

static cl::OptionCategory category("seq-bench options");
static cl::opt<std::string> input(cl::Positional, cl::Required, cl::desc("<module.seqm>"), cl::cat(category));
static cl::opt<std::string> function("function", cl::init("step"), cl::cat(category),
                                     cl::desc("The export to time (default: step)"));
static cl::opt<int64_t> batch("batch", cl::init(1), cl::cat(category), cl::desc("Rows of the batch"));
static cl::opt<int64_t> time_("time", cl::init(512), cl::cat(category),
                              cl::desc("Tokens of a call, where they are dynamic"));
static cl::opt<int64_t> depth("depth", cl::init(0), cl::cat(category),
                              cl::desc("Tokens that the states hold before each call"));
static cl::opt<int> threads("threads", cl::init(0), cl::cat(category), cl::desc("Threads (default: all cores)"));
static cl::opt<int> repeat("repeat", cl::init(30), cl::cat(category), cl::desc("Timed calls"));

namespace {

struct Free {
  void operator()(char *bytes) const { std::free(bytes); }
};

struct Tensor {
  std::unique_ptr<char, Free> bytes; ///< of calloc: LLVM lets a `new` that fails end the program
  std::vector<int64_t> shape;
  seqrt_tensor view{};
};

[[noreturn]] void fail(const llvm::Twine &message) {
  llvm::errs() << "seq-bench: error: " << message << "\n";
  std::exit(1);
}

void check(const seqrt_status &status) {
  if (status.code != SEQRT_OK)
    fail(status.message);
}

int64_t sizeOfDim(const seqrt_export_info &info, size_t dim, int64_t tokens) {
  if (static_cast<int32_t>(dim) == info.batch_dim)
    return batch;
  if (static_cast<int32_t>(dim) == info.time_dim)
    return tokens;
  return 1;
}

/// Writes element `i` of a made-up argument. Integers are ids of the vocabulary (0: unknown), or, one a row, the
/// `tokens` of a call, which is what lengths are; floats have a fixed pattern; bools are false.
void makeElement(const seqrt_tensor_info &info, int64_t i, int64_t tokens, int64_t vocabulary, char *to) {
  size_t size = info.dtype.bits / 8;
  int64_t number = (i * 7919) % 199 + 17;
  double real = static_cast<double>(number) / 128 - 0.9;
  if (info.dtype.code == SEQRT_INT || info.dtype.code == SEQRT_UINT) {
    int64_t value = info.rank == 1 ? tokens : vocabulary > 0 ? number % vocabulary : number;
    std::memcpy(to, &value, size);
  } else if (info.dtype.code == SEQRT_FLOAT && size == 8) {
    std::memcpy(to, &real, size);
  } else if (info.dtype.code == SEQRT_FLOAT && size == 4) {
    auto single = static_cast<float>(real);
    std::memcpy(to, &single, size);
  } else if (info.dtype.code == SEQRT_FLOAT) {
    auto half = static_cast<_Float16>(real);
    std::memcpy(to, &half, size);
  } else if (info.dtype.code == SEQRT_BFLOAT) {
    auto bits = static_cast<uint16_t>(std::bit_cast<uint32_t>(static_cast<float>(real)) >> 16);
    std::memcpy(to, &bits, size);
  }
}

std::unique_ptr<Tensor> makeTensor(const seqrt_tensor_info &info, const seqrt_export_info &exported, int64_t tokens,
                                   int64_t vocabulary) {
  auto tensor = std::make_unique<Tensor>();
  size_t size = info.dtype.bits / 8, bytes = size;
  bool tooLarge = false;
  for (int32_t d = 0; d < info.rank; ++d) {
    tensor->shape.push_back(info.shape[d] < 0 ? sizeOfDim(exported, SEQRT_DIM_INDEX(info.shape[d]), tokens)
                                              : info.shape[d]);
    tooLarge |= __builtin_mul_overflow(bytes, static_cast<size_t>(tensor->shape.back()), &bytes);
  }
  if (!tooLarge)
    tensor->bytes.reset(static_cast<char *>(std::calloc(std::max<size_t>(bytes, 1), 1)));
  if (!tensor->bytes)
    fail(llvm::Twine("there is no memory for '") + info.name + "' of '" + exported.name +
         "': make --time or --batch smaller");
  for (size_t i = 0; i < bytes / size; ++i)
    makeElement(info, static_cast<int64_t>(i), exported.time_dim >= 0 ? tokens : exported.tokens_per_call, vocabulary,
                tensor->bytes.get() + i * size);
  tensor->view.data = tensor->bytes.get();
  tensor->view.ndim = info.rank;
  tensor->view.dtype = info.dtype;
  tensor->view.shape = tensor->shape.data();
  return tensor;
}

/// One export with its arguments and results, ready to be called again and again.
class Call {
public:
  Call(seqrt_module *module, const char *name, int64_t tokens)
      : vocabulary(seqrt_module_get_info(module)->vocabulary_size) {
    int64_t found = seqrt_module_find_export(module, name);
    if (found < 0)
      fail(llvm::Twine("the module has no export '") + name + "'; seq-dump --signatures lists them");
    index = static_cast<size_t>(found);
    info = seqrt_module_export(module, index);
    for (size_t i = 0; i < info->argument_count; ++i)
      add(arguments, *info->arguments[i], tokens);
    for (size_t i = 0; i < info->result_count; ++i)
      add(results, *info->results[i], tokens);
    for (size_t d = 0; d < info->dim_count; ++d)
      dims.push_back(sizeOfDim(*info, d, tokens));
  }

  void run(seqrt_context *context) {
    check(seqrt_context_call_index(context, index, arguments.data(), arguments.size(), results.data(), results.size()));
  }

  size_t index;
  const seqrt_export_info *info;
  std::vector<int64_t> dims;

private:
  int64_t vocabulary;

  void add(std::vector<seqrt_tensor> &to, const seqrt_tensor_info &tensor, int64_t tokens) {
    owned.push_back(makeTensor(tensor, *info, tokens, vocabulary));
    to.push_back(owned.back()->view);
  }

  std::vector<std::unique_ptr<Tensor>> owned;
  std::vector<seqrt_tensor> arguments, results;
};

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

/// Times calls that each start from the states that `context` has now. It is the same context each
/// time: the memory of calls has been touched, as in a program that goes on.
std::vector<double> timeCalls(seqrt_context *context, Call &call) {
  std::vector<char> states;
  if (call.info->state_count > 0) {
    size_t size = 0;
    check(seqrt_context_save_memory(context, nullptr, &size));
    states.resize(size);
    check(seqrt_context_save_memory(context, states.data(), &size));
  }
  std::vector<double> seconds;
  for (int i = 0; i < repeat + 1; ++i) {
    if (!states.empty())
      check(seqrt_context_load_memory(context, states.data(), states.size()));
    auto begin = std::chrono::steady_clock::now();
    call.run(context);
    double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (i > 0) // the first one touches memory for the first time
      seconds.push_back(taken);
  }
  return seconds;
}

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  std::string problem =
      seqc::parseCommandLine(argc, argv, "seq-bench: times an export and compares it with the machine's limits\n");
  if (!problem.empty())
    fail(problem);
  if (repeat < 1 || batch < 1 || time_ < 1 || depth < 0 || threads < 0)
    fail("--repeat, --batch and --time are positive, --depth and --threads are not negative");
  seqrt_module *module = nullptr;
  check(seqrt_module_open(input.c_str(), nullptr, &module));
  seqrt_context_options options = SEQRT_CONTEXT_OPTIONS_INIT;
  options.threads = threads;
  options.batch = batch;
  seqrt_context *context = nullptr;
  check(seqrt_context_create(module, &options, &context));
  Call call(module, function.c_str(), time_);
  if (depth > 0 && seqrt_module_find_export(module, "prefill") < 0)
    fail("--depth: the module has no export 'prefill' to feed tokens with");
  for (int64_t done = 0; done < depth;) {
    int64_t piece = std::min<int64_t>(512, depth - done);
    Call(module, "prefill", piece).run(context);
    done += piece;
  }
  auto before = seqc::measurePeaks(seqrt_context_threads(context));
  double seconds = median(timeCalls(context, call));
  auto after = seqc::measurePeaks(seqrt_context_threads(context));
  double flops = 0, bytes = 0;
  int64_t tokens = depth + (call.info->time_dim >= 0 ? time_.getValue() : call.info->tokens_per_call);
  check(seqrt_module_export_cost(module, call.index, call.dims.data(), tokens, &flops, &bytes));
  double gflops = 1e-9 * flops / seconds, gbytes = 1e-9 * bytes / seconds;
  llvm::outs() << llvm::format("%s: %.3f ms (median of %d)\n", function.c_str(), 1e3 * seconds, repeat.getValue())
               << llvm::format("  %.2f GFLOP/s, %.1f%% of the FMA peak (%.1f)\n", gflops,
                               100 * gflops / std::max(before.gflops, after.gflops),
                               std::max(before.gflops, after.gflops))
               << llvm::format("  %.2f GB/s of weights and states, %.1f%% of the read bandwidth (%.1f)\n", gbytes,
                               100 * gbytes / std::max(before.gbytes, after.gbytes),
                               std::max(before.gbytes, after.gbytes));
  seqrt_context_release(context);
  seqrt_module_release(module);
  llvm::outs().flush();
  std::error_code error = llvm::outs().error();
  llvm::outs().clear_error();
  if (error)
    fail("cannot write to standard output: " + error.message());
}
