//===- seqc.cpp - From a model to a module --------------------------------===//

#include "ModelInput.h"
#include "Progress.h"
#include "mlir/IR/MLIRContext.h"
#include "seq/Pipelines/Compiler.h"
#include "seq/Pipelines/Output.h"
#include "seq/Pipelines/Registration.h"
#include "tools/Support/CommandLine.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Parallel.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"
#include <csignal>

namespace cl = llvm::cl;

/// Libraries register options of their own, some under names that are seqc's. Runs before
/// the options below are made.
[[maybe_unused]] static const bool namesFreed = [] {
  for (const char *name : {"threads", "emit", "target", "explain", "weights", "form", "chunk", "machine"})
    if (cl::Option *option = cl::getRegisteredOptions().lookup(name))
      option->removeArgument();
  return true;
}();

static cl::OptionCategory category("seqc options");
static cl::opt<std::string> input(cl::Positional, cl::Required, cl::cat(category), cl::value_desc("model"),
                                  cl::desc("<model: a Hugging Face folder, .gguf or .mlir>"));
static cl::opt<std::string> output("o", cl::cat(category), cl::value_desc("file"),
                                   cl::desc("The file to write, - for standard output (default: the model's name "
                                            "with .seqm)"));
static cl::list<std::string> devices("target", cl::CommaSeparated, cl::cat(category),
                                     cl::desc("Devices to compile for: cpu (default)"));
static cl::list<std::string> cpus("target-cpu", cl::CommaSeparated, cl::cat(category), cl::value_desc("name"),
                                  cl::desc("Processors: host (default), x86-64-v3, x86-64-v4, or a name LLVM knows; "
                                           "several in one module"));
static cl::opt<std::string> features("target-features", cl::cat(category), cl::value_desc("+a,-b"),
                                     cl::desc("Processor features to add or to leave out"));
static cl::opt<std::string>
    emit("emit", cl::init("module"), cl::cat(category), cl::value_desc("what"),
         cl::desc("What to write: module, seq, forms, linalg, scheduled, vector, llvm, asm or object"));
static cl::opt<std::string> until("until", cl::cat(category), cl::value_desc("stage"),
                                  cl::desc("Stop after a stage and write that: import, seq, forms, linalg, scheduled, "
                                           "vector, llvm, asm or object"));
static cl::opt<std::string> quantize("quantize", cl::init("none"), cl::cat(category), cl::value_desc("format"),
                                     cl::desc("Quantise float matrices: none, q8_0, q4_0, q4_1, bf16 or f16"));
static cl::opt<bool> extend("extend", cl::cat(category),
                            cl::desc("Derive `extend` beside prefill and step: prefill with the results at all "
                                     "positions"));
static cl::opt<std::string> weights("weights", cl::init("embed"), cl::cat(category), cl::value_desc("where"),
                                    cl::desc("Weights in the module (embed) or in a file beside it (external)"));
static cl::opt<int64_t> maxContext("max-context", cl::init(0), cl::cat(category), cl::value_desc("tokens"),
                                   cl::desc("The most tokens of a sequence (default: what the model was trained for)"));
static cl::opt<unsigned> threads("threads", cl::init(0), cl::cat(category), cl::value_desc("n"),
                                 cl::desc("Threads of the compiler (default: all cores)"));
static cl::opt<std::string> form("form", cl::init("auto"), cl::cat(category), cl::value_desc("form"),
                                 cl::desc("How recurrences are computed: auto, recurrent, chunkwise or parallel"));
static cl::opt<int64_t> chunk("chunk", cl::init(0), cl::cat(category), cl::value_desc("tokens"),
                              cl::desc("Tokens of a chunk of chunkwise recurrences (default: chosen)"));
static cl::opt<int64_t> callThreads("call-threads", cl::init(0), cl::cat(category), cl::value_desc("n"),
                                    cl::desc("Threads that calls will have (default: not known)"));
static cl::opt<int64_t>
    callTokens("call-tokens", cl::init(512), cl::cat(category), cl::value_desc("n"),
               cl::desc("Tokens of the calls that forms are chosen and explained for (default: 512)"));
static cl::list<double> machine("machine", cl::CommaSeparated, cl::cat(category), cl::value_desc("a,b,c"),
                                cl::desc("What --explain compares with: GFLOP/s, Gexp/s and GB/s of all threads"));
static cl::opt<std::string>
    explain("explain", cl::ValueOptional, cl::init("no"), cl::cat(category), cl::value_desc("file.json"),
            cl::desc("Say what every op costs and what became of it, on standard error or as JSON"));

static int fail(const llvm::Twine &message) {
  llvm::errs() << "seqc: error: " << message << "\n";
  return 1;
}

namespace {
/// Prints diagnostics, one line an error, as the contract of the tools asks.
class Diagnostics {
public:
  Diagnostics(mlir::MLIRContext &context, seqc::Progress &progress) : progress(progress) {
    context.getDiagEngine().registerHandler([this](mlir::Diagnostic &diagnostic) {
      print(diagnostic);
      return mlir::success();
    });
  }

  /// What is returned behind a diagnostic says less than that did, so it is left out then.
  int fail(llvm::Error error) const {
    std::string message = llvm::toString(std::move(error));
    return errorShown ? 1 : ::fail(message);
  }

private:
  void print(const mlir::Diagnostic &diagnostic);

  seqc::Progress &progress;
  bool errorShown = false;
};
} // namespace

void Diagnostics::print(const mlir::Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Remark && explain == "no")
    return; // what could be better is for who asks
  progress.finish();
  switch (diagnostic.getSeverity()) {
  case mlir::DiagnosticSeverity::Error:
    errorShown = true;
    llvm::errs() << "seqc: error: ";
    break;
  case mlir::DiagnosticSeverity::Warning:
    llvm::errs() << "seqc: warning: ";
    break;
  default:
    llvm::errs() << "seqc: note: ";
  }
  mlir::Location location = diagnostic.getLocation();
  if (auto place = llvm::dyn_cast<mlir::FileLineColLoc>(location))
    llvm::errs() << place.getFilename().getValue() << ":" << place.getLine() << ":" << place.getColumn() << ": ";
  else if (!llvm::isa<mlir::UnknownLoc>(location))
    llvm::errs() << location << ": ";
  llvm::errs() << diagnostic << "\n";
}

static std::string checkOptions() {
  for (const std::string &device : devices)
    if (device != "cpu")
      return "--target=" + device + ": this build compiles for cpu only";
  if (weights != "embed" && weights != "external")
    return "--weights=" + weights + ": embed or external";
  static constexpr llvm::StringRef formats[] = {"none", "q8_0", "q4_0", "q4_1", "bf16", "f16"};
  if (!llvm::is_contained(formats, quantize))
    return "--quantize=" + quantize + ": none, q8_0, q4_0, q4_1, bf16 or f16";
  static constexpr llvm::StringRef stages[] = {"module", "import", "seq", "linalg", "scheduled",
                                               "vector", "llvm",   "asm", "object", "forms"};
  for (const auto *option : {&emit, &until})
    if (option->getNumOccurrences() && !llvm::is_contained(stages, option->getValue()))
      return "unknown stage '" + *option + "': see seqc --help";
  static constexpr llvm::StringRef forms[] = {"auto", "recurrent", "chunkwise", "parallel"};
  if (!llvm::is_contained(forms, form))
    return "--form=" + form + ": auto, recurrent, chunkwise or parallel";
  if (chunk < 0 || (chunk > 0 && form != "auto" && form != "chunkwise"))
    return "--chunk: a number of tokens, with --form=auto or chunkwise";
  if (callThreads < 0 || callTokens < 1)
    return "--call-threads and --call-tokens: positive numbers";
  if (!machine.empty() && (machine.size() != 3 || llvm::any_of(machine, [](double rate) { return !(rate > 0); })))
    return "--machine: three positive numbers, GFLOP/s, Gexp/s and GB/s";
  if (emit.getNumOccurrences() && until.getNumOccurrences() && emit != until)
    return "--emit and --until are one option: give one of them";
  if (explain != "no" && (until.empty() ? emit : until) != "module")
    return "--explain reports on whole modules: leave out --emit and --until";
  if (output.getNumOccurrences() && output.empty())
    return "-o: the name of a file, or - for standard output";
  if (maxContext < 0 || maxContext > INT32_MAX) // positions are i32
    return "--max-context: a positive number of tokens, at most 2147483647";
  return "";
}

static std::string defaultOutput(llvm::StringRef stage) {
  llvm::SmallString<128> path(input);
  while (path.size() > 1 && path.ends_with("/"))
    path.pop_back();
  if (stage != "module")
    return "-";
  llvm::SmallString<128> name(llvm::sys::path::filename(path));
  if (name.ends_with(".gguf") || name.ends_with(".mlir") || name.ends_with(".mlirbc") || name.ends_with(".onnx"))
    llvm::sys::path::replace_extension(name, "seqm");
  else
    name += ".seqm";
  return std::string(name);
}

static int compile() {
  mlir::DialectRegistry registry;
  seqc::registerDialects(registry);
  seqc::registerPasses();
  llvm::parallel::strategy = llvm::hardware_concurrency(threads); // of what packs weights
  llvm::StdThreadPool pool(llvm::hardware_concurrency(threads));  // of passes; outlives the context
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  if (threads != 1)
    context.setThreadPool(pool);
  seqc::Progress progress;
  Diagnostics diagnostics(context, progress);
  auto model = seqc::loadModel(context, input, maxContext);
  if (!model)
    return diagnostics.fail(model.takeError());

  seqc::CompileOptions options;
  if (!cpus.empty())
    options.cpus.assign(cpus.begin(), cpus.end());
  options.features = features;
  options.stages = {quantize, extend, form, chunk, callThreads, callTokens};
  if (!machine.empty())
    options.machine = {1e9 * machine[0], 1e9 * machine[1], 1e9 * machine[2]};
  options.externalWeights = weights == "external";
  options.explain = explain;
  options.progress = [&](llvm::StringRef what, double fraction) { progress.show(what, fraction); };

  std::string stage = until.empty() ? emit : until;
  std::string path = output.empty() ? defaultOutput(stage) : output.getValue();
  if (stage != "module") {
    auto text = seqc::compileToStage(*model->module, stage, options);
    progress.finish();
    if (!text)
      return diagnostics.fail(text.takeError());
    llvm::Error error = seqc::writeOutput(path, *text);
    return error ? diagnostics.fail(std::move(error)) : 0;
  }
  if (path == "-")
    return fail("a module is not written to standard output: name a file with -o");
  llvm::Error error = seqc::compileToFile(*model->module, model->tokenizer, options, path);
  progress.finish();
  return error ? diagnostics.fail(std::move(error)) : 0;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  std::signal(SIGXFSZ, SIG_IGN); // a file size limit is an error of the write that meets it
  cl::HideUnrelatedOptions(category);
  std::string problem = seqc::parseCommandLine(argc, argv,
                                               "seqc: compiles a sequence model into a module\n\n"
                                               "  seqc model.gguf -o model.seqm\n"
                                               "  seqc folder-of-a-hugging-face-model --quantize=q8_0\n"
                                               "  seqc block.mlir --emit=seq\n");
  if (problem.empty())
    problem = checkOptions();
  if (!problem.empty())
    return fail(problem);
  return compile();
}
