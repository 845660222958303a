// The modes of seq-run on the runtime's toy module, whose "logits" after a
// token are [0, sum of first columns, largest number so far, tokens so far].

#include "Run.h"
#include "Npy.h"
#include "Splat.h"

#include "ToyModule.h"

#include "seq/Tokenizer/TokenizerData.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

namespace seqc::test {

using namespace run;

/// What the toy says after a prompt, always the token of the largest logit.
static std::vector<int32_t> toyGreedy(std::vector<int32_t> ids, size_t count) {
  std::vector<int32_t> said;
  while (said.size() < count) {
    float logits[4] = {0, 0, -1e9f, static_cast<float>(ids.size())};
    for (int32_t id : ids) {
      const float *row = toyTable().data() + 4 * id;
      logits[1] += row[0];
      logits[2] = std::max(logits[2], *std::max_element(row, row + 4));
    }
    said.push_back(static_cast<int32_t>(std::max_element(logits, logits + 4) - logits));
    ids.push_back(said.back());
  }
  return said;
}

/// 16 tokens for the toy's vocabulary: the letters a to l, and some special
/// ones.
static tokenizer::TokenizerData letters() {
  tokenizer::TokenizerData data;
  for (char c = 'a'; c <= 'l'; ++c)
    data.tokens.emplace_back(1, c);
  for (const char *special : {"<s>", "</s>", "\xC3", "<pad>"})
    data.tokens.emplace_back(special);
  data.types.assign(16, tokenizer::TokenType::Normal);
  data.types[12] = data.types[13] = data.types[15] = tokenizer::TokenType::Control;
  data.bos = 12;
  data.eos = 13;
  data.stops = {13};
  return data;
}

static std::string spelled(const std::vector<int32_t> &ids) {
  std::string text;
  for (int32_t id : ids)
    text += letters().tokens[static_cast<size_t>(id)];
  return text;
}

class RunTest : public testing::Test {
protected:
  void SetUp() override {
    options.module = temporaryPath("toy.seqm");
    options.threads = 1;
    write(letters());
  }
  void TearDown() override {
    std::filesystem::remove(options.module);
    for (const std::string &path : files)
      std::filesystem::remove(path);
  }

  void write(const tokenizer::TokenizerData &data) {
    file::Writer writer = toyWriter();
    // The toy comes with a section of that kind that is no tokenizer.
    for (file::Section &section : writer.module.sections)
      if (section.kind == file::tokenizerSection)
        section.kind = "notes";
    std::string bytes = tokenizer::serialise(data);
    writer.addSection(file::tokenizerSection, "", bytes.data(), bytes.size());
    Status status = writer.write(options.module);
    ASSERT_TRUE(status.ok()) << status.message();
  }

  std::string file(const std::string &name) { return files.emplace_back(temporaryPath(name)); }

  std::string makeNpy(const std::string &name, const std::vector<int64_t> &ids) {
    Array array;
    EXPECT_TRUE(Array::create(typeFromName("i64"), {1, static_cast<int64_t>(ids.size())}, array).ok());
    for (size_t i = 0; i < ids.size(); ++i)
      array.setInteger(static_cast<int64_t>(i), ids[i]);
    std::string path = file(name);
    EXPECT_TRUE(writeNpy(path, array).ok());
    return path;
  }

  /// What a mode prints; a failure of the test where it fails.
  std::string output(Status (*mode)(const Options &, Trace &)) {
    testing::internal::CaptureStdout();
    Status status = mode(options, trace);
    std::fflush(stdout);
    std::string text = testing::internal::GetCapturedStdout();
    EXPECT_TRUE(status.ok()) << status.message();
    return text;
  }
  std::string error(Status (*mode)(const Options &, Trace &)) {
    testing::internal::CaptureStdout();
    Status status = mode(options, trace);
    std::fflush(stdout);
    testing::internal::GetCapturedStdout();
    EXPECT_TRUE(status.failed());
    return status.message();
  }

  static std::vector<double> numbers(const std::string &path, const std::string &description) {
    Array array;
    Status status = readNpy(path, array);
    EXPECT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(array.describe(), description);
    std::vector<double> values;
    for (int64_t i = 0; i < array.count(); ++i)
      values.push_back(array.number(i));
    return values;
  }

  Options options;
  Trace trace;
  std::vector<std::string> files;
};

using Numbers = std::vector<double>;

TEST_F(RunTest, CallsFunctions) {
  options.function = "forward";
  options.inputs = {makeNpy("ids.npy", {0, 2})};
  options.outputs = {file("out.npy")};
  EXPECT_EQ(output(runFunction), "");
  const std::vector<float> &table = toyTable();
  Numbers expected(table.begin(), table.begin() + 4);
  expected.insert(expected.end(), table.begin() + 8, table.begin() + 12);
  EXPECT_EQ(numbers(options.outputs[0], "1x2x4xf32"), expected);

  options.expected = options.outputs;
  options.outputs.clear();
  EXPECT_EQ(output(runFunction), "");
  options.inputs = {"1x2xi32=0"};
  EXPECT_NE(error(runFunction).find("result 0 (out) is not"), std::string::npos);
}

TEST_F(RunTest, PrintsResultsInShortForm) {
  options.function = "double";
  options.inputs = {"3xf64=1.5"}; // converted to f32
  EXPECT_EQ(output(runFunction), "doubled: 3xf32 [3 3 3]\niterations: 1xi64 [3]\n");
  options.repeat = 3;
  EXPECT_EQ(output(runFunction), "doubled: 3xf32 [3 3 3]\niterations: 1xi64 [3]\n");
  options.outputs = {file("first.npy")};
  EXPECT_EQ(output(runFunction), "iterations: 1xi64 [3]\n");
  options.outputs = {options.outputs[0], "b", "c"};
  EXPECT_EQ(error(runFunction), "there are 3 --output for 2 results");
}

TEST_F(RunTest, ChecksArguments) {
  options.function = "forward";
  EXPECT_EQ(error(runFunction), "'forward' takes 1 arguments, and 0 --input are given");
  options.inputs = {"1x1xi64=4294967296"};
  EXPECT_EQ(error(runFunction), "argument 0 (ids) of 'forward' from '1x1xi64=4294967296': element 0 is 4294967296, "
                                "which does not fit i32");
  options.inputs = {"1x1xi64=16"};
  EXPECT_NE(error(runFunction).find("16"), std::string::npos);
  options.inputs = {file("none.npy")};
  EXPECT_NE(error(runFunction).find("none.npy"), std::string::npos);
  options.function = "backward";
  EXPECT_NE(error(runFunction).find("has no function 'backward' (it has: forward, prefill, step, double, fail)"),
            std::string::npos);
  options.module += ".missing";
  EXPECT_NE(error(runFunction).find(".missing"), std::string::npos);
}

TEST_F(RunTest, RepeatsFromTheSameStates) {
  options.function = "prefill";
  options.inputs = {"2x3xi32=1"};
  options.outputs = {file("once.npy")};
  output(runFunction);
  Numbers once = numbers(options.outputs[0], "2x4xf32");
  EXPECT_EQ(once[3], 3);
  options.repeat = 4;
  output(runFunction);
  EXPECT_EQ(numbers(options.outputs[0], "2x4xf32"), once);
}

TEST_F(RunTest, CarriesStatesFromRunToRun) {
  options.function = "prefill";
  options.inputs = {"1x3xi32=1"};
  options.saveState = file("state");
  output(runFunction);
  options.loadState = options.saveState;
  options.function = "step";
  options.inputs = {"1x1xi32=1"};
  options.outputs = {file("after.npy")};
  output(runFunction);
  EXPECT_EQ(numbers(options.outputs[0], "1x4xf32")[3], 4);
  // Each repetition starts from the loaded states, of which there are 4 now.
  options.repeat = 3;
  output(runFunction);
  EXPECT_EQ(numbers(options.outputs[0], "1x4xf32")[3], 5);
  options.loadState = options.module;
  EXPECT_NE(error(runFunction).find(options.module), std::string::npos);
}

TEST_F(RunTest, SplitsSequences) {
  options.split = {3, 1, 2};
  options.inputs = {makeNpy("ids.npy", {0, 2, 4, 1, 5, 3})};
  options.outputs = {file("split.npy")};
  output(runSplit);
  Numbers split = numbers(options.outputs[0], "3x1x4xf32");
  EXPECT_EQ((Numbers{split[3], split[7], split[11]}), (Numbers{3, 4, 6}));
  options.split = {6};
  output(runSplit);
  EXPECT_EQ(numbers(options.outputs[0], "1x1x4xf32"), Numbers(split.begin() + 8, split.end()));
  options.inputs.clear();
  options.promptIds = {0, 2, 4, 1, 5, 3};
  output(runSplit);
  EXPECT_EQ(numbers(options.outputs[0], "1x1x4xf32"), Numbers(split.begin() + 8, split.end()));
}

TEST_F(RunTest, ChecksSplits) {
  options.split = {3, 1};
  options.inputs = {"2x5xi32=1"};
  EXPECT_EQ(error(runSplit), "--split: the pieces have 4 tokens, the input 5");
  options.split = {5, 0};
  EXPECT_EQ(error(runSplit), "--split: 0 is no length of a piece");
  options.split = {5};
  options.inputs = {"5xi32=1"};
  EXPECT_EQ(error(runSplit), "the input to split is 5xi32, expected a row of tokens for each sequence, BxT");
  options.split = {8, 4};
  options.inputs = {"1x12xi32=1"};
  EXPECT_TRUE(error(runSplit).starts_with("piece 1 (from token 8): ")) << "the context holds 10";
}

TEST_F(RunTest, GeneratesText) {
  std::string expected = spelled(toyGreedy({0, 1, 7}, 6)) + "\n";
  options.prompt = "abh";
  options.maxTokens = 6;
  EXPECT_EQ(output(runGenerate), expected);
  options.prefillChunk = 2; // the same in pieces
  EXPECT_EQ(output(runGenerate), expected);
  options.repeat = 3;
  EXPECT_EQ(output(runGenerate), expected);
}

TEST_F(RunTest, PrintsJson) {
  options.promptIds = {0, 1, 2};
  options.maxTokens = 3;
  options.json = true;
  auto object = nlohmann::json::parse(output(runGenerate));
  EXPECT_EQ(object["ids"], toyGreedy({0, 1, 2}, 3));
  EXPECT_EQ(object["text"], spelled(toyGreedy({0, 1, 2}, 3)));
  EXPECT_EQ(object["prompt_tokens"], 3);
  EXPECT_EQ(object["generated_tokens"], 3);
  for (const char *key : {"prompt_seconds", "generate_seconds", "load_seconds", "peak_rss_bytes"})
    EXPECT_GT(object[key].get<double>(), 0) << key;
  EXPECT_EQ(object.size(), 8u);
}

TEST_F(RunTest, StopsWhereTheTextEnds) {
  std::vector<int32_t> all = toyGreedy({0, 1}, 6);
  tokenizer::TokenizerData data = letters();
  data.stops = {all[2]};
  write(data);
  options.prompt = "ab";
  options.maxTokens = 6;
  options.json = true;
  // The token that ends the text is reported, and nothing follows it.
  size_t length = static_cast<size_t>(std::find(all.begin(), all.end(), all[2]) - all.begin()) + 1;
  EXPECT_EQ(nlohmann::json::parse(output(runGenerate))["ids"], std::vector<int32_t>(all.begin(), all.begin() + length));
  options.json = false;
  EXPECT_EQ(output(runGenerate), spelled({all.begin(), all.begin() + length - 1}) + "\n");
  options.json = options.ignoreEos = true;
  EXPECT_EQ(nlohmann::json::parse(output(runGenerate))["ids"], all);
}

TEST_F(RunTest, NeverPrintsHalfACharacter) {
  options.promptIds = {0, 1, 2};
  std::vector<int32_t> all = toyGreedy(*options.promptIds, 2);
  tokenizer::TokenizerData data = letters();
  // The byte C3 alone, and what makes a character of it.
  data.tokens[all[0]] = "\xC3";
  data.tokens[14] = "x";
  write(data);
  options.maxTokens = 1;
  EXPECT_EQ(output(runGenerate), "\uFFFD\n");
  data.tokens[all[0]] = "\xC3\xA9\xC3";
  write(data);
  EXPECT_EQ(output(runGenerate), "\u00E9\uFFFD\n");
}

TEST_F(RunTest, KeepsToTheContext) {
  options.promptIds = {0, 1, 2, 3, 4, 5, 6, 7};
  options.maxTokens = 3; // the last token is not fed
  std::string expected = spelled(toyGreedy(*options.promptIds, 3)) + "\n";
  EXPECT_EQ(output(runGenerate), expected);
  options.maxTokens.reset();
  EXPECT_EQ(output(runGenerate), expected);
  options.maxTokens = 4;
  EXPECT_EQ(error(runGenerate),
            "the context holds 10 tokens; the prompt (8) and --max-tokens (4) need 11: shorten them, or compile the "
            "model with a larger --max-context");
  options.context = 5;
  options.maxTokens = 1;
  EXPECT_NE(error(runGenerate).find("raise --context"), std::string::npos);
}

TEST_F(RunTest, ContinuesSavedStates) {
  options.promptIds = {0, 1, 2};
  options.maxTokens = 0;
  options.saveState = file("state");
  EXPECT_EQ(output(runGenerate), "\n");
  options.loadState = options.saveState;
  options.promptIds = {0, 1, 2, 3, 4, 5};
  options.maxTokens = 3;
  EXPECT_NE(error(runGenerate).find("the loaded state (3), the prompt (6)"), std::string::npos);
}

TEST_F(RunTest, ChecksPrompts) {
  options.prompt = "";
  EXPECT_EQ(error(runGenerate), "the prompt has no tokens: give at least one to start from");
  options.prompt = "a";
  options.chat = true;
  EXPECT_NE(error(runGenerate).find("has no chat template"), std::string::npos);
  options.chat = false;
  options.prompt.reset();
  options.promptIds = {16};
  EXPECT_NE(error(runGenerate).find("token id 16"), std::string::npos);
}

TEST_F(RunTest, Tokenizes) {
  options.tokenize = file("text");
  writeFile(options.tokenize, {'a', '<', 's', '>', 'c'});
  EXPECT_EQ(output(runTokenize), "[0, 12, 2]\n");
}

TEST_F(RunTest, TellsModulesWithADamagedTokenizer) {
  Status status = toyWriter().write(options.module);
  ASSERT_TRUE(status.ok());
  options.prompt = "a";
  EXPECT_EQ(error(runGenerate), "'" + options.module + "': the tokenizer section is damaged: compile the model again");
}

TEST_F(RunTest, TracesCalls) {
  trace.enable();
  options.promptIds = {0, 1, 2};
  options.maxTokens = 3;
  output(runGenerate);
  std::string path = file("trace.json");
  ASSERT_TRUE(trace.write(path).ok());
  std::vector<uint8_t> bytes = readFile(path);
  std::vector<std::string> names;
  auto written = nlohmann::json::parse(bytes.begin(), bytes.end());
  for (const auto &event : written["traceEvents"])
    names.push_back(event["name"]);
  for (const char *name : {"open", "prompt", "generate", "prefill"})
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  EXPECT_EQ(std::count(names.begin(), names.end(), "step"), 2);
}

} // namespace seqc::test
