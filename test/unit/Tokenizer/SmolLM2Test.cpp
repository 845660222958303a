// The tokenizer of SmolLM2 as its GGUF describes it, through the section of a
// module, on published ids.

#include "seq/Import/Import.h"
#include "seq/Tokenizer/ChatTemplate.h"
#include "seq/Tokenizer/StreamDecoder.h"
#include "seq/Tokenizer/Tokenizer.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include "gtest/gtest.h"

#include <cstring>
#include <filesystem>

namespace seqc::test {

using namespace tokenizer;

static const std::string gguf = SEQ_SMOLLM2_DIR "/SmolLM2-135M-Instruct.Q4_1.gguf";
static const std::string data = SEQ_DATA_DIR "/smollm2/";

static std::string readText(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  EXPECT_TRUE(static_cast<bool>(buffer)) << path;
  return buffer ? (*buffer)->getBuffer().str() : "";
}

class SmolLM2 : public testing::Test {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(gguf) || !std::filesystem::exists(data))
      GTEST_SKIP() << "SmolLM2 is not here";
    auto section = seqc::importer::importTokenizer(gguf);
    ASSERT_TRUE(static_cast<bool>(section)) << llvm::toString(section.takeError());
    auto read = deserialise(*section);
    ASSERT_TRUE(read) << read.message();
    auto created = Tokenizer::create(std::move(*read));
    ASSERT_TRUE(created) << created.message();
    tokenizer = std::move(*created);
  }

  std::unique_ptr<Tokenizer> tokenizer;
};

TEST_F(SmolLM2, EncodesHostileText) {
  std::string text = readText(data + "tokenizer_text.txt"), npy = readText(data + "tokenizer_ids.npy");
  // The header of this file is 128 bytes long; i32 follow.
  ASSERT_EQ(npy.substr(0, 6), "\x93NUMPY");
  std::vector<int32_t> expected((npy.size() - 128) / 4);
  std::memcpy(expected.data(), npy.data() + 128, expected.size() * 4);
  auto encoding = tokenizer->encode(text, {.parseSpecial = true});
  ASSERT_TRUE(encoding) << encoding.message();
  EXPECT_EQ(encoding->unencodable, 0u);
  EXPECT_EQ(encoding->ids, expected);
  EXPECT_EQ(tokenizer->decode(encoding->ids), text);
  StreamDecoder stream;
  std::string streamed;
  for (int32_t id : encoding->ids)
    streamed += stream.feed(tokenizer->bytes(id));
  EXPECT_EQ(streamed + stream.finish(), text);
}

TEST_F(SmolLM2, EncodesThePublishedPrompts) {
  auto cases = llvm::json::parse(readText(data + "greedy.json"));
  ASSERT_TRUE(static_cast<bool>(cases));
  size_t chats = 0;
  for (const llvm::json::Value &value : *cases->getAsArray()) {
    const llvm::json::Object &entry = *value.getAsObject();
    std::string prompt = entry.getString("prompt")->str();
    auto encoding = tokenizer->encode(prompt, {.parseSpecial = true, .addSpecial = true});
    ASSERT_TRUE(encoding) << encoding.message();
    std::vector<int32_t> expected;
    for (const llvm::json::Value &id : *entry.getArray("ids"))
      expected.push_back(static_cast<int32_t>(*id.getAsInteger()));
    EXPECT_EQ(encoding->ids, expected) << prompt;
    // Those in the chat format are what the template makes of the question.
    std::string open = "<|im_start|>user\n", close = "<|im_end|>\n<|im_start|>assistant\n";
    size_t begin = prompt.find(open), end = prompt.rfind(close);
    if (begin == std::string::npos || end == std::string::npos)
      continue;
    begin += open.size();
    auto rendered = renderChat(tokenizer->data(), {{"user", prompt.substr(begin, end - begin)}});
    ASSERT_TRUE(rendered) << rendered.message();
    EXPECT_EQ(*rendered, prompt);
    ++chats;
  }
  EXPECT_GE(chats, 2u);
}

TEST_F(SmolLM2, KnowsWhatEndsAText) {
  EXPECT_TRUE(tokenizer->isStop(2));
  EXPECT_TRUE(tokenizer->isControl(2));
  EXPECT_FALSE(tokenizer->isStop(1));
  EXPECT_FALSE(tokenizer->isControl(504));
}

} // namespace seqc::test
