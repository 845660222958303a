//===- Sampler.h - The next token -------------------------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_RUN_SAMPLER_H
#define SEQ_TOOLS_SEQ_RUN_SAMPLER_H

#include "seq/Module/Status.h"

#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace seqc::run {

struct SamplingOptions {
  double temperature = 0; ///< 0: the token with the largest logit
  int64_t topK = 0;       ///< only the K most likely tokens; 0: all
  double topP = 1;        ///< only the most likely tokens that together have P
  uint64_t seed = 0;
};

/// Draws tokens: the same ones for the same seed and logits.
class Sampler {
public:
  explicit Sampler(const SamplingOptions &options) : options(options), random(options.seed) {}

  /// The token that follows, among equal ones the one of the lowest id. There
  /// is at least one logit. Fails where one is not a number.
  file::Status sample(std::span<const float> logits, int32_t &token);

private:
  struct Choice {
    int32_t token;
    float logit;
    double weight;
  };
  void choose(std::span<const float> logits);
  void keepMostLikely(size_t count);
  void keepNucleus();

  SamplingOptions options;
  std::mt19937_64 random;
  std::vector<Choice> choices;
};

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_SAMPLER_H
