//===- Options.h - What was asked of seq-run --------------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_RUN_OPTIONS_H
#define SEQ_TOOLS_SEQ_RUN_OPTIONS_H

#include "Compare.h"
#include "Sampler.h"

#include <optional>

namespace seqc::run {

struct Options {
  std::string module;
  std::string device = "cpu";
  std::string target; ///< "" for the best
  int32_t threads = 0;
  int64_t context = 0; ///< tokens that fit, 0 for what the module was compiled for
  int64_t repeat = 1;
  std::string profile, loadState, saveState;

  std::string function;
  std::vector<std::string> inputs, outputs, expected;
  std::vector<std::string> states, stateOutputs; ///< of the function, in order
  Tolerance tolerance;
  std::vector<int64_t> split;

  std::optional<std::string> prompt;
  std::optional<std::vector<int32_t>> promptIds;
  std::string system;
  bool chat = false;
  std::optional<int64_t> maxTokens;
  bool ignoreEos = false;
  int64_t prefillChunk = 512;
  SamplingOptions sampling;
  bool json = false;

  std::string tokenize;
};

/// Parses the command line; leaves the process for --help and --version.
Status parseOptions(int argc, char **argv, Options &options);

/// Checks what belongs together.
Status checkOptions(const Options &options);

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_OPTIONS_H
