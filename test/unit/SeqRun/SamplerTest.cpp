#include "Sampler.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>

namespace seqc::test {

using namespace run;

static int32_t sampleOne(Sampler &sampler, const std::vector<float> &logits) {
  int32_t token = -1;
  file::Status status = sampler.sample(logits, token);
  EXPECT_TRUE(status.ok()) << status.message();
  return token;
}

/// How often each token comes in `count` draws.
static std::vector<int> draw(const SamplingOptions &options, const std::vector<float> &logits, int count) {
  Sampler sampler(options);
  std::vector<int> counts(logits.size());
  for (int i = 0; i < count; ++i)
    ++counts[static_cast<size_t>(sampleOne(sampler, logits))];
  return counts;
}

TEST(Sampler, TakesTheLargestWithoutTemperature) {
  Sampler sampler({});
  EXPECT_EQ(sampleOne(sampler, {1, 5, 3}), 1);
  EXPECT_EQ(sampleOne(sampler, {2, 7, 7}), 1);
  EXPECT_EQ(sampleOne(sampler, {-3, -1, -2}), 1);
  EXPECT_EQ(sampleOne(sampler, {-INFINITY, -1e30f, -INFINITY}), 1);
  EXPECT_EQ(sampleOne(sampler, {-0.0f, 0.0f}), 0);
  EXPECT_EQ(sampleOne(sampler, {-INFINITY, -INFINITY}), 0);
}

TEST(Sampler, RefusesWhatIsNoNumber) {
  Sampler sampler({});
  int32_t token = 0;
  for (float bad : {NAN, -NAN, INFINITY}) {
    file::Status status = sampler.sample(std::vector<float>{1, 2, bad, 3}, token);
    EXPECT_TRUE(status.message().starts_with("logit 2 of the model is not a number")) << status.message();
  }
}

TEST(Sampler, DrawsWithTheProbabilities) {
  std::vector<float> logits = {std::log(1.0f), std::log(3.0f), std::log(4.0f), -INFINITY};
  std::vector<int> counts = draw({.temperature = 1, .seed = 9}, logits, 40000);
  EXPECT_NEAR(counts[0], 5000, 400);
  EXPECT_NEAR(counts[1], 15000, 600);
  EXPECT_NEAR(counts[2], 20000, 600);
  EXPECT_EQ(counts[3], 0);
  // Twice the temperature takes square roots.
  counts = draw({.temperature = 2, .seed = 9}, {0, std::log(9.0f)}, 40000);
  EXPECT_NEAR(counts[1], 30000, 600);
}

TEST(Sampler, KeepsTheMostLikely) {
  std::vector<float> logits = {1, 4, 2, 4, 3};
  std::vector<int> counts = draw({.temperature = 5, .topK = 3}, logits, 2000);
  EXPECT_EQ(counts[0], 0);
  EXPECT_EQ(counts[2], 0);
  EXPECT_GT(counts[4], 0);
  counts = draw({.temperature = 5, .topK = 1}, logits, 200);
  EXPECT_EQ(counts[1], 200);
  counts = draw({.temperature = 1, .topK = 100}, logits, 4000);
  EXPECT_GT(counts[0], 0);
}

TEST(Sampler, KeepsTheNucleus) {
  std::vector<float> logits = {std::log(0.1f), std::log(0.5f), std::log(0.1f), std::log(0.3f)};
  std::vector<int> counts = draw({.temperature = 1, .topP = 0.7}, logits, 2000);
  EXPECT_EQ(counts[0] + counts[2], 0);
  EXPECT_GT(counts[3], 0);
  counts = draw({.temperature = 1, .topP = 0.01}, logits, 100);
  EXPECT_EQ(counts[1], 100);
  // Of many tokens of the same weight, the first ones.
  std::vector<int> even = draw({.temperature = 1, .topP = 0.5}, std::vector<float>(300, 1), 5000);
  EXPECT_EQ(std::count(even.begin(), even.begin() + 149, 0), 0);
  EXPECT_EQ(std::count(even.begin() + 151, even.end(), 0), 149);
}

TEST(Sampler, RepeatsItselfForASeed) {
  std::vector<float> logits(100, 0);
  auto sequence = [&](uint64_t seed) {
    Sampler sampler({.temperature = 1, .seed = seed});
    std::vector<int32_t> tokens;
    for (int i = 0; i < 20; ++i)
      tokens.push_back(sampleOne(sampler, logits));
    return tokens;
  };
  EXPECT_EQ(sequence(1), sequence(1));
  EXPECT_NE(sequence(1), sequence(2));
}

} // namespace seqc::test
