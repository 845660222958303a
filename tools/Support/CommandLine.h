//===- CommandLine.h - Options, with errors as the tools have them *- C++ -*-===//

#ifndef SEQ_TOOLS_SUPPORT_COMMANDLINE_H
#define SEQ_TOOLS_SUPPORT_COMMANDLINE_H

#include <string>

namespace seqc {

/// Parses the command line into the tool's options. What is wrong with it is the result, one
/// line without the name of the tool; "" if nothing is. Leaves the process for --help and
/// --version.
std::string parseCommandLine(int argc, const char *const *argv, const char *overview);

} // namespace seqc

#endif // SEQ_TOOLS_SUPPORT_COMMANDLINE_H
