// --function and --split: tensors in, tensors out.

#include "LanguageModel.h"
#include "Npy.h"
#include "Run.h"
#include "Splat.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace seq::run {

double median(std::vector<double> seconds) {
  if (seconds.empty())
    return 0;
  std::sort(seconds.begin(), seconds.end());
  size_t middle = seconds.size() / 2;
  return seconds.size() % 2 ? seconds[middle] : (seconds[middle - 1] + seconds[middle]) / 2;
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

/// Runs `body` as often as asked, from the same states; prints the median where
/// that is more than once.
static Status repeat(const Options &options, Session &session, const char *what, auto body) {
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
  auto call = [&] { return session.call(index, arguments, results); };
  if (Status status = repeat(options, session, info->name, call); status.failed())
    return status;
  std::vector<std::string> names;
  for (size_t i = 0; i < info->result_count; ++i)
    names.push_back(info->results[i]->name);
  return deliver(options, results, names);
}

/// The ids to split: --input or --prompt-ids, as i32 [B, T].
static Status readIds(const Options &options, Array &ids) {
  if (options.promptIds) {
    std::vector<int64_t> shape = {1, static_cast<int64_t>(options.promptIds->size())};
    if (Status status = Array::create(i32Type, shape, ids); status.failed())
      return status;
    std::memcpy(ids.data(), options.promptIds->data(), ids.byteSize());
    return Status();
  }
  if (options.inputs.size() != 1)
    return makeError(SEQRT_INVALID_ARGUMENT, "--split takes one --input (the ids) or --prompt-ids");
  Array read;
  if (Status status = readInput(options.inputs[0], read); status.failed())
    return status;
  if (Status status = read.convert(i32Type, ids); status.failed())
    return std::move(status).withPrefix(concat("the ids from '", options.inputs[0], "': "));
  if (ids.shape().size() != 2 || ids.count() == 0)
    return makeError(SEQRT_INVALID_ARGUMENT, "the ids are ", ids.describe(), ", expected a row of tokens for each ",
                     "sequence, BxT");
  return Status();
}

static Status checkSplit(const std::vector<int64_t> &split, int64_t length) {
  int64_t sum = 0;
  for (int64_t piece : split)
    if (piece < 1 || __builtin_add_overflow(sum, piece, &sum))
      return makeError(SEQRT_INVALID_ARGUMENT, "--split: ", piece, " is no length of a piece");
  if (sum != length)
    return makeError(SEQRT_INVALID_ARGUMENT, "--split: the pieces have ", sum, " tokens, the ids ", length);
  return Status();
}

/// Feeds the pieces; logits [pieces, B, V].
static Status feedPieces(LanguageModel &model, const Array &ids, const std::vector<int64_t> &split, Array &logits) {
  int64_t batch = ids.shape()[0], length = ids.shape()[1], begin = 0;
  const int32_t *all = static_cast<const int32_t *>(ids.data());
  for (size_t piece = 0; piece < split.size(); begin += split[piece++]) {
    std::vector<int32_t> rows;
    for (int64_t row = 0; row < batch; ++row) {
      const int32_t *first = all + row * length + begin;
      rows.insert(rows.end(), first, first + split[piece]);
    }
    if (Status status = model.feed(rows, batch); status.failed())
      return std::move(status).withPrefix(concat("piece ", piece, " (from token ", begin, "): "));
    const Array &after = model.logits();
    if (piece == 0) {
      std::vector<int64_t> shape = {static_cast<int64_t>(split.size()), after.shape()[0], after.shape()[1]};
      if (Status status = Array::create(f32Type, shape, logits); status.failed())
        return status;
    }
    std::memcpy(static_cast<char *>(logits.data()) + piece * after.byteSize(), after.data(), after.byteSize());
  }
  return Status();
}

Status runSplit(const Options &options, Trace &trace) {
  Array ids;
  if (Status status = readIds(options, ids); status.failed())
    return status;
  if (Status status = checkSplit(options.split, ids.shape()[1]); status.failed())
    return status;
  Session session;
  if (Status status = session.open(options.module, options.target, trace); status.failed())
    return status;
  if (Status status = session.createContext(ids.shape()[0], options.context, options.threads); status.failed())
    return status;
  LanguageModel model;
  if (Status status = LanguageModel::create(session, model); status.failed())
    return status;
  std::vector<Array> results(1);
  auto feed = [&] { return feedPieces(model, ids, options.split, results[0]); };
  if (Status status = repeat(options, session, "split", feed); status.failed())
    return status;
  return deliver(options, results, {"logits"});
}

} // namespace seq::run
