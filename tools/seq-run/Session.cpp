#include "Session.h"

namespace seqc::run {

Status fromRuntime(const seqrt_status &status) {
  return status.code == SEQRT_OK ? Status() : Status(static_cast<seqrt_code>(status.code), status.message);
}

Session::~Session() {
  seqrt_context_release(made);
  seqrt_module_release(opened);
}

Status Session::open(const std::string &path, const std::string &target, Trace &trace) {
  file = path;
  events = &trace;
  Phase phase(events, "open");
  seqrt_open_options options = SEQRT_OPEN_OPTIONS_INIT;
  options.target = target.empty() ? nullptr : target.c_str();
  return fromRuntime(seqrt_module_open(path.c_str(), &options, &opened));
}

static void record(void *user, const seqrt_event *event) {
  static_cast<Trace *>(user)->add(event->kind[0] == 'c' ? "call" : "loop", event->name, event->begin_ns, event->end_ns,
                                  event->count);
}

Status Session::createContext(int64_t batch, int64_t capacity, int32_t threads) {
  Phase phase(events, "create context");
  seqrt_context_options options = SEQRT_CONTEXT_OPTIONS_INIT;
  options.batch = batch;
  options.capacity = capacity;
  options.threads = threads;
  Status status = fromRuntime(seqrt_context_create(opened, &options, &made));
  if (status.ok() && events->isEnabled())
    seqrt_context_set_profiler(made, record, events);
  return status;
}

Status Session::resetStates(const std::string &loadState) {
  if (loadState.empty())
    return fromRuntime(seqrt_context_reset(made));
  return fromRuntime(seqrt_context_load(made, loadState.c_str()));
}

Status Session::saveStates(const std::string &path) { return fromRuntime(seqrt_context_save(made, path.c_str())); }

bool Session::hasTokenizer() const {
  uint64_t size = 0;
  return seqrt_module_section(opened, "tokenizer", &size) != nullptr && size != 0;
}

Status Session::tokenizer(const tokenizer::Tokenizer *&result) {
  if (!words) {
    Phase phase(events, "read tokenizer");
    uint64_t size = 0;
    const void *bytes = seqrt_module_section(opened, "tokenizer", &size);
    if (!bytes || size == 0)
      return makeError(SEQRT_NOT_FOUND, "'", file, "' has no tokenizer: give the prompt as --prompt-ids");
    auto data = tokenizer::deserialise({static_cast<const char *>(bytes), size});
    if (!data)
      return makeError(SEQRT_CORRUPT, "'", file, "': ", data.message());
    auto created = tokenizer::Tokenizer::create(std::move(*data));
    if (!created)
      return makeError(SEQRT_CORRUPT, "'", file, "': ", created.message());
    words = std::move(*created);
  }
  result = words.get();
  return Status();
}

Status Session::findExport(const std::string &name, size_t &index, const seqrt_export_info *&info) const {
  int64_t found = seqrt_module_find_export(opened, name.c_str());
  if (found >= 0) {
    index = static_cast<size_t>(found);
    info = seqrt_module_export(opened, index);
    return Status();
  }
  std::string known;
  for (size_t i = 0; i < seqrt_module_export_count(opened); ++i)
    known += (i ? ", " : "") + std::string(seqrt_module_export(opened, i)->name);
  return makeError(SEQRT_NOT_FOUND, "'", file, "' has no function '", name, "' (it has: ", known, ")");
}

Status Session::prepareResults(size_t exportIndex, const std::vector<seqrt_tensor> &arguments,
                               std::vector<Array> &results) {
  const seqrt_export_info *info = seqrt_module_export(opened, exportIndex);
  results.resize(info->result_count);
  for (size_t i = 0; i < info->result_count; ++i) {
    std::vector<int64_t> shape(static_cast<size_t>(info->results[i]->rank));
    Status status =
        fromRuntime(seqrt_context_result_shape(made, exportIndex, arguments.data(), arguments.size(), i, shape.data()));
    if (status.failed())
      return status;
    bool fits = results[i].count() > 0 && results[i].shape() == shape;
    if (!fits)
      status = Array::create(info->results[i]->dtype, std::move(shape), results[i]);
    if (status.failed())
      return std::move(status).withPrefix(concat("result ", i, " of '", info->name, "': "));
  }
  return Status();
}

Status Session::call(size_t exportIndex, std::vector<Array> &arguments, std::vector<Array> &results) {
  std::vector<seqrt_tensor> inputs, outputs;
  for (Array &argument : arguments)
    inputs.push_back(argument.tensor());
  if (Status status = prepareResults(exportIndex, inputs, results); status.failed())
    return status;
  for (Array &result : results)
    outputs.push_back(result.tensor());
  return fromRuntime(
      seqrt_context_call_index(made, exportIndex, inputs.data(), inputs.size(), outputs.data(), outputs.size()));
}

} // namespace seqc::run
