//===- Run.h - What seq-run does --------------------------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_RUN_RUN_H
#define SEQ_TOOLS_SEQ_RUN_RUN_H

#include "Options.h"
#include "Trace.h"

namespace seq::run {

/// --function: calls an export on the inputs.
Status runFunction(const Options &options, Trace &trace);

/// --split: feeds the ids in pieces and gathers the logits after each.
Status runSplit(const Options &options, Trace &trace);

/// --prompt, --prompt-ids: generates.
Status runGenerate(const Options &options, Trace &trace);

/// --tokenize: prints the ids of a file.
Status runTokenize(const Options &options, Trace &trace);

/// The results of a call: written, compared, or (where there is no file for
/// them) printed in short form under `names`.
Status deliver(const Options &options, const std::vector<Array> &results, const std::vector<std::string> &names);

/// The median of measurements in seconds; 0 for none.
double median(std::vector<double> seconds);

} // namespace seq::run

#endif // SEQ_TOOLS_SEQ_RUN_RUN_H
