//===- CommandLine.h - Options, with errors as the tools have them *- C++ -*-===//

#ifndef SEQ_TOOLS_SUPPORT_COMMANDLINE_H
#define SEQ_TOOLS_SUPPORT_COMMANDLINE_H

#include "llvm/Support/CommandLine.h"

#include <initializer_list>
#include <string>

namespace seqc {

/// Parses the command line into the tool's options. What is wrong with it is the result, one
/// line without the name of the tool; "" if nothing is. Leaves the process for --help and
/// --version.
std::string parseCommandLine(int argc, const char *const *argv, const char *overview);

/// Says which of the options is given without a value, as in --target=, where it would count as
/// not given; "" if none is.
std::string checkValues(std::initializer_list<const llvm::cl::opt<std::string> *> options);

} // namespace seqc

#endif // SEQ_TOOLS_SUPPORT_COMMANDLINE_H
