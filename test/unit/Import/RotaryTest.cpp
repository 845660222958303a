#include "seq/Import/Rotary.h"

#include "Testing.h"
#include "seq/Import/JSON.h"
#include "seq/Import/Safetensors.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seqc::importer;
using namespace seqc::test;

namespace {

Config parse(llvm::StringRef text) { return Config(llvm::cantFail(parseJSONObject(text, "c.json")), "c.json"); }

Config parseOptions(llvm::StringRef options) {
  return parse(("{\"max_position_embeddings\":128,\"rope_parameters\":" + options + "}").str());
}

std::string refusal(llvm::StringRef options, int64_t context = 128) {
  Config config = parseOptions(options);
  readRotary(config, 16, context);
  return message(config.takeError());
}

TEST(Rotary, ReadsNewAndOldSpellings) {
  Config config = parseOptions(R"({"rope_type":"default","rope_theta":500,"partial_rotary_factor":0.5})");
  Rotary rotary = readRotary(config, 16, 128);
  EXPECT_EQ(message(config.takeError()), "");
  EXPECT_EQ(rotary.base, 500);
  EXPECT_EQ(rotary.dims, 8);
  EXPECT_TRUE(rotary.frequencies.empty());

  Config older = parse(R"({"max_position_embeddings":128,"rope_theta":500,
    "partial_rotary_factor":0.5,"rope_scaling":{"type":"linear","factor":2}})");
  Rotary scaled = readRotary(older, 16, 128);
  older.checkAllUsed();
  EXPECT_EQ(message(older.takeError()), "");
  EXPECT_EQ(scaled.base, 500);
  EXPECT_EQ(scaled.dims, 8);
  ASSERT_EQ(scaled.frequencies.size(), 4u);
  EXPECT_EQ(scaled.frequencies[0], 0.5);
}

/// Five channels of ten are said to rotate, with the angles of five: three pairs do.
TEST(Rotary, CompletesTheLastPair) {
  Config config = parseOptions(R"({"rope_theta":32,"partial_rotary_factor":0.5})");
  Rotary rotary = readRotary(config, 10, 128);
  EXPECT_EQ(message(config.takeError()), "");
  EXPECT_EQ(rotary.dims, 6);
  ASSERT_EQ(rotary.frequencies.size(), 3u);
  for (int i = 0; i < 3; ++i)
    EXPECT_NEAR(rotary.frequencies[i], std::pow(32.0, -2.0 * i / 5), 1e-15);

  Config odd = parseOptions(R"({"rope_theta":32})");
  readRotary(odd, 5, 128);
  EXPECT_NE(message(odd.takeError()).find("heads of 5 channels"), std::string::npos);
}

TEST(Rotary, RefusesWhatItCanNotDo) {
  auto expect = [](const std::string &text, llvm::StringRef part) {
    EXPECT_NE(text.find(part), std::string::npos) << "message: " << text;
  };
  expect(refusal(R"({"rope_type":"spiral"})"), "key 'rope_parameters.rope_type' is \"spiral\"");
  expect(refusal(R"({"rope_theta":0})"), "'rope_parameters.rope_theta' is 0");
  expect(refusal(R"({"partial_rotary_factor":0.05})"), "positive number of pairs");
  expect(refusal(R"({"rope_type":"linear"})"), "factor' is missing");
  expect(refusal(R"({"rope_type":"linear","factor":0.5})"), "factor' is 0.5, but must be at least 1");
  expect(refusal(R"({"rope_type":"longrope","short_factor":[1],
                     "long_factor":[1]})"),
         "each of the 8 rotated pairs");
  expect(refusal(R"({"rope_type":"llama3","factor":8,"low_freq_factor":4,
                     "high_freq_factor":1})"),
         "must be above low_freq_factor");
  expect(refusal(R"({"rope_type":"yarn","factor":2,"beta_fast":0.5})"), "beta_fast");
}

TEST(Rotary, KeepsDynamicScalingToTheTrainedLength) {
  constexpr llvm::StringLiteral options = R"({"rope_type":"dynamic","factor":2})";
  EXPECT_EQ(refusal(options, 128), "");
  std::string text = refusal(options, 129);
  EXPECT_NE(text.find("--max-context=128"), std::string::npos) << text;
}

TEST(Rotary, TakesLongFactorsForLongContexts) {
  constexpr llvm::StringLiteral options =
      R"({"rope_type":"longrope","original_max_position_embeddings":64,
          "short_factor":[1,1,1,1,1,1,1,1],"long_factor":[4,4,4,4,4,4,4,4]})";
  Config one = parseOptions(options), two = parseOptions(options);
  Rotary atTrained = readRotary(one, 16, 64);
  Rotary beyond = readRotary(two, 16, 65);
  EXPECT_EQ(atTrained.frequencies[0], 1.0);
  EXPECT_EQ(beyond.frequencies[0], 0.25);
  EXPECT_GT(atTrained.magnitude, 1.0);
  EXPECT_EQ(beyond.magnitude, atTrained.magnitude);
}

/// Frequencies and magnitudes of every scaling against the library's own.
TEST(Rotary, AgreesWithPublishedValues) {
  std::string path = std::string(SEQ_DATA_DIR) + "/reference/ops/rope.safetensors";
  auto mapped = mapFile(path);
  if (!mapped) {
    llvm::consumeError(mapped.takeError());
    GTEST_SKIP() << path << " is not there";
  }
  ASSERT_VALUE(header, parseSafetensorsHeader((*mapped)->getBuffer(), path));
  ASSERT_VALUE(weights, openSafetensors(path));
  ASSERT_VALUE(attributes, parseJSONObject(header->metadata.at("attributes"), path));
  unsigned variants = 0;
  for (auto &[name, options] : *attributes->getObject("variants")) {
    Config config = parseOptions(llvm::formatv("{0}", options).str());
    Rotary rotary = readRotary(config, 16, 128);
    config.checkAllUsed();
    EXPECT_EQ(message(config.takeError()), "") << name.str();
    if (rotary.frequencies.empty())
      rotary.frequencies = plainFrequencies(rotary);
    ASSERT_VALUE(expected, weights->readValues("out_inv_freq_" + name.str(), 8));
    ASSERT_EQ(rotary.frequencies.size(), 8u);
    for (int i = 0; i < 8; ++i)
      EXPECT_NEAR(rotary.frequencies[i], (*expected)[i], 1e-7) << name.str() << " pair " << i;
    ASSERT_VALUE(scaling, weights->readValues("out_scaling_" + name.str(), 1));
    EXPECT_NEAR(rotary.magnitude, (*scaling)[0], 1e-6) << name.str();
    ++variants;
  }
  EXPECT_GE(variants, 8u);
}

} // namespace
