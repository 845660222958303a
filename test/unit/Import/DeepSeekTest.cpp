// Folders of deepseek_v2 and deepseek_v3 that the tests make: what their options become.

#include "ExpectModel.h"

using namespace seqc::test;
namespace json = llvm::json;

namespace {

/// A layer with an MLP of width 6 and one with 4 experts of width 3; 2 heads with keys of 3 + 2 channels and values of
/// 4, of rank 5; queries of rank 3.
void makeDeepSeek(ModelFolder &model, llvm::StringRef type) {
  model.config = json::Object{{"model_type", type},
                              {"hidden_size", 4},
                              {"intermediate_size", 6},
                              {"num_hidden_layers", 2},
                              {"num_attention_heads", 2},
                              {"kv_lora_rank", 5},
                              {"q_lora_rank", 3},
                              {"qk_nope_head_dim", 3},
                              {"qk_rope_head_dim", 2},
                              {"v_head_dim", 4},
                              {"max_position_embeddings", 64},
                              {"first_k_dense_replace", 1},
                              {"n_routed_experts", 4},
                              {"num_experts_per_tok", 2},
                              {"moe_intermediate_size", 3},
                              {"routed_scaling_factor", 0.75},
                              {"vocab_size", 10}};
  addFrame(model, 4);
  for (int i = 0; i < 2; ++i) {
    std::string layer = "model.layers." + std::to_string(i) + ".", attention = layer + "self_attn.";
    addNorms(model, layer, 4);
    model.tensor(attention + "q_a_proj.weight", {3, 4});
    model.tensor(attention + "q_a_layernorm.weight", {3});
    model.tensor(attention + "q_b_proj.weight", {10, 3});
    addLatentAttention(model, layer + "self_attn");
  }
  addMlp(model, "model.layers.0.mlp", 4, 6);
  model.tensor("model.layers.1.mlp.gate.weight", {4, 4});
  for (int i = 0; i < 4; ++i)
    addMlp(model, "model.layers.1.mlp.experts." + std::to_string(i), 4, 3);
  if (type == "deepseek_v3")
    model.tensor("model.layers.1.mlp.gate.e_score_correction_bias", {4});
}

TEST(DeepSeek, RotatesTheSharedPart) {
  ModelFolder model;
  makeDeepSeek(model, "deepseek_v3");
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 2u);
  EXPECT_EQ(imported.count("seq.rotary"), 4u);
  EXPECT_EQ(imported.count("interleaved"), 4u);
  EXPECT_EQ(imported.count("tensor.concat"), 4u);
  std::string q = "model.layers.0.self_attn.q_b_proj.weight.";
  EXPECT_EQ(imported.values(q + "own")[9], 15) << "head 1 begins at row 5 of 3";
  EXPECT_EQ(imported.values(q + "shared")[0], 9) << "behind 3 rows";
  model.config["rope_interleave"] = false;
  EXPECT_EQ(ImportedModel(model.write()).count("interleaved"), 0u);
}

TEST(DeepSeek, ScalesScoresWithYarn) {
  ModelFolder model;
  makeDeepSeek(model, "deepseek_v3");
  model.config["rope_scaling"] = json::Object{{"type", "yarn"},
                                              {"factor", 4.0},
                                              {"mscale", 1.0},
                                              {"mscale_all_dim", 1.0},
                                              {"original_max_position_embeddings", 16}};
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  // (0.1 ln 4 + 1)^2 / sqrt(5)
  EXPECT_EQ(imported.count("scale = 0.5798"), 2u) << imported.text;
}

TEST(DeepSeek, RoutesAsItsVersionDoes) {
  ModelFolder model;
  makeDeepSeek(model, "deepseek_v2");
  ImportedModel second(model.write());
  ASSERT_EQ(second.error, "");
  EXPECT_EQ(second.count("seq.route"), 1u);
  EXPECT_EQ(second.count("softmax"), 1u);
  model.config["topk_method"] = "group_limited_greedy";
  model.config["n_group"] = 2;
  EXPECT_EQ(ImportedModel(model.write()).count("groups = 2"), 1u);
  model.config["norm_topk_prob"] = true;
  EXPECT_REFUSED(model, "key 'norm_topk_prob' is true");
  model.config["norm_topk_prob"] = false;
  model.config["topk_method"] = "noaux_tc";
  EXPECT_REFUSED(model, "key 'topk_method' is \"noaux_tc\"");
  model.config["model_type"] = "deepseek_v3";
  EXPECT_REFUSED(model, "'model.layers.1.mlp.gate.e_score_correction_bias' is missing");
  model.tensor("model.layers.1.mlp.gate.e_score_correction_bias", {4});
  ImportedModel third(model.write());
  ASSERT_EQ(third.error, "");
  EXPECT_EQ(third.count("sigmoid"), 1u);
  model.config["n_group"] = 3;
  EXPECT_REFUSED(model, "key 'n_routed_experts' is 4, but the groups must divide the experts");
}

TEST(DeepSeek, LeavesOutLayersThatPredictFurtherTokens) {
  ModelFolder model;
  makeDeepSeek(model, "deepseek_v3");
  model.tensor("model.layers.2.eh_proj.weight", {4, 8});
  EXPECT_REFUSED(model, "'model.layers.2.eh_proj.weight' would be ignored");
  model.config["num_nextn_predict_layers"] = 1;
  EXPECT_EQ(ImportedModel(model.write()).error, "");
}

TEST(DeepSeek, RefusesWhatIsNotSupported) {
  ModelFolder model;
  makeDeepSeek(model, "deepseek_v3");
  model.config["moe_layer_freq"] = 2;
  EXPECT_REFUSED(model, "key 'moe_layer_freq' is 2");
  model.config["moe_layer_freq"] = 1;
  model.config["scoring_func"] = "softmax";
  EXPECT_REFUSED(model, "key 'scoring_func' is \"softmax\"");
  model.config["scoring_func"] = "sigmoid";
  model.config["num_key_value_heads"] = 1;
  EXPECT_REFUSED(model, "key 'num_key_value_heads' is 1");
  model.config["num_key_value_heads"] = 2;
  model.config["mlp_bias"] = true;
  EXPECT_REFUSED(model, "key 'mlp_bias' is true");
}

} // namespace
