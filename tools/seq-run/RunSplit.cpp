// --split: a sequence in pieces, through prefill and step.

#include "Run.h"
#include "Session.h"
#include "Splat.h"

#include <cstring>

namespace seqc::run {

/// What is split: --prompt-ids or the one --input, [B, T, …].
static Status readSequence(const Options &options, Array &sequence) {
  if (options.promptIds) {
    std::vector<int64_t> shape = {1, static_cast<int64_t>(options.promptIds->size())};
    if (Status status = Array::create(i32Type, shape, sequence); status.failed())
      return status;
    std::memcpy(sequence.data(), options.promptIds->data(), sequence.byteSize());
    return Status();
  }
  if (options.inputs.size() != 1)
    return makeError(SEQRT_INVALID_ARGUMENT, "--split takes one --input (the ids) or --prompt-ids");
  if (Status status = readInput(options.inputs[0], sequence); status.failed())
    return status;
  if (sequence.shape().size() < 2 || sequence.count() == 0)
    return makeError(SEQRT_INVALID_ARGUMENT, "the input to split is ", sequence.describe(),
                     ", expected a row of tokens for each sequence, BxT");
  return Status();
}

static Status checkLengths(const std::vector<int64_t> &split, int64_t length) {
  int64_t sum = 0;
  for (int64_t piece : split)
    if (piece < 1 || __builtin_add_overflow(sum, piece, &sum))
      return makeError(SEQRT_INVALID_ARGUMENT, "--split: ", piece, " is no length of a piece");
  if (sum != length)
    return makeError(SEQRT_INVALID_ARGUMENT, "--split: the pieces have ", sum, " tokens, the input ", length);
  return Status();
}

/// Tokens [begin, begin + length) of each sequence, as type `type`.
static Status slice(const Array &sequence, int64_t begin, int64_t length, seqrt_dtype type, Array &piece) {
  std::vector<int64_t> shape = sequence.shape();
  size_t rows = static_cast<size_t>(shape[0]);
  size_t token = sequence.byteSize() / (rows * static_cast<size_t>(shape[1]));
  size_t rowBytes = token * static_cast<size_t>(shape[1]), pieceBytes = token * static_cast<size_t>(length);
  shape[1] = length;
  Array cut;
  if (Status status = Array::create(sequence.type(), shape, cut); status.failed())
    return status;
  for (size_t row = 0; row < rows; ++row)
    std::memcpy(static_cast<char *>(cut.data()) + row * pieceBytes,
                static_cast<const char *>(sequence.data()) + row * rowBytes + static_cast<size_t>(begin) * token,
                pieceBytes);
  if (!sameType(cut.type(), type))
    return cut.convert(type, piece);
  piece = std::move(cut);
  return Status();
}

namespace {

/// Feeds pieces and stacks the first results of the calls.
class Splitter {
public:
  Splitter(Session &session, const Array &sequence) : session(session), sequence(sequence) {}

  /// Finds the exports: `step` is only needed where a piece has one token.
  Status prepare(const std::vector<int64_t> &split);
  Status run(const std::vector<int64_t> &split, Array &stacked);
  std::string resultName() const { return name; }

private:
  struct Export {
    size_t index = 0;
    const seqrt_export_info *info = nullptr;
    std::vector<Array> results;
  };
  Status findExport(const char *name, Export &found);
  Status feed(int64_t begin, int64_t length, const Array *&result);

  Session &session;
  const Array &sequence;
  Export prefill, step;
  std::string name;
};

} // namespace

Status Splitter::findExport(const char *wanted, Export &found) {
  if (Status status = session.findExport(wanted, found.index, found.info); status.failed())
    return status;
  if (found.info->argument_count != 1 || found.info->result_count == 0)
    return makeError(SEQRT_INVALID_ARGUMENT, "'", wanted, "' takes ", found.info->argument_count,
                     " arguments: --split feeds functions of one; call it with --function, --load-state and "
                     "--save-state");
  name = found.info->results[0]->name;
  return Status();
}

Status Splitter::prepare(const std::vector<int64_t> &split) {
  for (int64_t length : split) {
    Export &needed = length == 1 ? step : prefill;
    if (needed.info)
      continue;
    if (Status status = findExport(length == 1 ? "step" : "prefill", needed); status.failed())
      return status;
  }
  return Status();
}

Status Splitter::feed(int64_t begin, int64_t length, const Array *&result) {
  Export &called = length == 1 ? step : prefill;
  std::vector<Array> arguments(1);
  if (Status status = slice(sequence, begin, length, called.info->arguments[0]->dtype, arguments[0]); status.failed())
    return status;
  if (Status status = session.call(called.index, arguments, called.results); status.failed())
    return status;
  result = &called.results[0];
  return Status();
}

Status Splitter::run(const std::vector<int64_t> &split, Array &stacked) {
  int64_t begin = 0;
  for (size_t piece = 0; piece < split.size(); begin += split[piece++]) {
    const Array *result = nullptr;
    if (Status status = feed(begin, split[piece], result); status.failed())
      return std::move(status).withPrefix(concat("piece ", piece, " (from token ", begin, "): "));
    std::vector<int64_t> shape = result->shape();
    shape.insert(shape.begin(), static_cast<int64_t>(split.size()));
    if (piece == 0)
      if (Status status = Array::create(result->type(), shape, stacked); status.failed())
        return status;
    if (stacked.shape() != shape || !sameType(stacked.type(), result->type()))
      return makeError(SEQRT_INVALID_ARGUMENT, "the result of piece ", piece, " is ", result->describe(),
                       ", which does not go with ", stacked.describe(), " of the pieces before");
    std::memcpy(static_cast<char *>(stacked.data()) + piece * result->byteSize(), result->data(), result->byteSize());
  }
  return Status();
}

Status runSplit(const Options &options, Trace &trace) {
  Array sequence;
  if (Status status = readSequence(options, sequence); status.failed())
    return status;
  if (Status status = checkLengths(options.split, sequence.shape()[1]); status.failed())
    return status;
  Session session;
  if (Status status = session.open(options.module, options.target, trace); status.failed())
    return status;
  if (Status status = session.createContext(sequence.shape()[0], options.context, options.threads); status.failed())
    return status;
  Splitter splitter(session, sequence);
  if (Status status = splitter.prepare(options.split); status.failed())
    return status;
  std::vector<Array> results(1);
  auto feed = [&] { return splitter.run(options.split, results[0]); };
  if (Status status = repeatRun(options, session, "split", feed); status.failed())
    return status;
  return deliver(options, results, {splitter.resultName()});
}

} // namespace seqc::run
