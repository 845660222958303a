//===- seq-fuzz.cpp - Random programs against the oracle ------------------===//

#include "Generator.h"
#include "Isolation.h"
#include "Shrink.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "seq/Pipelines/Registration.h"
#include "tools/Support/CommandLine.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include <map>
#include <set>

namespace cl = llvm::cl;
using namespace seqc::fuzz;

static cl::OptionCategory category("seq-fuzz options");
static cl::opt<uint64_t> seed("seed", cl::init(1), cl::cat(category), cl::desc("Where the cases begin (1)"));
static cl::opt<unsigned> seconds("seconds", cl::init(60), cl::cat(category), cl::desc("How long to go on (60)"));
static cl::opt<unsigned> cases("cases", cl::init(0), cl::cat(category),
                               cl::desc("How many cases to run, however long it takes (0: as --seconds says)"));
static cl::list<uint64_t> only("case", cl::CommaSeparated, cl::cat(category), cl::value_desc("seed"),
                               cl::desc("Run these cases alone, by the seeds that reports print"));
static cl::list<std::string> ops("ops", cl::CommaSeparated, cl::cat(category), cl::value_desc("name"),
                                 cl::desc("Programs that begin with one of these ops (all)"));
static cl::list<std::string> cpus("target-cpu", cl::CommaSeparated, cl::cat(category), cl::value_desc("name"),
                                  cl::desc("Processors to compile for (host,x86-64-v3)"));
static cl::opt<unsigned> illegal("mutate", cl::init(15), cl::cat(category), cl::value_desc("percent"),
                                 cl::desc("Programs that are mutated, most of which break a rule (15)"));
static cl::opt<unsigned> jobs("jobs", cl::init(1), cl::cat(category), cl::desc("Cases that run at the same time (1)"));
static cl::opt<unsigned> timeout("timeout", cl::init(60), cl::cat(category),
                                 cl::desc("Seconds of processor time that a case may take (60)"));
static cl::opt<unsigned> attempts("shrink", cl::init(150), cl::cat(category), cl::value_desc("attempts"),
                                  cl::desc("How often to try to make a failing case smaller (150)"));
static cl::opt<std::string> keep("keep", cl::cat(category), cl::value_desc("folder"),
                                 cl::desc("Write failing cases as .mlir files here, not to standard output"));
static cl::opt<bool> print("print", cl::cat(category), cl::desc("Print the programs of --case before they run"));
static cl::opt<bool> inProcess("in-process", cl::cat(category),
                               cl::desc("Run the case in this process, for a debugger; a crash then ends everything"));
static cl::opt<bool> verbose("verbose", cl::cat(category), cl::desc("A line for each case"));
static cl::opt<Damage>
    damage("break", cl::Hidden, cl::init(Damage::None), cl::cat(category),
           cl::desc("Damage what is compared: a test of this program"),
           cl::values(clEnumValN(Damage::Program, "program", "compile another program than the oracle runs"),
                      clEnumValN(Damage::Result, "result", "change an element of a result"),
                      clEnumValN(Damage::Crash, "crash", "crash"), clEnumValN(Damage::Hang, "hang", "never end")));

static int fail(const llvm::Twine &message) {
  llvm::errs() << "seq-fuzz: error: " << message << "\n";
  return 1;
}

namespace {

class Fuzzer {
public:
  Fuzzer(std::string folder) : folder(std::move(folder)), workers(std::max(1u, jobs.getValue()), timeout) {
    mlir::DialectRegistry registry;
    seqc::registerDialects(registry);
    seqc::registerPasses();
    context = std::make_unique<mlir::MLIRContext>(registry, mlir::MLIRContext::Threading::DISABLED);
    // Children inherit what is loaded.
    context->loadAllAvailableDialects();
    options.ops.assign(ops.begin(), ops.end());
    options.cpus.assign(cpus.begin(), cpus.end());
    if (options.cpus.empty())
      options.cpus = {"host", "x86-64-v3"};
    options.illegalPercent = illegal;
  }

  int run() {
    double end = now() + seconds;
    for (uint64_t number = 0; isGoingOn(number, end); ++number) {
      start(only.empty() ? caseSeed(number) : only[number]);
      if (workers.isFull())
        report();
    }
    while (report())
      ;
    printSummary();
    return failures.empty() ? 0 : 1;
  }

private:
  static bool isGoingOn(uint64_t number, double end) {
    if (!only.empty())
      return number < only.size();
    return cases ? number < cases : now() < end;
  }

  /// Case n of a run: short numbers, to be typed.
  static uint64_t caseSeed(uint64_t number) { return seqc::splitMix64(seed, number) >> 24; }

  Outcome runTape(uint64_t caseSeed, const std::optional<Tape> &tape) {
    Choices choices(caseSeed, tape);
    return runCase(*context, generate(choices, options), damage, folder);
  }

  void start(uint64_t caseSeed) {
    if (print) {
      Choices choices(caseSeed);
      llvm::outs() << generate(choices, options).text(folder);
    }
    if (inProcess)
      llvm::outs() << runTape(caseSeed, std::nullopt).message << "\n";
    workers.start(caseSeed, [=, this] { return runTape(caseSeed, std::nullopt); });
  }

  bool report() {
    auto ended = workers.next();
    if (!ended)
      return false;
    auto &[caseSeed, outcome] = *ended;
    Choices choices(caseSeed);
    Program program = generate(choices, options);
    count(program, outcome);
    if (verbose)
      llvm::outs() << llvm::formatv("case {0}: {1}: {2} {3}\n", caseSeed, program.summary(),
                                    verdictName(outcome.verdict), outcome.message);
    if (isFailure(outcome.verdict))
      reportFailure(caseSeed, choices.tape(), outcome);
    return true;
  }

  void count(const Program &program, const Outcome &outcome) {
    ++verdicts[outcome.verdict];
    for (const std::string &op : program.ops)
      ++opCounts[op];
    if (program.mutations > 0)
      rules.insert(outcome.rules.begin(), outcome.rules.end());
    runs += outcome.runs;
    elements += outcome.elements;
    vague += outcome.vague;
    worst = std::max(worst, outcome.worst);
  }

  void reportFailure(uint64_t caseSeed, const Tape &tape, Outcome outcome) {
    failures.push_back(caseSeed);
    Tape best = shrink(tape, attempts, [&](const Tape &smaller) {
      Workers one(1, timeout);
      one.start(caseSeed, [&, this] { return runTape(caseSeed, smaller); });
      Outcome other = one.next()->second;
      bool isSame = other.verdict == outcome.verdict;
      if (isSame)
        outcome = std::move(other);
      return isSame;
    });
    Choices choices(caseSeed, best);
    Program program = generate(choices, options);
    std::string head = llvm::formatv("case {0}: {1}: {2}\n{3}\n  again: seq-fuzz --case={0}{4}\n", caseSeed,
                                     verdictName(outcome.verdict), program.summary(), outcome.message, optionsText());
    llvm::errs() << head;
    std::string module = outcome.module.empty() ? withHead(program, outcome) : outcome.module;
    if (keep.empty()) {
      llvm::outs() << module << "\n";
      return;
    }
    std::string path = llvm::formatv("{0}/case-{1}.mlir", keep, caseSeed);
    std::error_code error;
    llvm::raw_fd_ostream(path, error) << module;
    program.writeFiles(keep);
    llvm::errs() << (error ? "can not write " : "  written to ") << path << "\n";
  }

  /// A program that did not survive: how it was when it began.
  std::string withHead(const Program &program, const Outcome &outcome) {
    std::string text = "// " + program.summary() + "\n// " + outcome.message + "\n//   seqc CASE.mlir -o case.seqm\n";
    return text + program.text(keep.empty() ? folder : keep.getValue());
  }

  static std::string optionsText() {
    std::string text;
    if (!ops.empty())
      text += " --ops=" + llvm::join(ops, ",");
    if (!cpus.empty())
      text += " --target-cpu=" + llvm::join(cpus, ",");
    if (illegal.getNumOccurrences())
      text += " --mutate=" + std::to_string(illegal);
    return text;
  }

  void printSummary() {
    int64_t total = 0;
    for (auto [verdict, count] : verdicts)
      total += count;
    llvm::outs() << total << " cases:";
    for (auto [verdict, count] : verdicts)
      llvm::outs() << " " << count << " " << verdictName(verdict) << (verdict == verdicts.rbegin()->first ? "\n" : ",");
    llvm::outs() << llvm::formatv("{0} calls, {1} elements compared, {2:f2}% of them left out as ill-conditioned; "
                                  "largest error {3:f2} of its tolerance\n",
                                  runs, elements, elements ? 100.0 * vague / elements : 0, worst);
    llvm::outs() << "ops:";
    for (const auto &[op, count] : opCounts)
      llvm::outs() << " " << op << " " << count;
    llvm::outs() << "\n" << rules.size() << " rules broken:";
    for (const std::string &rule : rules)
      llvm::outs() << " " << rule;
    llvm::outs() << "\n";
    for (uint64_t failed : failures)
      llvm::outs() << "failed: --case=" << failed << optionsText() << "\n";
  }

  std::string folder;
  Workers workers;
  std::unique_ptr<mlir::MLIRContext> context;
  GeneratorOptions options;

  std::map<Verdict, int64_t> verdicts;
  std::map<std::string, int64_t> opCounts;
  std::set<std::string> rules;
  std::vector<uint64_t> failures;
  int64_t runs = 0, elements = 0, vague = 0;
  double worst = 0;
};

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  std::string problem =
      seqc::parseCommandLine(argc, argv,
                             "seq-fuzz: compiles random programs in every form and compares them with the oracle\n\n"
                             "  seq-fuzz --seed=7 --seconds=3600 --keep=FOLDER\n"
                             "  seq-fuzz --case=SEED\n");
  if (!problem.empty())
    return fail(problem);
  std::vector<std::string> known = opNames();
  for (const std::string &op : ops)
    if (!llvm::is_contained(known, op))
      return fail("--ops: there is no op '" + op + "'; there are " + llvm::join(known, ", "));
  if (!keep.empty())
    if (std::error_code error = llvm::sys::fs::create_directories(keep))
      return fail("can not make the folder '" + keep + "': " + error.message());
  llvm::SmallString<128> folder;
  if (std::error_code error = llvm::sys::fs::createUniqueDirectory("seq-fuzz", folder))
    return fail("can not make a temporary folder: " + error.message());
  int status = Fuzzer(folder.str().str()).run();
  llvm::sys::fs::remove_directories(folder);
  return status;
}
