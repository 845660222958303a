#include "Options.h"

#include "seq/Module/AtomicFile.h"

#include <cmath>

namespace seqc::run {

template <typename... Ts> static Status invalid(const Ts &...pieces) {
  return makeError(SEQRT_INVALID_ARGUMENT, pieces...);
}

static Status checkDevice(const std::string &device) {
  if (device == "cpu")
    return Status();
  std::string kind = device.substr(0, device.find(':'));
  if (kind == "vulkan" || kind == "cuda")
    return makeError(SEQRT_UNSUPPORTED, "--device=", device, ": this seq-run has no ", kind,
                     " device: use --device=cpu");
  return invalid("--device=", device, ": there is no such device (cpu, vulkan[:N] and cuda[:N] are)");
}

static Status checkNumbers(const Options &options) {
  if (options.threads < 0)
    return invalid("--threads=", options.threads, ": at least 1, or 0 for the cores of the process");
  if (options.context < 0)
    return invalid("--context=", options.context, ": at least 1");
  if (options.repeat < 1)
    return invalid("--repeat=", options.repeat, ": at least 1");
  if (options.prefillChunk < 1)
    return invalid("--prefill-chunk=", options.prefillChunk, ": at least 1");
  if (options.maxTokens && *options.maxTokens < 0)
    return invalid("--max-tokens=", *options.maxTokens, ": at least 0");
  if (!(options.tolerance.absolute >= 0) || !(options.tolerance.relative >= 0))
    return invalid("--atol and --rtol are numbers from 0 up");
  const SamplingOptions &sampling = options.sampling;
  if (!(sampling.temperature >= 0) || !std::isfinite(sampling.temperature))
    return invalid("--temperature is a number from 0 up");
  if (sampling.topK < 0)
    return invalid("--top-k=", sampling.topK, ": at least 1, or 0 for all tokens");
  if (!(sampling.topP > 0 && sampling.topP <= 1))
    return invalid("--top-p is a number above 0, at most 1");
  return Status();
}

static Status checkMode(const Options &options) {
  bool generates = (options.prompt || options.promptIds) && options.split.empty();
  int modes = !options.function.empty() + !options.split.empty() + generates + !options.tokenize.empty();
  if (modes == 0)
    return invalid("nothing to do: give --prompt, --prompt-ids, --function, --split or --tokenize (see --help)");
  if (modes > 1)
    return invalid("--function, --split, --tokenize and a prompt do not go together");
  if (options.prompt && options.promptIds)
    return invalid("--prompt and --prompt-ids do not go together");
  if (!options.split.empty() && options.prompt)
    return invalid("--split takes the ids from --input or --prompt-ids, not from --prompt");
  if (!options.split.empty() && options.promptIds && !options.inputs.empty())
    return invalid("--split takes the ids from one of --input and --prompt-ids");
  if (options.chat && !options.prompt)
    return invalid("--chat needs --prompt");
  if (!options.system.empty() && !options.chat)
    return invalid("--system needs --chat");
  if (options.json && !generates)
    return invalid("--json needs --prompt or --prompt-ids");
  bool calls = !options.function.empty() || !options.split.empty();
  if (!calls && !(options.inputs.empty() && options.outputs.empty() && options.expected.empty()))
    return invalid("--input, --output and --expected-output need --function or --split");
  if (options.function.empty() && !(options.states.empty() && options.stateOutputs.empty()))
    return invalid("--state and --state-output need --function");
  if (!options.states.empty() && !options.loadState.empty())
    return invalid("--state and --load-state do not go together");
  return Status();
}

/// Long work shall not end in a file that cannot be written.
static Status checkOutputs(const Options &options) {
  std::vector<std::string> paths = options.outputs;
  paths.insert(paths.end(), options.stateOutputs.begin(), options.stateOutputs.end());
  for (const std::string &path : {options.saveState, options.profile})
    if (!path.empty())
      paths.push_back(path);
  for (const std::string &path : paths)
    if (Status status = file::AtomicFile().create(path); status.failed())
      return status;
  return Status();
}

Status checkOptions(const Options &options) {
  if (options.module.empty())
    return invalid("no module: give the .seqm file to run, as in seq-run M.seqm --prompt=TEXT");
  if (Status status = checkDevice(options.device); status.failed())
    return status;
  if (Status status = checkNumbers(options); status.failed())
    return status;
  if (Status status = checkMode(options); status.failed())
    return status;
  return checkOutputs(options);
}

} // namespace seqc::run
