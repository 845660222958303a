#include "Options.h"

#include "gtest/gtest.h"

#include <cmath>

namespace seqc::test {

using namespace run;

/// The error for options that are right but for one change.
static std::string with(auto change) {
  Options options;
  options.module = "m.seqm";
  options.prompt = "x";
  change(options);
  return checkOptions(options).message();
}

TEST(Options, AcceptsEachMode) {
  EXPECT_EQ(with([](Options &) {}), "");
  EXPECT_EQ(with([](Options &o) { o.prompt.reset(), o.promptIds = {1}; }), "");
  EXPECT_EQ(with([](Options &o) { o.prompt.reset(), o.function = "f", o.inputs = {"a"}; }), "");
  EXPECT_EQ(with([](Options &o) { o.prompt.reset(), o.split = {1}, o.inputs = {"a"}, o.outputs = {"b"}; }), "");
  EXPECT_EQ(with([](Options &o) { o.prompt.reset(), o.split = {1}, o.promptIds = {1}; }), "");
  EXPECT_EQ(with([](Options &o) { o.prompt.reset(), o.tokenize = "-"; }), "");
}

TEST(Options, RefusesWhatDoesNotGoTogether) {
  EXPECT_NE(with([](Options &o) { o.module.clear(); }), "");
  EXPECT_NE(with([](Options &o) { o.prompt.reset(); }), "");
  EXPECT_NE(with([](Options &o) { o.function = "f"; }), "");
  EXPECT_NE(with([](Options &o) { o.promptIds = {1}; }), "");
  EXPECT_NE(with([](Options &o) { o.split = {1}; }), "");
  EXPECT_NE(with([](Options &o) { o.outputs = {"a"}; }), "");
  EXPECT_NE(with([](Options &o) { o.system = "s"; }), "");
  EXPECT_NE(with([](Options &o) { o.prompt.reset(), o.function = "f", o.json = true; }), "");
  EXPECT_NE(with([](Options &o) { o.prompt.reset(), o.promptIds = {1}, o.chat = true; }), "");
}

TEST(Options, ChecksNumbers) {
  EXPECT_NE(with([](Options &o) { o.threads = -1; }), "");
  EXPECT_NE(with([](Options &o) { o.repeat = 0; }), "");
  EXPECT_NE(with([](Options &o) { o.context = -1; }), "");
  EXPECT_NE(with([](Options &o) { o.prefillChunk = 0; }), "");
  EXPECT_NE(with([](Options &o) { o.maxTokens = -1; }), "");
  EXPECT_NE(with([](Options &o) { o.tolerance.absolute = NAN; }), "");
  EXPECT_NE(with([](Options &o) { o.tolerance.relative = -1; }), "");
  EXPECT_NE(with([](Options &o) { o.sampling.temperature = INFINITY; }), "");
  EXPECT_NE(with([](Options &o) { o.sampling.topK = -1; }), "");
  EXPECT_NE(with([](Options &o) { o.sampling.topP = 0; }), "");
  EXPECT_NE(with([](Options &o) { o.sampling.topP = 1.1; }), "");
}

TEST(Options, NamesTheDeviceThatIsMissing) {
  EXPECT_EQ(with([](Options &o) { o.device = "cuda:1"; }),
            "--device=cuda:1: this seq-run has no cuda device: use --device=cpu");
  EXPECT_EQ(with([](Options &o) { o.device = "tpu"; }),
            "--device=tpu: there is no such device (cpu, vulkan[:N] and cuda[:N] are)");
}

} // namespace seqc::test
