//===- seq-run.cpp - Runs compiled sequence models ------------------------===//

#include "Run.h"

#include <csignal>
#include <cstdio>

using namespace seqc::run;

static Status runMode(const Options &options, Trace &trace) {
  if (!options.tokenize.empty())
    return runTokenize(options, trace);
  if (!options.function.empty())
    return runFunction(options, trace);
  return options.split.empty() ? runGenerate(options, trace) : runSplit(options, trace);
}

static Status run(int argc, char **argv) {
  Options options;
  if (Status status = parseOptions(argc, argv, options); status.failed())
    return status;
  if (Status status = checkOptions(options); status.failed())
    return status;
  Trace trace;
  if (!options.profile.empty())
    trace.enable();
  if (Status status = runMode(options, trace); status.failed())
    return status;
  if (Status status = flushOutput(); status.failed())
    return status;
  return options.profile.empty() ? Status() : trace.write(options.profile);
}

int main(int argc, char **argv) {
  std::signal(SIGXFSZ, SIG_IGN); // a file size limit is an error of the write that meets it
  Status status = run(argc, argv);
  if (status.ok())
    return 0;
  std::fprintf(stderr, "seq-run: error: %s\n", status.message().c_str());
  return 1;
}
