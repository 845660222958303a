#include "StateFiles.h"
#include "Npy.h"
#include "Splat.h"

#include <cstring>

namespace seqc::run {

/// A view of state `number` of an export. `option` is what asks for it.
static Status viewState(const char *option, size_t number, Session &session, const seqrt_export_info &info,
                        seqrt_tensor &view) {
  if (number >= info.state_count)
    return makeError(SEQRT_INVALID_ARGUMENT, "there are more ", option, " than the ", info.state_count, " states of '",
                     info.name, "'");
  const seqrt_state_info *state = seqrt_module_state(session.module(), info.states[number]);
  if (state->has_capacity)
    return makeError(SEQRT_INVALID_ARGUMENT, "state ", number, " ('", state->name, "') of '", info.name,
                     "' grows with the tokens, which an array does not say: use --load-state and --save-state");
  return fromRuntime(seqrt_context_state(session.context(), info.states[number], 0, &view));
}

static std::vector<int64_t> shapeOf(const seqrt_tensor &view) { return {view.shape, view.shape + view.ndim}; }

static void *dataOf(const seqrt_tensor &view) { return static_cast<char *>(view.data) + view.byte_offset; }

Status readStates(const std::vector<std::string> &files, Session &session, const seqrt_export_info &info,
                  std::vector<Array> &states) {
  states.resize(files.size());
  for (size_t i = 0; i < files.size(); ++i) {
    seqrt_tensor view;
    if (Status status = viewState("--state", i, session, info, view); status.failed())
      return status;
    Array read;
    if (Status status = readInput(files[i], read); status.failed())
      return status;
    if (sameType(read.type(), view.dtype))
      states[i] = std::move(read);
    else if (Status status = read.convert(view.dtype, states[i]); status.failed())
      return std::move(status).withPrefix(concat("state ", i, " of '", info.name, "' from '", files[i], "': "));
    if (states[i].shape() != shapeOf(view))
      return makeError(SEQRT_INVALID_ARGUMENT, "state ", i, " of '", info.name, "' is ",
                       describe(shapeOf(view), view.dtype), ", but '", files[i], "' has ", states[i].describe());
  }
  return Status();
}

Status setStates(const std::vector<Array> &states, Session &session, const seqrt_export_info &info) {
  for (size_t i = 0; i < states.size(); ++i) {
    seqrt_tensor view;
    if (Status status = viewState("--state", i, session, info, view); status.failed())
      return status;
    std::memcpy(dataOf(view), states[i].data(), states[i].byteSize());
  }
  return Status();
}

Status writeStates(const std::vector<std::string> &files, Session &session, const seqrt_export_info &info) {
  for (size_t i = 0; i < files.size(); ++i) {
    seqrt_tensor view;
    if (Status status = viewState("--state-output", i, session, info, view); status.failed())
      return status;
    Array copy;
    if (Status status = Array::create(view.dtype, shapeOf(view), copy); status.failed())
      return status;
    std::memcpy(copy.data(), dataOf(view), copy.byteSize());
    if (Status status = writeNpy(files[i], copy); status.failed())
      return status;
  }
  return Status();
}

} // namespace seqc::run
