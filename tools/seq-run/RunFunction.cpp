// --function: tensors in, tensors out.

#include "Npy.h"
#include "Run.h"
#include "Session.h"
#include "Splat.h"
#include "StateFiles.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace seqc::run {

double median(std::vector<double> seconds) {
  if (seconds.empty())
    return 0;
  std::sort(seconds.begin(), seconds.end());
  size_t middle = seconds.size() / 2;
  return seconds.size() % 2 ? seconds[middle] : (seconds[middle - 1] + seconds[middle]) / 2;
}

Status flushOutput() {
  if (std::fflush(stdout) == 0 && !std::ferror(stdout))
    return Status();
  return makeError(SEQRT_IO, "cannot write to standard output: ", std::strerror(errno));
}

Status deliver(const Options &options, const std::vector<Array> &results, const std::vector<std::string> &names) {
  for (auto [given, what] : {std::pair(&options.outputs, "--output"), {&options.expected, "--expected-output"}})
    if (given->size() > results.size())
      return makeError(SEQRT_INVALID_ARGUMENT, "there are ", given->size(), " ", what, " for ", results.size(),
                       " results");
  for (size_t i = 0; i < options.outputs.size(); ++i)
    if (Status status = writeNpy(options.outputs[i], results[i]); status.failed())
      return status;
  for (size_t i = 0; i < options.expected.size(); ++i) {
    Array expected;
    if (Status status = readNpy(options.expected[i], expected); status.failed())
      return status;
    if (Status status = compare(results[i], expected, options.tolerance); status.failed())
      return std::move(status).withPrefix(
          concat("result ", i, " (", names[i], ") is not '", options.expected[i], "': "));
  }
  for (size_t i = std::max(options.outputs.size(), options.expected.size()); i < results.size(); ++i)
    std::printf("%s: %s\n", names[i].c_str(), shortForm(results[i]).c_str());
  return Status();
}

/// Reads the arguments of an export and converts them to its types.
static Status readArguments(const Options &options, const seqrt_export_info &info, std::vector<Array> &arguments) {
  if (options.inputs.size() != info.argument_count)
    return makeError(SEQRT_INVALID_ARGUMENT, "'", info.name, "' takes ", info.argument_count, " arguments, and ",
                     options.inputs.size(), " --input are given");
  arguments.resize(info.argument_count);
  for (size_t i = 0; i < info.argument_count; ++i) {
    Array read;
    if (Status status = readInput(options.inputs[i], read); status.failed())
      return status;
    const seqrt_tensor_info &wanted = *info.arguments[i];
    if (sameType(read.type(), wanted.dtype))
      arguments[i] = std::move(read);
    else if (Status status = read.convert(wanted.dtype, arguments[i]); status.failed())
      return std::move(status).withPrefix(
          concat("argument ", i, " (", wanted.name, ") of '", info.name, "' from '", options.inputs[i], "': "));
  }
  return Status();
}

/// The rows of the states that a call with these arguments needs.
static int64_t batchOf(const seqrt_export_info &info, const std::vector<Array> &arguments) {
  if (info.batch_dim < 0)
    return 1;
  for (size_t i = 0; i < info.argument_count; ++i)
    for (int32_t d = 0; d < info.arguments[i]->rank; ++d)
      if (info.arguments[i]->shape[d] == SEQRT_DIM(info.batch_dim) &&
          static_cast<size_t>(d) < arguments[i].shape().size())
        return std::max<int64_t>(arguments[i].shape()[d], 1);
  return 1;
}

Status repeatRun(const Options &options, Session &session, const char *what, const std::function<Status()> &body) {
  std::vector<double> seconds;
  for (int64_t i = 0; i < options.repeat; ++i) {
    if (i > 0 || !options.loadState.empty())
      if (Status status = session.resetStates(options.loadState); status.failed())
        return status;
    Phase phase(session.trace(), what);
    if (Status status = body(); status.failed())
      return status;
    seconds.push_back(phase.seconds());
  }
  if (options.repeat > 1)
    std::fprintf(stderr, "%s: median %.3f ms of %zu\n", what, median(seconds) * 1e3, seconds.size());
  if (!options.saveState.empty())
    return session.saveStates(options.saveState);
  return Status();
}

Status runFunction(const Options &options, Trace &trace) {
  Session session;
  if (Status status = session.open(options.module, options.target, trace); status.failed())
    return status;
  size_t index = 0;
  const seqrt_export_info *info = nullptr;
  if (Status status = session.findExport(options.function, index, info); status.failed())
    return status;
  std::vector<Array> arguments, results;
  if (Status status = readArguments(options, *info, arguments); status.failed())
    return status;
  if (Status status = session.createContext(batchOf(*info, arguments), options.context, options.threads);
      status.failed())
    return status;
  std::vector<Array> states;
  if (Status status = readStates(options.states, session, *info, states); status.failed())
    return status;
  auto call = [&] {
    Status status = setStates(states, session, *info);
    return status.failed() ? status : session.call(index, arguments, results);
  };
  if (Status status = repeatRun(options, session, info->name, call); status.failed())
    return status;
  if (Status status = writeStates(options.stateOutputs, session, *info); status.failed())
    return status;
  std::vector<std::string> names;
  names.reserve(info->result_count);
  for (size_t i = 0; i < info->result_count; ++i)
    names.push_back(info->results[i]->name);
  return deliver(options, results, names);
}

} // namespace seqc::run
