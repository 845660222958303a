// Folders of models with experts that the tests make: what their options become.

#include "ExpectModel.h"
#include "MoeFolders.h"

using namespace seqc::test;
namespace json = llvm::json;

namespace {

//===----------------------------------------------------------------------===//
// qwen3_next
//===----------------------------------------------------------------------===//

TEST(MoeModels, TakesQwen3NextsMatricesApart) {
  ModelFolder model;
  makeQwen3Next(model);
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 2u);
  // A key head has rows q (3), k (3), v (2 of 2), z (2 of 2).
  std::string net = "model.layers.0.linear_attn.";
  EXPECT_EQ(imported.values(net + "in_proj_qkvz.weight.k")[0], 3 * 4);
  EXPECT_EQ(imported.values(net + "in_proj_qkvz.weight.k")[3 * 4], (14 + 3) * 4) << "of the second head";
  EXPECT_EQ(imported.values(net + "in_proj_qkvz.weight.z")[4 * 4], (14 + 10) * 4);
  EXPECT_EQ(imported.values(net + "in_proj_ba.weight.a")[2 * 4], (4 + 2) * 4);
  // An attention head has a query and a gate.
  EXPECT_EQ(imported.values("model.layers.1.self_attn.q_proj.weight.gate")[0], 4 * 4);
  EXPECT_EQ(imported.values("model.layers.1.self_attn.q_proj.weight.query")[4 * 4], 8 * 4);
  EXPECT_EQ(imported.count("weight_offset = 1.000000e+00"), 5u + 2u) << "all but the norm of the delta net";
  EXPECT_EQ(imported.count("dims = 2"), 2u) << "half of a head rotates";
}

TEST(MoeModels, ReadsQwen3NextsExperts) {
  ModelFolder model;
  makeQwen3Next(model);
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.count("softmax top 2 {renormalise}"), 2u);
  EXPECT_EQ(imported.count("sigmoid top 1"), 2u) << "the gate of the shared expert";
  std::string stack = "tensor<3x6x4xf32> = #seqm.concat<[@model.layers.1.mlp.experts.0.up_proj.weight,";
  EXPECT_EQ(imported.count(stack), 1u);
  model.config["norm_topk_prob"] = false;
  EXPECT_EQ(ImportedModel(model.write()).count("renormalise"), 0u);
  model.config["num_experts_per_tok"] = 4;
  EXPECT_REFUSED(model, "key 'num_experts_per_tok' is 4, but more experts are chosen than take part");
  model.config["num_experts_per_tok"] = 3;
  model.remove("model.layers.1.mlp.experts.2.up_proj.weight");
  EXPECT_REFUSED(model, "'model.layers.1.mlp.experts.2.up_proj.weight' is missing");
  model.tensor("model.layers.1.mlp.experts.2.up_proj.weight", {6, 4}, "BF16");
  EXPECT_REFUSED(model, "the experts of a layer must have one type");
}

TEST(MoeModels, HasDenseLayersInQwen3Next) {
  for (const char *key : {"mlp_only_layers", "decoder_sparse_step"}) {
    ModelFolder model;
    makeQwen3Next(model);
    for (int e = 0; e < 3; ++e)
      for (const char *name : {"gate", "up", "down"})
        model.remove("model.layers.0.mlp.experts." + std::to_string(e) + "." + name + "_proj.weight");
    for (const char *name :
         {"gate", "shared_expert_gate", "shared_expert.gate_proj", "shared_expert.up_proj", "shared_expert.down_proj"})
      model.remove(std::string("model.layers.0.mlp.") + name + ".weight");
    addMlp(model, "model.layers.0.mlp", 4, 8);
    EXPECT_REFUSED(model, "is missing");
    if (llvm::StringRef(key) == "mlp_only_layers")
      model.config[key] = json::Array{0};
    else
      model.config[key] = 2;
    ImportedModel imported(model.write());
    ASSERT_EQ(imported.error, "");
    EXPECT_EQ(imported.count("seq.route"), 2u) << key << ": one of the experts, one of the shared expert";
  }
}

TEST(MoeModels, ChecksQwen3NextsOptions) {
  ModelFolder model;
  makeQwen3Next(model);
  model.config["layer_types"] = json::Array{"linear_attention", "full_attention"};
  EXPECT_EQ(ImportedModel(model.write()).error, "");
  model.config["layer_types"] = json::Array{"linear_attention"};
  EXPECT_REFUSED(model, "must name every layer");
  model.config["layer_types"] = json::Array{"linear_attention", "sliding_attention"};
  EXPECT_REFUSED(model, "only full_attention and linear_attention are supported");
  model.config.erase("layer_types");
  model.config["linear_num_value_heads"] = 3;
  EXPECT_REFUSED(model, "key 'linear_num_value_heads' is 3");
  model.config["linear_num_value_heads"] = 4;
  model.config["use_sliding_window"] = true;
  EXPECT_REFUSED(model, "key 'use_sliding_window' is true");
  model.config.erase("use_sliding_window");
  model.config["attention_bias"] = true;
  EXPECT_REFUSED(model, "self_attn.q_proj.bias' is missing");
  std::string attention = "model.layers.1.self_attn.";
  model.tensor(attention + "q_proj.bias", {16});
  model.tensor(attention + "k_proj.bias", {4});
  model.tensor(attention + "v_proj.bias", {4});
  model.tensor(attention + "o_proj.bias", {4});
  ImportedModel biased(model.write());
  ASSERT_EQ(biased.error, "");
  EXPECT_EQ(biased.values(attention + "q_proj.bias.gate"), (std::vector<float>{4, 5, 6, 7, 12, 13, 14, 15}));
  model.tensor("mtp.norm.weight", {4}); // a head for further tokens, which nothing here uses
  EXPECT_EQ(ImportedModel(model.write()).error, "");
  model.config["router_bias"] = true;
  EXPECT_REFUSED(model, "'router_bias'");
}

//===----------------------------------------------------------------------===//
// minimax
//===----------------------------------------------------------------------===//

TEST(MoeModels, ReadsMiniMaxsOptions) {
  ModelFolder model;
  makeMiniMax(model);
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 2u);
  EXPECT_EQ(imported.count("softmax top 2 {renormalise}"), 2u);
  EXPECT_EQ(imported.values("model.layers.1.self_attn.qkv_proj.weight.v")[4 * 4], (12 + 8) * 4) << "of the second head";
  EXPECT_EQ(imported.count("base = 1.000000e+06"), 2u);
  EXPECT_EQ(imported.count("eps 9.9999999999999995E-7"), 1u) << "the norm of lightning attention";
  EXPECT_EQ(imported.count("window"), 0u);
  // 2^-4 and 2^-8 times 1 - 1/(1 + 1e-5) + 1e-5.
  EXPECT_EQ(imported.count("self_attn.log_decay : tensor<2xf32> = dense<[-1.24999372E-6, "), 1u) << imported.text;
  model.config["sliding_window"] = 7;
  EXPECT_EQ(ImportedModel(model.write()).count("window = 7"), 1u);
  model.config["num_experts_per_tok"] = 4;
  EXPECT_REFUSED(model, "key 'num_experts_per_tok' is 4");
}

TEST(MoeModels, ScalesMiniMaxsResiduals) {
  ModelFolder model;
  makeMiniMax(model);
  EXPECT_EQ(ImportedModel(model.write()).count("arith.mulf"), 0u);
  model.config["linear_attn_alpha_factor"] = 2.0;
  EXPECT_EQ(ImportedModel(model.write()).count("arith.mulf"), 1u);
  model.config["linear_attn_beta_factor"] = 3.0;
  EXPECT_EQ(ImportedModel(model.write()).count("arith.mulf"), 2u);
  model.config["full_attn_beta_factor"] = 3.0;
  EXPECT_EQ(ImportedModel(model.write()).count("arith.mulf"), 3u);
  model.config["mlp_alpha_factor"] = 4.0;
  EXPECT_EQ(ImportedModel(model.write()).count("arith.mulf"), 5u);
}

TEST(MoeModels, ChecksMiniMaxsOptions) {
  ModelFolder model;
  makeMiniMax(model);
  model.config["layer_types"] = json::Array{"full_attention", "linear_attention"};
  EXPECT_EQ(ImportedModel(model.write()).error, "");
  model.config["layer_types"] = json::Array{"full_attention", "mamba"};
  EXPECT_REFUSED(model, "only full_attention and linear_attention are supported");
  model.config["layer_types"] = json::Array{"full_attention"};
  EXPECT_REFUSED(model, "must name every layer");
  model.config.erase("layer_types");
  model.config["rope_parameters"] = json::Object{{"rope_type", "default"}, {"partial_rotary_factor", 0.5}};
  EXPECT_REFUSED(model, "the whole head rotates");
  model.config.erase("rope_parameters");
  model.config["use_routing_bias"] = true;
  EXPECT_REFUSED(model, "'use_routing_bias'");
}

} // namespace
