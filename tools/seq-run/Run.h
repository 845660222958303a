//===- Run.h - What seq-run does --------------------------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_RUN_RUN_H
#define SEQ_TOOLS_SEQ_RUN_RUN_H

#include "Options.h"
#include "Trace.h"

#include <functional>

namespace seqc::run {

class Session;

/// --function: calls an export on the inputs.
Status runFunction(const Options &options, Trace &trace);

/// --split: feeds a sequence in pieces and gathers the results after each.
Status runSplit(const Options &options, Trace &trace);

/// --prompt, --prompt-ids: generates.
Status runGenerate(const Options &options, Trace &trace);

/// --tokenize: prints the ids of a file.
Status runTokenize(const Options &options, Trace &trace);

/// The results of a call: written, compared, or (where there is no file for
/// them) printed in short form under `names`.
Status deliver(const Options &options, const std::vector<Array> &results, const std::vector<std::string> &names);

/// Runs `body` as often as asked, each time from the same states; prints the
/// median where that is more than once, and saves the states at the end.
Status repeatRun(const Options &options, Session &session, const char *what, const std::function<Status()> &body);

/// Standard output reached whom it is for; an error if it cannot be written.
Status flushOutput();

/// The median of measurements in seconds; 0 for none.
double median(std::vector<double> seconds);

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_RUN_H
