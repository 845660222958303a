#include "seq/Tokenizer/ChatTemplate.h"

#include "gtest/gtest.h"

namespace seqc::test {

using namespace tokenizer;

/// The templates below are shortened to the parts that tell members of a
/// family apart.
static const char *smollm2 =
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou "
    "are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + "
    "message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ "
    "'<|im_start|>assistant\n' }}{% endif %}";

static Result<std::string> render(const std::string &text, const std::vector<ChatMessage> &messages) {
  TokenizerData data;
  data.tokens = {"<s>", "</s>"};
  data.bos = 0;
  data.eos = 1;
  data.chatTemplate = text;
  return renderChat(data, messages);
}

static std::string rendered(const std::string &text, const std::vector<ChatMessage> &messages) {
  auto result = render(text, messages);
  EXPECT_TRUE(result) << result.message();
  return result ? *result : "";
}

static const std::vector<ChatMessage> question = {{"user", "Hi"}};
static const std::vector<ChatMessage> withSystem = {{"system", "Be brief."}, {"user", "Hi"}};
static const std::vector<ChatMessage> dialogue = {{"user", "Hi"}, {"assistant", "Hello"}, {"user", "Bye"}};

TEST(ChatTemplate, WritesChatML) {
  EXPECT_EQ(rendered(smollm2, question),
            "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
            "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(rendered(smollm2, withSystem),
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  // The line break spelled as an escape, in double quotes, with an apostrophe.
  EXPECT_EQ(rendered(R"({{- "<|im_start|>system\nI'm Qwen.<|im_end|>\n" }})", question),
            "<|im_start|>system\nI'm Qwen.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  // A system mark whose message comes from elsewhere is no default.
  EXPECT_EQ(rendered(R"({{ bos_token }}{{ '<|im_start|>system\n' + m + '<|im_end|>' }})", dialogue),
            "<s><|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\nBye<|im_end|>"
            "\n<|im_start|>assistant\n");
}

TEST(ChatTemplate, WritesLlama2) {
  const char *text = "{{ '<<SYS>>\\n' + system_message }}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}";
  EXPECT_EQ(rendered(text, withSystem), "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST]");
  EXPECT_EQ(rendered(text, dialogue), "<s>[INST] Hi [/INST] Hello </s><s>[INST] Bye [/INST]");
}

TEST(ChatTemplate, WritesLlama3) {
  std::string text =
      "{% set content = '<|start_header_id|>' + role + '<|end_header_id|>\\n\\n' + m | trim %}{{ bos_token }}";
  EXPECT_EQ(
      rendered(text, {{"user", " Hi "}}),
      "<s><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n");
  text += R"({% set date_string = "01 Feb 2025" %}{{- "Cutting Knowledge Date: December 2023\n" }})";
  EXPECT_EQ(
      rendered(text, withSystem),
      "<s><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\nToday Date: 01 Feb "
      "2025\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>"
      "assistant<|end_header_id|>\n\n");
}

TEST(ChatTemplate, WritesMistral) {
  EXPECT_EQ(rendered("{{ bos_token }}{{ '[INST] ' + message['content'] + ' [/INST]' }}{{ message['content'] + "
                     "eos_token + ' ' }}",
                     dialogue),
            "<s>[INST] Hi [/INST]Hello</s> [INST] Bye [/INST]");
  EXPECT_EQ(rendered("{{ bos_token }}{{ \"[INST] \" + system_message + \"\\n\\n\" + m + \"[/INST]\" }}{{ \" \" + "
                     "message[\"content\"] }}",
                     withSystem),
            "<s>[INST] Be brief.\n\nHi[/INST]");
  EXPECT_EQ(rendered("{{ bos_token }}{{ '[SYSTEM_PROMPT]' + s + '[/SYSTEM_PROMPT]' }}{{ '[INST]' + m + '[/INST]' }}",
                     withSystem),
            "<s>[SYSTEM_PROMPT]Be brief.[/SYSTEM_PROMPT][INST]Hi[/INST]");
  EXPECT_FALSE(render("{{ '[INST] ' + m + ' [/INST]' }}", withSystem));
}

TEST(ChatTemplate, WritesGemma) {
  std::string text = "{{ bos_token }}{{ '<start_of_turn>' + role + '\\n' + m | trim + '<end_of_turn>\\n' }}";
  EXPECT_EQ(
      rendered(text, dialogue),
      "<s><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\nHello<end_of_turn>\n<start_of_turn>user\nBye"
      "<end_of_turn>\n<start_of_turn>model\n");
  EXPECT_EQ(rendered(text, withSystem), "<s><start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\n");
  EXPECT_FALSE(render(text + "{{ raise_exception('System role not supported') }}", withSystem));
}

TEST(ChatTemplate, WritesPhi3) {
  EXPECT_EQ(rendered("{{ '<|system|>\\n' }}{{ '<|user|>\\n' + m + '<|end|>\\n' }}{{ '<|assistant|>\\n' }}", withSystem),
            "<|system|>\nBe brief.<|end|>\n<|user|>\nHi<|end|>\n<|assistant|>\n");
  EXPECT_EQ(rendered("{{ '<|' + message['role'] + '|>' + m + '<|end|>' }}{{ '<|assistant|>' }}", question),
            "<|user|>Hi<|end|><|assistant|>");
}

TEST(ChatTemplate, WritesZephyr) {
  EXPECT_EQ(rendered("{{ '<|user|>\\n' + m + eos_token }}{{ '<|system|>\\n' }}{{ '<|assistant|>' }}", withSystem),
            "<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\n");
}

TEST(ChatTemplate, ShowsWhatItDoesNotKnow) {
  auto unknown = render("{{ 'USER: ' +\nm }}", question);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.message().find("{{ 'USER: ' +\\nm }}"), std::string::npos) << unknown.message();
  EXPECT_FALSE(render("{{ '<|im_start|>' + strftime_now('%Y') }}", question));
  auto none = render("", question);
  ASSERT_FALSE(none);
  EXPECT_NE(none.message().find("no chat template"), std::string::npos) << none.message();
}

TEST(ChatTemplate, ChecksTheOrderOfMessages) {
  EXPECT_FALSE(render(smollm2, {}));
  EXPECT_FALSE(render(smollm2, {{"assistant", "x"}}));
  EXPECT_FALSE(render(smollm2, {{"user", "x"}, {"user", "y"}}));
  EXPECT_FALSE(render(smollm2, {{"user", "x"}, {"assistant", "y"}}));
  EXPECT_FALSE(render(smollm2, {{"user", "x"}, {"system", "y"}, {"user", "z"}}));
}

TEST(ChatTemplate, SurvivesUnbalancedTemplates) {
  for (const char *text : {"<|im_start|>{{ '", "<|im_start|>{{ 'a\\", "<|im_start|>{% \"", "<|im_start|>}}{{"})
    EXPECT_EQ(rendered(text, question), "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n") << text;
}

} // namespace seqc::test
