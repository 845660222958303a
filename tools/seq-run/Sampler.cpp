#include "Sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace seqc::run {

static bool isMoreLikely(const auto &a, const auto &b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
}

/// Leaves the `count` most likely choices, the likeliest first.
void Sampler::keepMostLikely(size_t count) {
  count = std::min(count, choices.size());
  std::partial_sort(choices.begin(), choices.begin() + static_cast<ptrdiff_t>(count), choices.end(),
                    isMoreLikely<Choice, Choice>);
  choices.resize(count);
}

/// Leaves the most likely choices that together have the probability topP; at
/// least one. Few do as a rule: sorts more only while they are not enough.
void Sampler::keepNucleus() {
  double total = 0;
  for (const Choice &choice : choices)
    total += choice.weight;
  size_t sorted = 0, kept = 0;
  for (double sum = 0; sum < options.topP * total && kept < choices.size(); ++kept) {
    if (kept == sorted) {
      size_t next = std::min(choices.size(), std::max<size_t>(64, 8 * sorted));
      std::partial_sort(choices.begin() + static_cast<ptrdiff_t>(sorted),
                        choices.begin() + static_cast<ptrdiff_t>(next), choices.end(), isMoreLikely<Choice, Choice>);
      sorted = next;
    }
    sum += choices[kept].weight;
  }
  choices.resize(std::max<size_t>(kept, 1));
}

void Sampler::choose(std::span<const float> logits) {
  choices.clear();
  for (size_t i = 0; i < logits.size(); ++i)
    choices.push_back({static_cast<int32_t>(i), logits[i], 0});
  if (options.topK > 0)
    keepMostLikely(static_cast<size_t>(options.topK));
  double largest = std::max_element(choices.begin(), choices.end(), [](const Choice &a, const Choice &b) {
                     return a.logit < b.logit;
                   })->logit;
  for (Choice &choice : choices)
    choice.weight = std::exp((choice.logit - largest) / options.temperature);
  if (options.topP < 1)
    keepNucleus();
}

/// The place of the first of the largest logits, or of one that is not a
/// number. Written for vectors: floats are ordered as their bits are, the
/// negative ones turned around.
static size_t findLargest(std::span<const float> logits) {
  int32_t largest = INT32_MIN;
  bool strange = false;
  for (float logit : logits) {
    int32_t bits = std::bit_cast<int32_t>(logit);
    largest = std::max(largest, bits ^ (bits >> 31 & INT32_MAX));
    strange |= !(logit < INFINITY);
  }
  float value = std::bit_cast<float>(largest ^ (largest >> 31 & INT32_MAX));
  auto found = strange ? std::find_if(logits.begin(), logits.end(), [](float logit) { return !(logit < INFINITY); })
                       : std::find(logits.begin(), logits.end(), value);
  return static_cast<size_t>(found - logits.begin());
}

file::Status Sampler::sample(std::span<const float> logits, int32_t &token) {
  size_t largest = findLargest(logits);
  if (!(logits[largest] < INFINITY))
    return file::makeError(SEQRT_INTERNAL, "logit ", largest,
                           " of the model is not a number: its weights or its input are damaged");
  token = static_cast<int32_t>(largest);
  if (options.temperature == 0 || logits[largest] == -INFINITY)
    return {};
  choose(logits);
  double total = 0;
  for (const Choice &choice : choices)
    total += choice.weight;
  // 53 random bits are a number in [0, 1).
  double left = static_cast<double>(random() >> 11) * 0x1p-53 * total;
  token = choices.back().token;
  for (const Choice &choice : choices) {
    left -= choice.weight;
    if (left < 0) {
      token = choice.token;
      break;
    }
  }
  return {};
}

} // namespace seqc::run
