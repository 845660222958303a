#include "tools/Support/CommandLine.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace cl = llvm::cl;

namespace {

/// Keeps what is written to standard error: the parsers of LLVM's options write there,
/// whatever stream ParseCommandLineOptions is given.
class ErrorCapture {
public:
  ErrorCapture() : file(memfd_create("options", MFD_CLOEXEC)), standardError(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) {
    if (file >= 0 && standardError >= 0)
      dup2(file, STDERR_FILENO);
  }

  ~ErrorCapture() {
    restore();
    if (file >= 0)
      close(file);
  }

  /// Ends it; "" if there was nothing, or no way to keep it.
  std::string take() {
    restore();
    std::string text;
    char buffer[1024];
    for (off_t at = 0;; at = static_cast<off_t>(text.size())) {
      ssize_t count = pread(file, buffer, sizeof(buffer), at);
      if (count <= 0)
        return text;
      text.append(buffer, static_cast<size_t>(count));
    }
  }

private:
  void restore() {
    if (standardError < 0)
      return;
    dup2(standardError, STDERR_FILENO);
    close(standardError);
    standardError = -1;
  }

  int file, standardError;
};

} // namespace

/// The arguments that are no options, as --help names them.
static std::string positionals() {
  return llvm::join(llvm::map_range(cl::SubCommand::getTopLevel().PositionalOpts,
                                    [](const cl::Option *option) { return option->HelpStr; }),
                    " ");
}

/// What is wrong with an option, given its name with dashes.
static std::string rewordOption(llvm::StringRef option, llvm::StringRef problem) {
  std::string prefix = (option + ": ").str();
  if (problem.starts_with("requires a value")) {
    const cl::Option *known = cl::getRegisteredOptions().lookup(option.ltrim('-'));
    llvm::StringRef value = known && !known->ValueStr.empty() ? known->ValueStr : "VALUE";
    return (option + " needs a value: " + option + "=" + value).str();
  }
  if (problem.consume_front("does not allow a value! ") && problem.consume_back(" specified."))
    return (option + " takes no value, but " + problem + " is given").str();
  if (size_t at = problem.find(" value invalid for "); at != llvm::StringRef::npos)
    return prefix + problem.take_front(at).str() + " is not a " +
           (problem.contains("floating point") ? "number" : "whole number in range");
  if (size_t at = problem.find(" is invalid value for boolean"); at != llvm::StringRef::npos)
    return prefix + problem.take_front(at).str() + " is neither true nor false";
  if (problem.consume_front("Cannot find option named "))
    return prefix + "there is no value " + problem.rtrim('!').str();
  return prefix + problem.rtrim('!').str();
}

/// LLVM's first message. Each is a line, or two, that the name of the program begins.
static std::string reword(llvm::StringRef text, llvm::StringRef tool) {
  std::string prefix = (tool + ": ").str(), help = (" (see " + tool + " --help)").str();
  auto [line, rest] = text.split('\n');
  line.consume_front(prefix);
  if (line.consume_front("for the ")) {
    auto [option, problem] = line.split(" option: ");
    return rewordOption(option, problem);
  }
  if (line.consume_front("Unknown command line argument ")) {
    llvm::StringRef next = rest.split('\n').first;
    next.consume_front(prefix);
    bool hasGuess = next.consume_front("Did you mean ");
    return ("there is no option " + line.split(".  Try:").first + (hasGuess ? "; did you mean " + next : "") + help)
        .str();
  }
  if (line.starts_with("Not enough positional"))
    return "there is no " + positionals() + help;
  if (line.starts_with("Too many positional"))
    return "there is more than one " + positionals() + help;
  return line.rtrim('!').str() + help;
}

std::string seqc::parseCommandLine(int argc, const char *const *argv, const char *overview) {
  ErrorCapture capture;
  bool isRight = cl::ParseCommandLineOptions(argc, argv, overview, &llvm::errs());
  std::string text = capture.take();
  if (isRight)
    return "";
  return text.empty() ? "the command line is wrong" : reword(text, llvm::sys::path::filename(argv[0]));
}

std::string seqc::checkValues(std::initializer_list<const cl::opt<std::string> *> options) {
  for (const auto *option : options)
    if (option->getNumOccurrences() && option->empty())
      return "--" + option->ArgStr.str() + ": the value is empty";
  return "";
}
