// Folders of kimi_linear, olmo_hybrid and jamba that the tests make: what their options become.

#include "ExpectModel.h"

using namespace seqc::test;
namespace json = llvm::json;

namespace {

const std::string kDelta = "model.layers.0.", kFull = "model.layers.1.";

//===----------------------------------------------------------------------===//
// kimi_linear
//===----------------------------------------------------------------------===//

/// A layer of 2 heads of 3 channels with the delta rule, and one of latent attention with 2 heads, keys of 3 + 2
/// channels, values of 4, of rank 5.
void makeKimi(ModelFolder &model) {
  model.config = json::Object{{"model_type", "kimi_linear"},
                              {"hidden_size", 4},
                              {"intermediate_size", 6},
                              {"num_hidden_layers", 2},
                              {"num_attention_heads", 2},
                              {"kv_lora_rank", 5},
                              {"qk_nope_head_dim", 3},
                              {"qk_rope_head_dim", 2},
                              {"v_head_dim", 4},
                              {"linear_num_heads", 2},
                              {"linear_head_dim", 3},
                              {"layer_types", json::Array{"linear_attention", "full_attention"}},
                              {"mlp_layer_types", json::Array{"dense", "dense"}},
                              {"model_max_length", 32},
                              {"rms_norm_eps", 0.25},
                              {"vocab_size", 10}};
  addFrame(model, 4);
  for (const std::string &layer : {kDelta, kFull}) {
    addNorms(model, layer, 4);
    addMlp(model, layer + "mlp", 4, 6);
  }
  std::string delta = kDelta + "self_attn.";
  for (llvm::StringRef name : {"q", "k", "v"}) {
    model.tensor(delta + name.str() + "_proj.weight", {6, 4});
    model.tensor(delta + name.str() + "_conv1d.weight", {6, 1, 4});
  }
  for (llvm::StringRef name : {"f", "g"}) {
    model.tensor(delta + name.str() + "_a_proj.weight", {3, 4});
    model.tensor(delta + name.str() + "_b_proj.weight", {6, 3});
  }
  model.tensor(delta + "A_log", {1, 1, 2, 1});
  model.tensor(delta + "dt_bias", {6});
  model.tensor(delta + "b_proj.weight", {2, 4});
  model.tensor(delta + "o_norm.weight", {3});
  model.tensor(delta + "o_proj.weight", {4, 6});
  model.tensor(kFull + "self_attn.q_proj.weight", {10, 4});
  addLatentAttention(model, kFull + "self_attn");
}

/// The same options as moonshotai's configurations give them.
void givePublishedOptions(ModelFolder &model) {
  for (llvm::StringRef key : {"linear_num_heads", "linear_head_dim", "layer_types", "mlp_layer_types"})
    model.config.erase(key);
  model.config["linear_attn_config"] = json::Object{{"full_attn_layers", json::Array{2}},
                                                    {"head_dim", 3},
                                                    {"kda_layers", json::Array{1}},
                                                    {"num_heads", 2},
                                                    {"short_conv_kernel_size", 4}};
  model.config["first_k_dense_replace"] = 2;
  model.config["mla_use_nope"] = true;
  model.config["rope_theta"] = 10000.0;
  model.config["head_dim"] = 2;
}

TEST(KimiLinear, WritesBothKindsOfLayers) {
  ModelFolder model;
  makeKimi(model);
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 2u);
  EXPECT_EQ(imported.attribute("seqm.context"), 32);
  EXPECT_EQ(imported.count("decay channel update delta"), 1u);
  EXPECT_EQ(imported.count("activation silu"), 3u) << "three convolutions";
  EXPECT_EQ(imported.count("eps 2.500000e-01"), 6u);
  EXPECT_EQ(imported.count("eps 9.9999999999999995E-7"), 3u) << "two of length 1, one of the latent vector";
  EXPECT_EQ(imported.count("seq.rotary"), 0u);
  EXPECT_EQ(imported.values(kDelta + "self_attn.A_log.channels"), (std::vector<float>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(imported.values(kFull + "self_attn.kv_a_proj_with_mqa.weight.shared")[0], 20) << "behind 5 rows of 4";
  EXPECT_EQ(imported.values(kFull + "self_attn.kv_b_proj.weight.keys")[15], 35) << "head 1 begins at row 7 of 5";
  EXPECT_EQ(imported.values(kFull + "self_attn.kv_b_proj.weight.values")[0], 15) << "behind 3 rows of keys";
}

TEST(KimiLinear, ReadsPublishedOptions) {
  ModelFolder model;
  makeKimi(model);
  std::string text = ImportedModel(model.write()).text;
  givePublishedOptions(model);
  ImportedModel published(model.write());
  ASSERT_EQ(published.error, "");
  EXPECT_EQ(published.text, text);
}

TEST(KimiLinear, MakesQueriesOfLowRank) {
  ModelFolder model;
  makeKimi(model);
  model.config["q_lora_rank"] = 3;
  EXPECT_REFUSED(model, "'model.layers.1.self_attn.q_a_proj.weight' is missing");
  std::string full = kFull + "self_attn.";
  model.remove(full + "q_proj.weight");
  model.tensor(full + "q_a_proj.weight", {3, 4});
  model.tensor(full + "q_a_layernorm.weight", {3});
  model.tensor(full + "q_b_proj.weight", {10, 3});
  EXPECT_EQ(ImportedModel(model.write()).count("eps 9.9999999999999995E-7"), 4u);
  model.config["attention_bias"] = true;
  EXPECT_REFUSED(model, "'model.layers.1.self_attn.q_a_proj.bias' is missing");
  model.tensor(full + "q_a_proj.bias", {3});
  model.tensor(full + "kv_a_proj_with_mqa.bias", {7});
  model.tensor(full + "o_proj.bias", {4});
  ImportedModel biased(model.write());
  ASSERT_EQ(biased.error, "");
  EXPECT_EQ(biased.values(full + "kv_a_proj_with_mqa.bias.shared"), (std::vector<float>{5, 6}));
}

TEST(KimiLinear, TiesTheHead) {
  ModelFolder model;
  makeKimi(model);
  model.remove("lm_head.weight");
  EXPECT_REFUSED(model, "tensor 'lm_head.weight' is missing");
  model.config["tie_word_embeddings"] = true;
  EXPECT_IMPORTED(model);
}

TEST(KimiLinear, RefusesWhatIsNotSupported) {
  ModelFolder model;
  makeKimi(model);
  model.config["num_key_value_heads"] = 1;
  EXPECT_REFUSED(model, "key 'num_key_value_heads' is 1");
  model.config["num_key_value_heads"] = 2;
  model.config["mla_use_nope"] = false;
  EXPECT_REFUSED(model, "key 'mla_use_nope' is false");
  model.config["mla_use_nope"] = true;
  model.config["qk_head_dim"] = 4;
  EXPECT_REFUSED(model, "key 'qk_head_dim' is 4");
  model.config.erase("qk_head_dim");
  model.config["layer_types"] = json::Array{"linear_attention", "sliding_attention"};
  EXPECT_REFUSED(model, "only full_attention and linear_attention are supported");
  model.config["layer_types"] = json::Array{"full_attention"};
  EXPECT_REFUSED(model, "must name every layer");
  model.config.erase("layer_types");
  EXPECT_REFUSED(model, "key 'layer_types' is missing");
  givePublishedOptions(model);
  (*model.config.getObject("linear_attn_config"))["kda_layers"] = json::Array{1, 2};
  EXPECT_REFUSED(model, "key 'linear_attn_config.kda_layers' is [1,2]");
  (*model.config.getObject("linear_attn_config"))["kda_layers"] = json::Array{0};
  EXPECT_REFUSED(model, "numbers of layers, from 1 on");
}

/// Gives layer 1 of a kimi_linear model 4 experts of width 3 in place of its MLP, and one that every token goes
/// through.
void addKimiExperts(ModelFolder &model) {
  for (llvm::StringRef name : {"gate", "up", "down"})
    model.remove(kFull + "mlp." + name.str() + "_proj.weight");
  model.config["mlp_layer_types"] = json::Array{"dense", "sparse"};
  model.config["num_experts"] = 4;
  model.config["num_experts_per_token"] = 2;
  model.config["moe_intermediate_size"] = 3;
  model.config["routed_scaling_factor"] = 0.75;
  std::string path = kFull + "block_sparse_moe.";
  for (int i = 0; i < 4; ++i) {
    std::string expert = path + "experts." + std::to_string(i) + ".";
    model.tensor(expert + "w1.weight", {3, 4});
    model.tensor(expert + "w2.weight", {4, 3});
    model.tensor(expert + "w3.weight", {3, 4});
  }
  model.tensor(path + "gate.weight", {4, 4});
  model.tensor(path + "gate.e_score_correction_bias", {4});
  addMlp(model, path + "shared_experts", 4, 3);
}

TEST(KimiLinear, MixesExperts) {
  ModelFolder model;
  makeKimi(model);
  addKimiExperts(model);
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.count("seq.route"), 1u);
  EXPECT_EQ(imported.count("scale = 7.500000e-01"), 1u);
  EXPECT_EQ(imported.count("seq.expert_linear"), 3u);
  EXPECT_EQ(imported.count("seq.glu"), 4u) << "a gate of the delta rule, an MLP, the experts and the shared one";
  model.config["num_expert_group"] = 2;
  EXPECT_EQ(ImportedModel(model.write()).count("groups = 2"), 1u);
  givePublishedOptions(model);
  model.config["first_k_dense_replace"] = 1;
  model.config["moe_layer_freq"] = 1;
  model.config["moe_router_activation_func"] = "sigmoid";
  model.config["use_grouped_topk"] = true;
  model.config["num_nextn_predict_layers"] = 0;
  EXPECT_IMPORTED(model);
  model.config["num_shared_experts"] = 0;
  EXPECT_REFUSED(model, "shared_experts.down_proj.weight' and 2 more would be ignored");
}

TEST(KimiLinear, RefusesOtherMixtures) {
  ModelFolder model;
  makeKimi(model);
  addKimiExperts(model);
  model.config["moe_router_activation_func"] = "softmax";
  EXPECT_REFUSED(model, "key 'moe_router_activation_func' is \"softmax\"");
  model.config.erase("moe_router_activation_func");
  model.config["num_expert_group"] = 3;
  EXPECT_REFUSED(model, "key 'num_experts' is 4, but the groups must divide the experts");
  model.config["num_expert_group"] = 2;
  model.config["use_grouped_topk"] = false;
  EXPECT_REFUSED(model, "key 'use_grouped_topk' is false");
  model.config.erase("use_grouped_topk");
  model.config["num_experts_per_token"] = 3;
  EXPECT_REFUSED(model, "more experts are chosen than take part");
  model.config["num_experts_per_token"] = 2;
  model.config.erase("routed_scaling_factor");
  EXPECT_REFUSED(model, "key 'routed_scaling_factor' is missing");
  model.config["mlp_layer_types"] = json::Array{"dense", "shared"};
  EXPECT_REFUSED(model, "only dense and sparse are known");
  model.config["num_nextn_predict_layers"] = 1;
  model.config["mlp_layer_types"] = json::Array{"dense", "dense"};
  EXPECT_REFUSED(model, "key 'num_nextn_predict_layers' is 1");
}

//===----------------------------------------------------------------------===//
// olmo_hybrid
//===----------------------------------------------------------------------===//

/// A layer of the delta rule with 2 heads of keys of 3 and values of 5 channels, and one of attention with 2 heads
/// on 1.
void makeOlmo(ModelFolder &model) {
  model.config = json::Object{{"model_type", "olmo_hybrid"},
                              {"hidden_size", 4},
                              {"intermediate_size", 6},
                              {"num_hidden_layers", 2},
                              {"num_attention_heads", 2},
                              {"num_key_value_heads", 1},
                              {"linear_key_head_dim", 3},
                              {"linear_value_head_dim", 5},
                              {"layer_types", json::Array{"linear_attention", "full_attention"}},
                              {"max_position_embeddings", 32},
                              {"rms_norm_eps", 0.25},
                              {"rope_theta", nullptr},
                              {"vocab_size", 10}};
  addFrame(model, 4);
  std::string delta = kDelta + "linear_attn.", full = kFull + "self_attn.";
  model.tensor(kDelta + "attention_layer_norm.weight", {4});
  model.tensor(kDelta + "feedforward_layer_norm.weight", {4});
  model.tensor(kFull + "post_attention_layernorm.weight", {4});
  model.tensor(kFull + "post_feedforward_layernorm.weight", {4});
  addMlp(model, kDelta + "mlp", 4, 6);
  addMlp(model, kFull + "mlp", 4, 6);
  for (llvm::StringRef name : {"q", "k"}) {
    model.tensor(delta + name.str() + "_proj.weight", {6, 4});
    model.tensor(delta + name.str() + "_conv1d.weight", {6, 1, 4});
  }
  model.tensor(delta + "v_proj.weight", {10, 4});
  model.tensor(delta + "v_conv1d.weight", {10, 1, 4});
  model.tensor(delta + "g_proj.weight", {10, 4});
  for (llvm::StringRef name : {"a_proj.weight", "b_proj.weight"})
    model.tensor(delta + name.str(), {2, 4});
  model.tensor(delta + "A_log", {2});
  model.tensor(delta + "dt_bias", {2});
  model.tensor(delta + "o_norm.weight", {5});
  model.tensor(delta + "o_proj.weight", {4, 10});
  addAttention(model, kFull + "self_attn", 4, 4, 2);
  model.tensor(full + "q_norm.weight", {4});
  model.tensor(full + "k_norm.weight", {2});
}

TEST(OlmoHybrid, WritesBothKindsOfLayers) {
  ModelFolder model;
  makeOlmo(model);
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 2u);
  EXPECT_EQ(imported.count("decay head update delta"), 1u);
  EXPECT_EQ(imported.count("eps 1.000000e-05"), 1u) << "the gated norm, whatever rms_norm_eps says";
  EXPECT_EQ(imported.count("eps 2.500000e-01 : tensor<?x?x2xf32>"), 1u) << "k over all heads together";
  EXPECT_EQ(imported.count("dense<2.000000e+00>"), 1u) << "beta reaches 2";
  model.config["linear_allow_neg_eigval"] = false;
  EXPECT_EQ(ImportedModel(model.write()).count("dense<2.000000e+00>"), 0u);
}

/// The library's own names, and those that it writes for layers of attention.
TEST(OlmoHybrid, TakesBothNamesOfNorms) {
  ModelFolder model;
  makeOlmo(model);
  model.remove(kDelta + "attention_layer_norm.weight");
  model.tensor(kDelta + "input_layernorm.weight", {4});
  model.remove(kDelta + "feedforward_layer_norm.weight");
  EXPECT_REFUSED(model, "'model.layers.0.post_attention_layernorm.weight' is missing");
  model.tensor(kDelta + "post_attention_layernorm.weight", {4});
  model.remove(kFull + "post_attention_layernorm.weight");
  model.tensor(kFull + "feedforward_layer_norm.weight", {4});
  EXPECT_IMPORTED(model);
}

TEST(OlmoHybrid, RotatesOnlyWithABase) {
  ModelFolder model;
  makeOlmo(model);
  EXPECT_EQ(ImportedModel(model.write()).count("seq.rotary"), 0u);
  model.config.erase("rope_theta");
  EXPECT_REFUSED(model, "key 'rope_theta' is missing, but must be a number, or null for no positions");
  model.config["rope_parameters"] = json::Object{{"rope_theta", nullptr}, {"rope_type", "default"}};
  ImportedModel without(model.write());
  ASSERT_EQ(without.error, "");
  EXPECT_EQ(without.count("seq.rotary"), 0u);
  model.config["rope_parameters"] = json::Object{{"rope_theta", 500.0}, {"rope_type", "default"}};
  ImportedModel rotated(model.write());
  ASSERT_EQ(rotated.error, "");
  EXPECT_EQ(rotated.count("seq.rotary"), 2u);
  model.config.erase("rope_parameters");
  model.config["rope_theta"] = 500.0;
  EXPECT_EQ(ImportedModel(model.write()).text, rotated.text);
}

TEST(OlmoHybrid, SharesKeysOfTheDeltaRule) {
  ModelFolder model;
  makeOlmo(model);
  model.config["linear_num_key_heads"] = 1;
  EXPECT_REFUSED(model, "linear_attn.q_proj.weight' has shape [6, 4], but the configuration asks for [3, 4]");
  for (llvm::StringRef name : {"q", "k"}) {
    model.tensor(kDelta + "linear_attn." + name.str() + "_proj.weight", {3, 4});
    model.tensor(kDelta + "linear_attn." + name.str() + "_conv1d.weight", {3, 1, 4});
  }
  EXPECT_IMPORTED(model);
  model.config["linear_num_key_heads"] = 3;
  EXPECT_REFUSED(model, "key 'linear_num_key_heads' is 3");
}

TEST(OlmoHybrid, ReadsBiasesAndTiedHeads) {
  ModelFolder model;
  makeOlmo(model);
  model.config["tie_word_embeddings"] = true;
  model.remove("lm_head.weight");
  EXPECT_IMPORTED(model);
  model.config["attention_bias"] = true;
  EXPECT_REFUSED(model, "'model.layers.1.self_attn.q_proj.bias' is missing");
  for (auto [name, size] : {std::pair("q", 4), {"k", 2}, {"v", 2}, {"o", 4}})
    model.tensor(kFull + "self_attn." + name + "_proj.bias", {size});
  EXPECT_IMPORTED(model);
  model.config["linear_use_gate"] = false;
  EXPECT_REFUSED(model, "key 'linear_use_gate' is false");
}

//===----------------------------------------------------------------------===//
// jamba
//===----------------------------------------------------------------------===//

/// A layer of Mamba with 8 channels, state 3, rank 2, and one of attention with 2 heads on 1.
void makeJamba(ModelFolder &model) {
  model.config = json::Object{{"model_type", "jamba"},  {"hidden_size", 4},         {"intermediate_size", 6},
                              {"num_hidden_layers", 2}, {"num_attention_heads", 2}, {"num_key_value_heads", 1},
                              {"attn_layer_period", 2}, {"attn_layer_offset", 1},   {"num_experts", 1},
                              {"mamba_d_state", 3},     {"mamba_dt_rank", 2},       {"rms_norm_eps", 0.25},
                              {"vocab_size", 10}};
  addFrame(model, 4, "model.final_layernorm.weight");
  for (const std::string &layer : {kDelta, kFull}) {
    addNorms(model, layer, 4, "pre_ff_layernorm");
    addMlp(model, layer + "feed_forward", 4, 6);
  }
  std::string mixer = kDelta + "mamba.";
  addMamba(model, kDelta + "mamba", 8);
  model.tensor(mixer + "dt_layernorm.weight", {2});
  model.tensor(mixer + "b_layernorm.weight", {3});
  model.tensor(mixer + "c_layernorm.weight", {3});
  addAttention(model, kFull + "self_attn", 4, 4, 2);
}

TEST(Jamba, WritesBothKindsOfLayers) {
  ModelFolder model;
  makeJamba(model);
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 2u);
  EXPECT_EQ(imported.attribute("seqm.context"), 262144);
  EXPECT_EQ(imported.count("seq.selective_scan"), 1u);
  EXPECT_EQ(imported.count("seq.attention"), 1u);
  EXPECT_EQ(imported.count("seq.rotary"), 0u);
  EXPECT_EQ(imported.count("eps 2.500000e-01"), 8u);
}

TEST(Jamba, ReadsItsOptions) {
  ModelFolder model;
  makeJamba(model);
  model.config["tie_word_embeddings"] = true;
  model.remove("lm_head.weight");
  EXPECT_IMPORTED(model);
  model.config["mamba_proj_bias"] = true;
  EXPECT_REFUSED(model, "'model.layers.0.mamba.in_proj.bias' is missing");
  model.tensor(kDelta + "mamba.in_proj.bias", {16});
  model.tensor(kDelta + "mamba.out_proj.bias", {4});
  EXPECT_IMPORTED(model);
  model.config["mamba_conv_bias"] = false;
  EXPECT_REFUSED(model, "'model.layers.0.mamba.conv1d.bias' would be ignored");
  model.remove(kDelta + "mamba.conv1d.bias");
  EXPECT_IMPORTED(model);
  model.config["mamba_dt_rank"] = "auto";
  EXPECT_REFUSED(model, "x_proj.weight' has shape [8, 8], but the configuration asks for [7, 8]");
}

/// Layers 1, 3, ... have experts; a mixture of one expert is an MLP.
TEST(Jamba, MixesExperts) {
  ModelFolder model;
  makeJamba(model);
  model.config["num_experts"] = 3;
  model.config["num_experts_per_tok"] = 2;
  EXPECT_REFUSED(model, "'model.layers.1.feed_forward.router.weight' is missing");
  std::string path = kFull + "feed_forward";
  for (llvm::StringRef name : {"gate", "up", "down"})
    model.remove(path + "." + name.str() + "_proj.weight");
  for (int i = 0; i < 3; ++i)
    addMlp(model, path + ".experts." + std::to_string(i), 4, 6);
  model.tensor(path + ".router.weight", {3, 4});
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.count("seq.route"), 1u);
  EXPECT_EQ(imported.count("renormalise"), 0u);
  EXPECT_EQ(imported.count("seq.expert_linear"), 3u);
  model.config["num_experts_per_tok"] = 4;
  EXPECT_REFUSED(model, "key 'num_experts_per_tok' is 4");
  model.config["expert_layer_offset"] = 2;
  EXPECT_REFUSED(model, "key 'expert_layer_offset' is 2");
}

TEST(Jamba, RefusesWhatIsNotSupported) {
  ModelFolder model;
  makeJamba(model);
  model.config["attn_layer_offset"] = 2;
  EXPECT_REFUSED(model, "key 'attn_layer_offset' is 2");
  model.config["attn_layer_offset"] = 1;
  model.config["mamba_inner_layernorms"] = false;
  EXPECT_REFUSED(model, "key 'mamba_inner_layernorms' is false");
  model.config["mamba_inner_layernorms"] = true;
  model.config["sliding_window"] = 8;
  EXPECT_REFUSED(model, "key 'sliding_window' is 8");
  model.config["sliding_window"] = nullptr;
  EXPECT_IMPORTED(model);
}

} // namespace
