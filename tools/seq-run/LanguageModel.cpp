#include "LanguageModel.h"

#include <algorithm>
#include <cstring>

namespace seqc::run {

/// ids [B, T] → logits [B, V], floats.
static bool hasSignature(const seqrt_export_info &info) {
  return info.argument_count == 1 && info.arguments[0]->rank == 2 && isInteger(info.arguments[0]->dtype) &&
         info.result_count >= 1 && info.results[0]->rank == 2 && isFloat(info.results[0]->dtype);
}

Status LanguageModel::create(Session &session, LanguageModel &model) {
  model.session = &session;
  for (auto [name, index] : {std::pair("prefill", &model.prefill), {"step", &model.step}}) {
    const seqrt_export_info *info = nullptr;
    if (Status status = session.findExport(name, *index, info); status.failed())
      return status;
    if (!hasSignature(*info))
      return makeError(SEQRT_INVALID_ARGUMENT, "'", session.path(), "': '", name,
                       "' does not take ids [B, T] and give logits [B, V] as in a language model: call it with "
                       "--function and --input");
  }
  return Status();
}

Status LanguageModel::feed(std::span<const int32_t> ids, int64_t batch) {
  int64_t length = static_cast<int64_t>(ids.size()) / batch;
  size_t index = length == 1 ? step : prefill;
  std::vector<Array> &results = length == 1 ? stepResults : prefillResults;
  const seqrt_export_info *info = seqrt_module_export(session->module(), index);
  Array given;
  if (Status status = Array::create(i32Type, {batch, length}, given); status.failed())
    return status;
  std::memcpy(given.data(), ids.data(), ids.size_bytes());
  arguments.resize(1);
  if (sameType(info->arguments[0]->dtype, i32Type))
    arguments[0] = std::move(given);
  else if (Status status = given.convert(info->arguments[0]->dtype, arguments[0]); status.failed())
    return std::move(status).withPrefix("the ids: ");
  if (Status status = session->call(index, arguments, results); status.failed())
    return status;
  lastLogits = &results[0];
  if (sameType(results[0].type(), f32Type))
    return Status();
  lastLogits = &converted;
  return results[0].convert(f32Type, converted);
}

Status LanguageModel::feedChunks(std::span<const int32_t> ids, int64_t chunk) {
  while (!ids.empty()) {
    size_t length = std::min(ids.size(), static_cast<size_t>(chunk));
    if (Status status = feed(ids.first(length), 1); status.failed())
      return status;
    ids = ids.subspan(length);
  }
  return Status();
}

} // namespace seqc::run
