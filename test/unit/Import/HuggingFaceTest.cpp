// Folders that the tests make: what options and weights become.

#include "ExpectModel.h"

using namespace seqc::test;
using seqc::importer::ImportOptions;
namespace json = llvm::json;

namespace {

TEST(HuggingFace, MakesOneFunctionOfEqualLayers) {
  ModelFolder model;
  makeLlama(model);
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 1u);
  EXPECT_EQ(imported.count("call @layer("), 3u);
  EXPECT_EQ(imported.count("seqm.export"), 1u);
  EXPECT_EQ(imported.attribute("seqm.context"), 64);
  EXPECT_EQ(imported.attribute("seqm.vocabulary"), 10);
  EXPECT_EQ(imported.count("seq.attention"), 1u);
  EXPECT_NE(imported.parameter("lm_head.weight"), nullptr);
}

TEST(HuggingFace, ReadsShards) {
  ModelFolder model;
  makeLlama(model);
  ImportedModel imported(model.writeShards());
  ASSERT_EQ(imported.error, "");
  auto file = [&](llvm::StringRef name) {
    auto source = llvm::cast<mlir::seqm::FileAttr>(imported.parameter(name).getSource());
    return llvm::sys::path::filename(source.getPath()).str();
  };
  EXPECT_EQ(file("model.layers.2.mlp.up_proj.weight"), "layers.safetensors");
  EXPECT_EQ(file("model.norm.weight"), "all.safetensors");
  EXPECT_EQ(imported.values("model.norm.weight")[7], 7);
}

TEST(HuggingFace, ShortensTheContext) {
  ModelFolder model;
  makeLlama(model);
  ImportOptions options;
  options.maxContext = 32;
  ImportedModel imported(model.write(), options);
  EXPECT_EQ(imported.error, "");
  EXPECT_EQ(imported.attribute("seqm.context"), 32);
}

TEST(HuggingFace, KnowsWhatEndsAText) {
  ModelFolder model;
  makeLlama(model);
  EXPECT_EQ(ImportedModel(model.write()).count("seqm.stop_tokens"), 0u);
  model.config["eos_token_id"] = 3;
  EXPECT_EQ(ImportedModel(model.write()).count("seqm.stop_tokens = array<i64: 3>"), 1u);
  // 10 is not in the vocabulary of 10 tokens.
  model.config["eos_token_id"] = json::Array{3, 10, 9};
  EXPECT_EQ(ImportedModel(model.write()).count("seqm.stop_tokens = array<i64: 3, 9>"), 1u);
  model.file("generation_config.json", R"({"eos_token_id": [4], "top_p": 0.5})");
  EXPECT_EQ(ImportedModel(model.write()).count("seqm.stop_tokens = array<i64: 4>"), 1u);
  model.file("generation_config.json", R"({"eos_token_id": null})");
  EXPECT_EQ(ImportedModel(model.write()).count("seqm.stop_tokens = array<i64: 3, 9>"), 1u);
  model.file("generation_config.json", R"({"eos_token_id": "</s>"})");
  EXPECT_REFUSED(model, "must be an integer or an array of integers");
}

TEST(HuggingFace, TiesTheHead) {
  ModelFolder model;
  makeLlama(model);
  model.config["tie_word_embeddings"] = true;
  ImportedModel stored(model.write());
  EXPECT_EQ(stored.error, "") << "a stored copy of the head is ignored";
  EXPECT_EQ(stored.parameter("lm_head.weight"), nullptr);
  model.remove("lm_head.weight");
  EXPECT_EQ(ImportedModel(model.write()).error, "");
  model.config["tie_word_embeddings"] = false;
  EXPECT_REFUSED(model, "tensor 'lm_head.weight' is missing");
}

TEST(HuggingFace, ReadsBiases) {
  ModelFolder model;
  makeLlama(model);
  model.config["attention_bias"] = true;
  EXPECT_REFUSED(model, "'model.layers.0.self_attn.q_proj.bias' is missing");
  for (int i = 0; i < 3; ++i) {
    std::string prefix = "model.layers." + std::to_string(i) + ".self_attn.";
    model.tensor(prefix + "q_proj.bias", {8});
    model.tensor(prefix + "k_proj.bias", {4});
    model.tensor(prefix + "v_proj.bias", {4});
    model.tensor(prefix + "o_proj.bias", {8});
  }
  ImportedModel imported(model.write());
  EXPECT_EQ(imported.error, "");
  EXPECT_EQ(imported.count(" bias %"), 4u);
  model.config["attention_bias"] = false;
  EXPECT_REFUSED(model, "would be ignored");
}

TEST(HuggingFace, ConvertsVectorsOnly) {
  ModelFolder model;
  makeLlama(model);
  model.tensor("model.norm.weight", {8}, "BF16");
  model.tensor("lm_head.weight", {10, 8}, "F16");
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.count("stored = bf16"), 1u);
  EXPECT_TRUE(imported.parameter("model.norm.weight").getTensorType().getElementType().isF32());
  EXPECT_TRUE(imported.parameter("lm_head.weight").getTensorType().getElementType().isF16());
}

TEST(HuggingFace, ReadsMistralsWindow) {
  ModelFolder model;
  makeLlama(model, "mistral");
  model.config["sliding_window"] = 11;
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 1u);
  EXPECT_EQ(imported.count("window = 11"), 1u);
}

TEST(HuggingFace, MakesAFunctionForEachKindOfLayer) {
  ModelFolder model;
  makeQwen2(model);
  model.config["use_sliding_window"] = true;
  model.config["sliding_window"] = 5;
  model.config["max_window_layers"] = 1;
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 2u);
  EXPECT_EQ(imported.count("call @layer("), 1u);
  EXPECT_EQ(imported.count("call @layer_1("), 2u);
  EXPECT_EQ(imported.count("window = 5"), 1u);

  model.config["layer_types"] = json::Array{"sliding_attention", "full_attention", "sliding_attention"};
  ImportedModel named(model.write());
  ASSERT_EQ(named.error, "");
  EXPECT_EQ(named.count("call @layer("), 2u);
  model.config["use_sliding_window"] = false;
  EXPECT_EQ(ImportedModel(model.write()).blocks(), 1u);
  model.config["layer_types"] = json::Array{"full_attention"};
  EXPECT_REFUSED(model, "must name every layer");
}

TEST(HuggingFace, ReadsQwen3sHeadNorms) {
  ModelFolder model;
  makeLlama(model, "qwen3");
  model.config["head_dim"] = 2;
  EXPECT_REFUSED(model, "'model.layers.0.self_attn.q_norm.weight' is missing");
  for (int i = 0; i < 3; ++i) {
    std::string prefix = "model.layers." + std::to_string(i) + ".self_attn.";
    model.tensor(prefix + "q_norm.weight", {2});
    model.tensor(prefix + "k_norm.weight", {2});
  }
  ImportedModel imported(model.write());
  EXPECT_EQ(imported.error, "");
  EXPECT_EQ(imported.count("seq.rms_norm"), 5u);
}

/// The part of a stored tensor that a parameter holds: tensors hold 0, 1, 2...
std::vector<float> range(int first, int count) {
  std::vector<float> result;
  for (int i = 0; i < count; ++i)
    result.push_back(first + i);
  return result;
}

TEST(HuggingFace, SplitsPhi3sMatrices) {
  ModelFolder model;
  makePhi3(model);
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  std::string qkv = "model.layers.1.self_attn.qkv_proj.weight.";
  EXPECT_EQ(imported.values(qkv + "q"), range(0, 64));
  EXPECT_EQ(imported.values(qkv + "k"), range(64, 32));
  EXPECT_EQ(imported.values(qkv + "v"), range(96, 32));
  std::string gateUp = "model.layers.1.mlp.gate_up_proj.weight.";
  EXPECT_EQ(imported.values(gateUp + "gate"), range(0, 96));
  EXPECT_EQ(imported.values(gateUp + "up"), range(96, 96));
}

TEST(HuggingFace, TransposesGPT2sMatrices) {
  ModelFolder model;
  makeGPT2(model);
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 1u);
  // Stored [8, 24]: row i of k is column 8 + i.
  std::vector<float> k = imported.values("transformer.h.0.attn.c_attn.weight.k");
  ASSERT_EQ(k.size(), 64u);
  for (int out = 0; out < 8; ++out)
    for (int in = 0; in < 8; ++in)
      EXPECT_EQ(k[out * 8 + in], in * 24 + 8 + out);
  EXPECT_EQ(imported.values("transformer.h.0.attn.c_attn.bias.v"), range(16, 8));
  std::vector<float> up = imported.values("transformer.h.1.mlp.c_fc.weight.transposed");
  ASSERT_EQ(up.size(), 256u);
  EXPECT_EQ(up[5 * 8 + 3], 3 * 32 + 5);
}

TEST(HuggingFace, ReadsGPT2sOptions) {
  ModelFolder model;
  makeGPT2(model);
  model.config["scale_attn_by_inverse_layer_idx"] = true;
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 2u) << "the scale differs";
  EXPECT_EQ(imported.count("scale = 5.0"), 1u); // 1/sqrt(4) / 1
  EXPECT_EQ(imported.count("scale = 2.5"), 1u); // 1/sqrt(4) / 2
  model.config["scale_attn_by_inverse_layer_idx"] = false;
  model.config["scale_attn_weights"] = false;
  model.tensor("transformer.h.0.attn.bias", {1, 1, 16, 16});
  ImportedModel unscaled(model.write());
  ASSERT_EQ(unscaled.error, "");
  EXPECT_EQ(unscaled.count("scale = 1.0"), 1u);
  EXPECT_EQ(unscaled.count("gelu_tanh"), 1u);

  ImportOptions options;
  options.maxContext = 17;
  EXPECT_NE(ImportedModel(model.write(), options).error.find("n_positions"), std::string::npos);
}

TEST(HuggingFace, SplitsGPTNeoXsHeads) {
  ModelFolder model;
  makeGPTNeoX(model);
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  // Stored [heads 2, (q k v) 3, width 4, in 8].
  std::vector<float> v = imported.values("gpt_neox.layers.0.attention.query_key_value.weight.v");
  ASSERT_EQ(v.size(), 64u);
  for (int head = 0; head < 2; ++head)
    for (int i = 0; i < 32; ++i)
      EXPECT_EQ(v[head * 32 + i], head * 96 + 64 + i);
  std::vector<float> bias = imported.values("gpt_neox.layers.0.attention.query_key_value.bias.k");
  EXPECT_EQ(bias, (std::vector<float>{4, 5, 6, 7, 16, 17, 18, 19}));
  EXPECT_EQ(imported.count("dims = 2"), 2u);
}

TEST(HuggingFace, ReadsGPTNeoXsResidual) {
  ModelFolder model;
  makeGPTNeoX(model);
  auto normedValues = [](ImportedModel &imported) {
    llvm::DenseSet<mlir::Value> inputs;
    imported.module->walk([&](mlir::seq::LayerNormOp op) {
      if (op->getParentOfType<mlir::func::FuncOp>().isPrivate())
        inputs.insert(op.getX());
    });
    return inputs.size();
  };
  ImportedModel parallel(model.write());
  ASSERT_EQ(parallel.error, "");
  EXPECT_EQ(normedValues(parallel), 1u) << "both norms read x";
  model.config["use_parallel_residual"] = false;
  ImportedModel serial(model.write());
  ASSERT_EQ(serial.error, "");
  EXPECT_EQ(normedValues(serial), 2u);
}

TEST(HuggingFace, ReadsRWKV4) {
  ModelFolder model;
  makeRWKV4(model);
  std::string path = model.write();
  ImportedModel imported(path);
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 1u);
  EXPECT_EQ(imported.count("seq.token_shift"), 2u);
  EXPECT_EQ(imported.count("seq.state_mix"), 1u);
  EXPECT_EQ(imported.attribute("seqm.context"), -1) << "there is no limit";
  EXPECT_EQ((*imported.module)->getAttrOfType<mlir::StringAttr>("seqm.tokenizer").getValue(), path + "/config.json");
  model.config["rwkv_version"] = "5.0";
  EXPECT_REFUSED(model, "key 'rwkv_version' is \"5.0\"");
}

TEST(HuggingFace, RefusesUnknownOptions) {
  ModelFolder model;
  makeLlama(model);
  model.config["logit_scale"] = 0.5;
  EXPECT_REFUSED(model, "config.json: key 'logit_scale' is 0.5");
  model.config["logit_scale"] = nullptr;
  EXPECT_EQ(ImportedModel(model.write()).error, "");
  model.config["sliding_window"] = 4;
  EXPECT_REFUSED(model, "key 'sliding_window' is 4");
}

TEST(HuggingFace, RefusesUnknownArchitectures) {
  ModelFolder model;
  makeLlama(model, "granite");
  EXPECT_REFUSED(model, "model_type 'granite' is not supported; supported are");
  model.config.erase("model_type");
  EXPECT_REFUSED(model, "key 'model_type' is missing");
}

TEST(HuggingFace, RefusesSizesThatDoNotFit) {
  ModelFolder model;
  makeLlama(model);
  model.config["num_attention_heads"] = 3;
  EXPECT_REFUSED(model, "num_key_value_heads");
  model.config["num_attention_heads"] = 0;
  EXPECT_REFUSED(model, "key 'num_attention_heads' is 0");
  makeLlama(model);
  model.config["intermediate_size"] = 13;
  EXPECT_REFUSED(model, "has shape [12, 8], but the configuration asks for "
                        "[13, 8]");
  makeLlama(model);
  model.config["num_hidden_layers"] = 16000;
  EXPECT_REFUSED(model, "tensor 'model.layers.3.input_layernorm.weight'");
  model.config["num_hidden_layers"] = 2;
  EXPECT_REFUSED(model, "'model.layers.2.input_layernorm.weight' and 8 more "
                        "would be ignored");
  makeLlama(model);
  model.config["hidden_act"] = "quick_gelu";
  EXPECT_REFUSED(model, "key 'hidden_act' is \"quick_gelu\"");
}

TEST(HuggingFace, RefusesOtherElementTypes) {
  ModelFolder model;
  makeLlama(model);
  model.tensor("lm_head.weight", {10, 8}, "I16");
  EXPECT_REFUSED(model, "tensor 'lm_head.weight' has type I16");
}

TEST(HuggingFace, NeedsBothFiles) {
  ModelFolder model;
  makeLlama(model);
  model.folder.write("config.json", model.buildConfig());
  EXPECT_NE(ImportedModel(model.folder.root()).error.find("has neither model.safetensors nor"), std::string::npos);
  TemporaryFolder empty;
  EXPECT_NE(ImportedModel(empty.root()).error.find("is not a model"), std::string::npos);
  EXPECT_NE(ImportedModel(empty.path("absent")).error.find("no such file"), std::string::npos);
}

} // namespace
