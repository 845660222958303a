//===- seq-dump.cpp - Look into compiled modules --------------------------===//

#include "Describe.h"
#include "Disassemble.h"
#include "Runtime/CodeImage.h"
#include "tools/Support/CommandLine.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

#include <csignal>

namespace cl = llvm::cl;
using namespace seqc::dump;
using namespace seqc::file;

static cl::OptionCategory category("seq-dump options");
static cl::opt<std::string> input(cl::Positional, cl::Required, cl::desc("M.seqm"), cl::cat(category));
static cl::opt<bool> signatures("signatures", cl::desc("Exports with their types and costs"), cl::cat(category));
static cl::opt<bool> sections("sections", cl::desc("Sections with their offset, size and digest"), cl::cat(category));
static cl::opt<bool> states("states", cl::desc("States and their components"), cl::cat(category));
static cl::opt<bool> parameters("parameters", cl::desc("Parameters and their layout"), cl::cat(category));
static cl::opt<std::string> function("disassemble", cl::desc("Machine code of an export or another function"),
                                     cl::value_desc("function"), cl::cat(category));
static cl::opt<std::string> target("target", cl::desc("Of this target (default: the best)"), cl::value_desc("name"),
                                   cl::cat(category));
static cl::opt<bool> verify("verify", cl::desc("Check all digests and load the code"), cl::cat(category));
static cl::opt<bool> json("json", cl::desc("The whole description as JSON"), cl::cat(category));

static int fail(const std::string &message) {
  llvm::errs() << "seq-dump: error: " << message << "\n";
  return 1;
}

static Status verifyCode(const ModuleFile &file) {
  const std::vector<Section> &all = file.module().sections;
  for (size_t i = 0; i < all.size(); ++i)
    if (all[i].kind == codeSection)
      if (Status status = file.verifySection(i); status.failed())
        return status;
  return Status();
}

/// Checks everything that can be checked without running code.
static Status verifyModule(const ModuleFile &file) {
  const Module &module = file.module();
  for (size_t i = 0; i < module.sections.size(); ++i)
    if (Status status = file.verifySection(i); status.failed())
      return status;
  for (const Target &code : module.targets) {
    if (code.device != "cpu")
      continue;
    std::string place = concat(file.path(), ": code of target '", code.name, "': ");
    seqc::rt::CodeImage image;
    Status status = image.load(file.sectionData(code.section), module.sections[code.section].size);
    if (status.failed())
      return std::move(status).withPrefix(place);
    for (size_t i = 0; i < code.entries.size(); ++i)
      if (!image.function(code.entries[i].function))
        return makeError(SEQRT_CORRUPT, place, "the entry of export '", module.exports[i].name, "' is not in its code");
  }
  return Status();
}

static int describe(llvm::raw_ostream &out) {
  std::unique_ptr<ModuleFile> file;
  ReadOptions options;
  options.skipExternal = !verify;
  if (Status status = ModuleFile::open(input, options, file); status.failed())
    return fail(status.message());
  const Module &module = file->module();
  if (json)
    out << llvm::formatv("{0:2}\n", toJson(*file));
  if (signatures)
    printSignatures(module, out);
  if (sections)
    printSections(module, out);
  if (states)
    printStates(module, out);
  if (parameters)
    printParameters(module, out);
  if (!function.empty()) {
    if (Status status = verifyCode(*file); status.failed())
      return fail(status.message());
    if (llvm::Error error = disassemble(*file, function, target, out))
      return fail(file->path() + ": " + llvm::toString(std::move(error)));
  }
  if (verify) {
    if (Status status = verifyModule(*file); status.failed())
      return fail(status.message());
    out << input << ": all digests are right\n";
  }
  if (!(json || signatures || sections || states || parameters || verify) && function.empty())
    printSummary(*file, out);
  return 0;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  std::signal(SIGXFSZ, SIG_IGN); // a file size limit is an error of the write that meets it
  cl::HideUnrelatedOptions(category);
  std::string problem =
      seqc::parseCommandLine(argc, argv, "Describes a module that seqc has compiled. Without options: a summary.\n");
  if (problem.empty())
    problem = seqc::checkValues({&function, &target});
  if (!problem.empty())
    return fail(problem);
  if (target.getNumOccurrences() && function.empty())
    return fail("--target chooses the code that --disassemble=FUNCTION shows: give that as well");
  llvm::raw_fd_ostream &out = llvm::outs();
  int result = describe(out);
  out.flush();
  std::error_code error = out.error();
  out.clear_error();
  return error ? fail("cannot write to standard output: " + error.message()) : result;
}
