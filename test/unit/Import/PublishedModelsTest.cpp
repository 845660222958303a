// Every published model that the importers know, as far as it is there.

#include "ImportedModel.h"
#include "seq/Tokenizer/TokenizerData.h"

#include <filesystem>

using namespace seqc::test;

namespace {

struct Published {
  const char *path; ///< in the data folder
  unsigned kinds;   ///< of layers
};

void PrintTo(const Published &model, std::ostream *stream) { *stream << model.path; }

class PublishedModel : public testing::TestWithParam<Published> {};

TEST_P(PublishedModel, IsImported) {
  std::string path = std::string(SEQ_DATA_DIR) + "/" + GetParam().path;
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << path << " is not there";
  ImportedModel imported(path);
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), GetParam().kinds);
}

INSTANTIATE_TEST_SUITE_P(Reference, PublishedModel,
                         testing::Values(Published{"reference/llama", 1}, Published{"reference/mistral", 1},
                                         Published{"reference/mixtral", 1}, Published{"reference/qwen2", 1},
                                         Published{"reference/qwen3", 1}, Published{"reference/phi3", 1},
                                         Published{"reference/gpt2", 1}, Published{"reference/gpt_neox", 1},
                                         // The eps of its norms follows from halvings of x.
                                         Published{"reference/rwkv", 2}, Published{"reference/rwkv5_2", 1},
                                         Published{"reference/rwkv6", 1}, Published{"reference/mamba", 1},
                                         Published{"reference/falcon_mamba", 1}, Published{"reference/mamba2", 1},
                                         Published{"reference/xlstm", 1}, Published{"reference/retnet", 1},
                                         Published{"reference/deepseek_v2", 1}, Published{"reference/deepseek_v3", 1},
                                         // Convolution and attention.
                                         Published{"reference/lfm2", 2}, Published{"reference/recurrent_gemma", 2},
                                         Published{"reference/jamba", 2}, Published{"reference/olmo_hybrid", 2},
                                         Published{"reference/kimi_linear", 2}, Published{"reference/qwen3_next", 2},
                                         Published{"reference/qwen3_next_moe", 2}, Published{"reference/minimax", 2},
                                         // Mamba's second mixer, and attention; beside each other in falcon_h1.
                                         Published{"reference/bamba", 2}, Published{"reference/falcon_h1", 1},
                                         Published{"reference/granitemoehybrid", 2},
                                         Published{"reference/nemotron_h", 3}, Published{"reference/zamba2", 2},
                                         // Layer 0 gives its values to the others.
                                         Published{"reference/rwkv7", 2}, Published{"rwkv-tiny/4v0-660K", 1},
                                         Published{"rwkv-tiny/5v2-730K", 1}, Published{"rwkv-tiny/7v0-834K", 2}));

TEST(SmolLM2, IsImported) {
  std::string path = std::string(SEQ_SMOLLM2_DIR) + "/SmolLM2-135M-Instruct.Q4_1.gguf";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << path << " is not there";
  ImportedModel imported(path);
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 1u);
  EXPECT_EQ(imported.count("call @layer("), 30u);
  EXPECT_EQ(imported.attribute("seqm.context"), 8192);

  ASSERT_VALUE(bytes, seqc::importer::importTokenizer(path));
  auto tokenizer = seqc::tokenizer::deserialise(*bytes);
  ASSERT_TRUE(static_cast<bool>(tokenizer)) << tokenizer.message();
  EXPECT_EQ(tokenizer->vocabularySize(), 49152);
  EXPECT_EQ(tokenizer->merges.size(), 48900u);
}

} // namespace
