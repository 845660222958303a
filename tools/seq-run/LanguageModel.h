//===- LanguageModel.h - Tokens in, logits out ------------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_RUN_LANGUAGEMODEL_H
#define SEQ_TOOLS_SEQ_RUN_LANGUAGEMODEL_H

#include "Session.h"

#include <span>

namespace seqc::run {

/// The exports `prefill` and `step` of a module: feeds pieces of a sequence and
/// has the logits after each. The session outlives it and has a context.
class LanguageModel {
public:
  /// Checks that the exports have the signatures of a language model.
  static Status create(Session &session, LanguageModel &model);

  /// Feeds ids [batch, length], row-major, in one call: of `step` where the
  /// length is 1, else of `prefill`.
  Status feed(std::span<const int32_t> ids, int64_t batch);

  /// Feeds a single sequence in pieces of at most `chunk` tokens, which bounds
  /// the memory of the calls.
  Status feedChunks(std::span<const int32_t> ids, int64_t chunk);

  /// After the last position fed: f32 [batch, vocabulary]. Valid until the next
  /// call of feed.
  const Array &logits() const { return *lastLogits; }
  std::span<const float> logitValues() const {
    return {static_cast<const float *>(lastLogits->data()), static_cast<size_t>(lastLogits->count())};
  }

private:
  Session *session = nullptr;
  size_t prefill = 0;
  size_t step = 0;
  const Array *lastLogits = nullptr;
  Array converted; ///< logits of models that give another type
  std::vector<Array> arguments, prefillResults, stepResults;
};

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_LANGUAGEMODEL_H
