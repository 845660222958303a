// GGUF files that the tests make: what keys and tensors become.

#include "GGUFBuilder.h"
#include "ImportedModel.h"

using namespace seqc::importer;
using namespace seqc::test;

namespace {

constexpr uint32_t kF32 = 0, kQ4_1 = 3, kQ6_K = 14;

/// llama with 2 layers, width 64, 4 heads on 2, inner 96, vocabulary 10.
/// `changeKeys` adds to the keys; `matrix` is the type of the matrices.
struct Llama {
  GGUFBuilder file;
  uint32_t matrix = kQ4_1;

  Llama() {
    file.text("general.architecture", "llama");
    file.text("general.name", "Tiny");
    file.u32("llama.block_count", 2);
    file.u32("llama.context_length", 128);
    file.u32("llama.embedding_length", 64);
    file.u32("llama.feed_forward_length", 96);
    file.u32("llama.attention.head_count", 4);
    file.u32("llama.attention.head_count_kv", 2);
    file.f32("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    file.text("tokenizer.ggml.model", "gpt2");
  }

  void addMatrix(const std::string &name, uint64_t outputs, uint64_t inputs) {
    uint64_t size = outputs * inputs;
    uint64_t bytes = matrix == kF32 ? 4 * size : matrix == kQ4_1 ? size / 32 * 20 : size / 256 * 210;
    file.tensor(name + ".weight", {inputs, outputs}, matrix, bytes);
  }
  void addVector(const std::string &name, uint64_t count) { file.tensor(name, {count}, kF32, 4 * count); }
  std::string build() {
    addMatrix("token_embd", 10, 64);
    addVector("output_norm.weight", 64);
    for (int i = 0; i < 2; ++i) {
      std::string prefix = "blk." + std::to_string(i) + ".";
      addVector(prefix + "attn_norm.weight", 64);
      addVector(prefix + "ffn_norm.weight", 64);
      addMatrix(prefix + "attn_q", 64, 64);
      addMatrix(prefix + "attn_k", 32, 64);
      addMatrix(prefix + "attn_v", 32, 64);
      addMatrix(prefix + "attn_output", 64, 64);
      addMatrix(prefix + "ffn_gate", 96, 64);
      addMatrix(prefix + "ffn_up", 96, 64);
      addMatrix(prefix + "ffn_down", 64, 96);
    }
    return file.build();
  }
};

class GGUFImport : public testing::Test {
protected:
  std::string write(llvm::StringRef data) { return folder.write("model.gguf", data); }
  std::string refusal(Llama &model) { return ImportedModel(write(model.build())).error; }
  TemporaryFolder folder;
};

#define EXPECT_REFUSED(model, part)                                                                                    \
  do {                                                                                                                 \
    std::string text = refusal(model);                                                                                 \
    EXPECT_NE(text.find(part), std::string::npos) << "message: " << text;                                              \
    EXPECT_EQ(text.find('\n'), std::string::npos) << "message: " << text;                                              \
  } while (false)

TEST_F(GGUFImport, ReadsLlama) {
  Llama model;
  std::string path = write(model.build());
  ImportedModel imported(path);
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 1u);
  EXPECT_EQ(imported.count("call @layer("), 2u);
  EXPECT_EQ(imported.count(" interleaved"), 2u);
  EXPECT_EQ(imported.attribute("seqm.context"), 128);
  EXPECT_EQ(imported.attribute("seqm.vocabulary"), 10);
  auto text = [&](llvm::StringRef name) {
    return (*imported.module)->getAttrOfType<mlir::StringAttr>(name).getValue();
  };
  EXPECT_EQ(text("seqm.name"), "Tiny");
  EXPECT_EQ(text("seqm.tokenizer"), path);
  EXPECT_TRUE(
      llvm::isa<mlir::seq::Q4_1Type>(imported.parameter("blk.1.ffn_down.weight").getTensorType().getElementType()));
  EXPECT_EQ(imported.count("seqm.load @token_embd.weight"), 1u) << "the head is the embedding";
}

TEST_F(GGUFImport, ReadsHeadAndBiases) {
  Llama model;
  model.addMatrix("output", 10, 64);
  for (int i = 0; i < 2; ++i)
    model.addVector("blk." + std::to_string(i) + ".attn_q.bias", 64);
  ImportedModel imported(write(model.build()));
  ASSERT_EQ(imported.error, "");
  EXPECT_NE(imported.parameter("output.weight"), nullptr);
  EXPECT_EQ(imported.count(" bias %"), 1u);
}

TEST_F(GGUFImport, ReadsRotaryScalings) {
  Llama linear;
  linear.file.text("llama.rope.scaling.type", "linear");
  linear.file.f32("llama.rope.scaling.factor", 4);
  ImportedModel scaled(write(linear.build()));
  ASSERT_EQ(scaled.error, "");
  EXPECT_EQ(scaled.count("frequencies = array<f64: 2.5"), 2u);

  Llama factors;
  factors.file.tensor("rope_freqs.weight", {8}, kF32, 0);
  for (int i = 0; i < 8; ++i) {
    float two = 2;
    factors.file.values.append(reinterpret_cast<const char *>(&two), 4);
  }
  ImportedModel divided(write(factors.build()));
  ASSERT_EQ(divided.error, "");
  EXPECT_EQ(divided.count("frequencies = array<f64: 5.0"), 2u);

  Llama yarn;
  yarn.file.text("llama.rope.scaling.type", "yarn");
  yarn.file.f32("llama.rope.scaling.factor", 4);
  yarn.file.u32("llama.rope.scaling.original_context_length", 32);
  ImportedModel extended(write(yarn.build()));
  ASSERT_EQ(extended.error, "");
  EXPECT_EQ(extended.count("magnitude = 1.138"), 2u); // 0.1 ln 4 + 1

  Llama other;
  other.file.text("llama.rope.scaling.type", "longrope");
  other.file.f32("llama.rope.scaling.factor", 4);
  EXPECT_REFUSED(other, "key 'llama.rope.scaling.type': 'longrope'");
}

TEST_F(GGUFImport, RefusesWhatItDoesNotKnow) {
  Llama model;
  model.file.u32("llama.attention.sliding_window", 4096);
  EXPECT_REFUSED(model, "key 'llama.attention.sliding_window': an option");
  Llama experts;
  experts.file.u32("llama.expert_count", 8);
  EXPECT_REFUSED(experts, "mixtures of experts");
  Llama tensor;
  tensor.addVector("blk.0.extra", 4);
  EXPECT_REFUSED(tensor, "tensor 'blk.0.extra' would be ignored");
  Llama quantised;
  quantised.matrix = kQ6_K;
  std::string text = refusal(quantised);
  EXPECT_NE(text.find("not whole blocks of Q6_K"), std::string::npos) << text;
}

TEST_F(GGUFImport, RefusesPartsOfModels) {
  Llama model;
  model.file.key("split.count", GGUFType::U16).add<uint16_t>(3);
  EXPECT_REFUSED(model, "is one of 3 parts");
}

TEST_F(GGUFImport, RefusesContextsThatPositionsCanNotCount) {
  ImportOptions options;
  options.maxContext = 1ll << 31;
  ImportedModel imported(write(Llama().build()), options);
  EXPECT_NE(imported.error.find("a context of 2147483648 tokens"), std::string::npos) << imported.error;
}

TEST_F(GGUFImport, RefusesBlockQuantisedVectors) {
  Llama model;
  model.file.tensor("blk.0.attn_q.bias", {64}, kQ4_1, 40);
  EXPECT_REFUSED(model, "tensor 'blk.0.attn_q.bias' is block-quantised");
}

TEST_F(GGUFImport, RefusesOtherArchitectures) {
  GGUFBuilder file;
  file.text("general.architecture", "mamba");
  ImportedModel imported(write(file.build()));
  EXPECT_NE(imported.error.find("architecture 'mamba' is not supported"), std::string::npos);
  file = GGUFBuilder();
  file.u32("general.architecture", 3);
  ImportedModel wrong(write(file.build()));
  EXPECT_NE(wrong.error.find("expected a string"), std::string::npos);
}

TEST_F(GGUFImport, SurvivesCorruption) {
  std::string whole = Llama().build();
  // Most bytes are values: corrupt what comes before them.
  size_t headerSize = whole.find("blk.1.ffn_down.weight") + 64;
  std::string header = whole.substr(0, headerSize);
  std::string values = whole.substr(headerSize);
  for (uint64_t seed = 0; seed < 300; ++seed) {
    ImportedModel imported(write(corrupt(header, seed) + values));
    EXPECT_EQ(imported.error.find("verifier"), std::string::npos) << seed;
    EXPECT_EQ(imported.error.find('\n'), std::string::npos) << imported.error;
  }
}

} // namespace
