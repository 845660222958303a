// Folders of models with Mamba's second mixer beside attention that the tests make: what
// their options become, and which are refused.

#include "ExpectModel.h"
#include "HybridFolders.h"

using namespace seqc::test;
namespace json = llvm::json;

namespace {

//===----------------------------------------------------------------------===//
// bamba
//===----------------------------------------------------------------------===//

TEST(Bamba, RotatesHalfOfEachHead) {
  ModelFolder model;
  makeBamba(model);
  ImportedModel plain(model.write());
  ASSERT_EQ(plain.error, "");
  EXPECT_EQ(plain.blocks(), 2u);
  EXPECT_EQ(plain.count("seq.rotary"), 2u);
  EXPECT_EQ(plain.count("dims = 2 :"), 2u);
  model.config["attn_rotary_emb"] = 2;
  EXPECT_IMPORTED(model);
  model.config["attn_rotary_emb"] = 4;
  EXPECT_REFUSED(model, "key 'attn_rotary_emb' is 4");
  model.config.erase("attn_rotary_emb");
  model.config["partial_rotary_factor"] = 1.0;
  EXPECT_REFUSED(model, "key 'partial_rotary_factor' is 1");
  model.config.erase("partial_rotary_factor");
  model.config["rope_parameters"] = json::Object{{"rope_theta", 100.0}, {"partial_rotary_factor", 1.0}};
  ImportedModel whole(model.write());
  ASSERT_EQ(whole.error, "");
  EXPECT_EQ(whole.count("seq.rotary"), 2u);
  EXPECT_EQ(whole.count("dims ="), 0u);
}

TEST(Bamba, ReadsItsMixers) {
  ModelFolder model;
  makeBamba(model);
  model.config["mamba_d_head"] = "auto";
  model.config["time_step_limit"] = json::Array{0.0, 2.0};
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.count("dt_max = 2.000000e+00"), 1u);
  EXPECT_EQ(imported.count("gate_first"), 1u);
  EXPECT_EQ(imported.values("model.layers.0.mamba.in_proj.weight.x")[0], 128) << "x is behind z";
  model.config["mamba_expand"] = 3;
  model.config["mamba_d_head"] = 4;
  EXPECT_REFUSED(model, "key 'mamba_n_heads' is 4, but mamba_n_heads times mamba_d_head must be 24");
  model.config["mamba_expand"] = 0.01;
  EXPECT_REFUSED(model, "key 'mamba_expand' is 0.01");
  model.config["mamba_expand"] = 2;
  model.config["mamba_n_groups"] = 3;
  EXPECT_REFUSED(model, "key 'mamba_n_groups' is 3, but must divide mamba_n_heads");
  model.config["mamba_n_groups"] = 2;
  addMixer(model, "model.layers.0.mamba", 2);
  ImportedModel grouped(model.write());
  ASSERT_EQ(grouped.error, "");
  EXPECT_EQ(grouped.count("groups = 2"), 1u);
}

TEST(Bamba, ReadsBiasesAndLayers) {
  ModelFolder model;
  makeBamba(model);
  model.config["mamba_proj_bias"] = true;
  EXPECT_REFUSED(model, "'model.layers.0.mamba.in_proj.bias' is missing");
  model.tensor("model.layers.0.mamba.in_proj.bias", {42});
  EXPECT_REFUSED(model, "'model.layers.0.mamba.out_proj.bias' is missing");
  model.tensor("model.layers.0.mamba.out_proj.bias", {8});
  EXPECT_IMPORTED(model);
  model.config["attention_bias"] = true;
  EXPECT_REFUSED(model, "'model.layers.1.self_attn.q_proj.bias' is missing");
  model.config["attention_bias"] = false;
  model.config["mlp_bias"] = true;
  EXPECT_REFUSED(model, "'model.layers.0.feed_forward.gate_proj.bias' is missing");
  model.config["mlp_bias"] = false;
  model.config["attn_layer_indices"] = json::Array{2};
  EXPECT_REFUSED(model, "key 'attn_layer_indices' is [2]");
  model.config["attn_layer_indices"] = nullptr;
  EXPECT_REFUSED(model, "'model.layers.1.mamba.in_proj.weight' is missing");
  model.config["attn_layer_indices"] = json::Array{1};
  model.config["tie_word_embeddings"] = true;
  model.remove("lm_head.weight");
  EXPECT_IMPORTED(model);
}

//===----------------------------------------------------------------------===//
// falcon_h1
//===----------------------------------------------------------------------===//

TEST(FalconH1, NormsItsMixerOrNot) {
  ModelFolder model;
  makeFalconH1(model);
  ImportedModel plain(model.write());
  ASSERT_EQ(plain.error, "");
  EXPECT_EQ(plain.count("seq.rms_norm"), 3u);
  EXPECT_EQ(plain.count("seq.glu"), 2u);
  model.config["mamba_rms_norm"] = true;
  EXPECT_REFUSED(model, "'model.layers.0.mamba.norm.weight' is missing");
  model.tensor("model.layers.0.mamba.norm.weight", {16});
  ImportedModel behind(model.write());
  ASSERT_EQ(behind.error, "");
  EXPECT_EQ(behind.count("seq.rms_norm"), 4u);
  EXPECT_EQ(behind.count(" gate("), 1u);
  EXPECT_EQ(behind.count("gate_first"), 0u);
  model.config["mamba_norm_before_gate"] = false;
  EXPECT_EQ(ImportedModel(model.write()).count("gate_first"), 1u);
}

TEST(FalconH1, ReadsWidthAndBiases) {
  ModelFolder model;
  makeFalconH1(model);
  model.config["mamba_d_ssm"] = nullptr;
  EXPECT_IMPORTED(model); // mamba_expand times hidden_size
  model.config["mamba_d_ssm"] = 20;
  EXPECT_REFUSED(model, "key 'mamba_n_heads' is 4");
  model.config["mamba_d_ssm"] = 16;
  model.config["projectors_bias"] = true;
  EXPECT_REFUSED(model, "'model.layers.0.mamba.out_proj.bias' is missing");
  model.tensor("model.layers.0.mamba.out_proj.bias", {8});
  EXPECT_IMPORTED(model);
  model.config["projectors_bias"] = false;
  model.config["mamba_proj_bias"] = true;
  EXPECT_REFUSED(model, "'model.layers.0.mamba.in_proj.bias' is missing");
  model.config["mamba_proj_bias"] = false;
  model.config["mamba_use_mlp"] = false;
  EXPECT_REFUSED(model, "key 'mamba_use_mlp' is false");
}

TEST(FalconH1, Multiplies) {
  ModelFolder model;
  makeFalconH1(model);
  EXPECT_EQ(ImportedModel(model.write()).count("arith.mulf"), 0u);
  model.config["key_multiplier"] = 0.5;
  EXPECT_EQ(ImportedModel(model.write()).count("scale = 2.500000e-01"), 1u) << "half of 1/sqrt(4)";
  for (llvm::StringRef name : {"embedding", "lm_head", "attention_in", "attention_out", "ssm_in", "ssm_out"})
    model.config[name.str() + "_multiplier"] = 0.5;
  model.config["mlp_multipliers"] = json::Array{0.5, 0.5};
  EXPECT_EQ(ImportedModel(model.write()).count("arith.mulf"), 8u);
  model.config["ssm_multipliers"] = json::Array{0.5, 1.0, 0.5, 1.0, 0.5};
  EXPECT_EQ(ImportedModel(model.write()).count("arith.mulf"), 11u);
  model.config["ssm_multipliers"] = json::Array{0.5};
  EXPECT_REFUSED(model, "key 'ssm_multipliers' is [0.5], but must be 5 numbers");
  model.config["ssm_multipliers"] = nullptr;
  model.config["mlp_multipliers"] = json::Array{1.0, 1.0, 1.0};
  EXPECT_REFUSED(model, "key 'mlp_multipliers' is [1,1,1]");
}

//===----------------------------------------------------------------------===//
// nemotron_h
//===----------------------------------------------------------------------===//

TEST(NemotronH, ReadsItsLayers) {
  ModelFolder model;
  makeNemotronH(model);
  ImportedModel listed(model.write());
  ASSERT_EQ(listed.error, "");
  EXPECT_EQ(listed.blocks(), 3u);
  EXPECT_EQ(listed.count("seq.rotary"), 0u);
  EXPECT_EQ(listed.count("relu2"), 1u);
  model.config.erase("layers_block_type");
  model.config["hybrid_override_pattern"] = "M-*";
  EXPECT_EQ(ImportedModel(model.write()).text, listed.text);
  model.config["num_hidden_layers"] = 3;
  model.config["attention_head_dim"] = 6;
  model.config.erase("head_dim");
  EXPECT_EQ(ImportedModel(model.write()).text, listed.text);
  model.config["num_hidden_layers"] = 4;
  EXPECT_REFUSED(model, "key 'num_hidden_layers' is 4, but hybrid_override_pattern names 3");
  model.config["hybrid_override_pattern"] = "M-?";
  EXPECT_REFUSED(model, "key 'hybrid_override_pattern' is \"M-?\"");
  model.config["layers_block_type"] = json::Array{"mamba", "mlp", "attention"};
  model.config["num_hidden_layers"] = 3;
  EXPECT_EQ(ImportedModel(model.write()).text, listed.text) << "the list goes before the pattern";
  model.config["layers_block_type"] = json::Array{"conv"};
  EXPECT_REFUSED(model, "key 'layers_block_type' is [\"conv\"]");
  model.config["layers_block_type"] = json::Array{};
  model.config.erase("num_hidden_layers");
  EXPECT_REFUSED(model, "but layers_block_type names 0");
}

TEST(NemotronH, BoundsTimeStepsFromBelow) {
  ModelFolder model;
  makeNemotronH(model);
  model.config["time_step_limit"] = json::Array{0.5, 0.6};
  ImportedModel plain(model.write());
  ASSERT_EQ(plain.error, "");
  EXPECT_EQ(plain.count("dt_min = 1.000000e-03"), 1u);
  EXPECT_EQ(plain.count("dt_max"), 0u);
  model.config["time_step_min"] = 0.25;
  EXPECT_EQ(ImportedModel(model.write()).count("dt_min = 2.500000e-01"), 1u);
}

TEST(NemotronH, ReadsBiasesAndOptions) {
  ModelFolder model;
  makeNemotronH(model);
  model.config["use_bias"] = true;
  EXPECT_REFUSED(model, "'backbone.layers.0.mixer.in_proj.bias' is missing");
  model.config["use_bias"] = false;
  model.config["mlp_bias"] = true;
  EXPECT_REFUSED(model, "'backbone.layers.1.mixer.up_proj.bias' is missing");
  model.config["mlp_bias"] = false;
  model.config["attention_bias"] = true;
  EXPECT_REFUSED(model, "key 'attention_bias' is true");
  model.config["attention_bias"] = false;
  model.config["n_groups"] = 3;
  EXPECT_REFUSED(model, "key 'n_groups' is 3, but must divide mamba_num_heads");
  model.config["n_groups"] = 2;
  model.config["mamba_hidden_act"] = "snake";
  EXPECT_REFUSED(model, "key 'mamba_hidden_act' is \"snake\"");
  model.config["mamba_hidden_act"] = "silu";
  model.config["sliding_window"] = 8;
  EXPECT_REFUSED(model, "key 'sliding_window' is 8");
  model.config["sliding_window"] = nullptr;
  // Layers that predict further tokens are left out.
  model.config["num_nextn_predict_layers"] = 1;
  model.tensor("mtp.layers.0.norm.weight", {8});
  EXPECT_IMPORTED(model);
}

TEST(NemotronH, RoutesToExperts) {
  ModelFolder model;
  makeNemotronH(model);
  addExperts(model);
  ImportedModel plain(model.write());
  ASSERT_EQ(plain.error, "");
  EXPECT_EQ(plain.count("seq.route"), 1u);
  EXPECT_EQ(plain.count("seq.expert_linear"), 2u);
  EXPECT_EQ(plain.count("sigmoid"), 1u);
  EXPECT_EQ(plain.count("relu2"), 2u) << "of the experts, and of the shared one";
  model.config.erase("layers_block_type");
  model.config["hybrid_override_pattern"] = "ME*";
  EXPECT_EQ(ImportedModel(model.write()).text, plain.text);
  model.config["mlp_bias"] = true;
  EXPECT_REFUSED(model, "'backbone.layers.1.mixer.shared_experts.up_proj.bias' is missing");
  model.config["mlp_bias"] = false;
  model.config["n_group"] = 3;
  EXPECT_REFUSED(model, "key 'n_routed_experts' is 4, but the groups must divide the experts");
  model.config["n_group"] = 4;
  EXPECT_REFUSED(model, "a group has fewer experts than it is judged by");
  model.config["n_group"] = 2;
  EXPECT_IMPORTED(model);
  model.config["num_experts_per_tok"] = 3;
  EXPECT_REFUSED(model, "more experts are chosen than take part");
  model.remove("backbone.layers.1.mixer.gate.e_score_correction_bias");
  model.config["num_experts_per_tok"] = 2;
  EXPECT_REFUSED(model, "'backbone.layers.1.mixer.gate.e_score_correction_bias' is missing");
}

TEST(NemotronH, NarrowsWhatExpertsSee) {
  ModelFolder model;
  makeNemotronH(model);
  addExperts(model, /*width=*/3);
  model.config["moe_latent_size"] = 3;
  EXPECT_REFUSED(model, "'backbone.layers.1.mixer.fc1_latent_proj.weight' is missing");
  model.tensor("backbone.layers.1.mixer.fc1_latent_proj.weight", {3, 8});
  model.tensor("backbone.layers.1.mixer.fc2_latent_proj.weight", {8, 3});
  EXPECT_IMPORTED(model);
}

//===----------------------------------------------------------------------===//
// zamba2
//===----------------------------------------------------------------------===//

TEST(Zamba2, SharesItsBlock) {
  ModelFolder model;
  makeZamba2(model);
  ImportedModel plain(model.write());
  ASSERT_EQ(plain.error, "");
  EXPECT_EQ(plain.blocks(), 2u);
  EXPECT_EQ(plain.count("seq.rotary"), 0u);
  EXPECT_EQ(plain.count("tensor.concat"), 1u);
  EXPECT_EQ(plain.count("scale = 5.000000e-01"), 1u) << "1/sqrt(8/2)";
  EXPECT_EQ(plain.values("model.layers.1.shared_transformer.feed_forward.gate_up_proj.weight.up")[0], 96);
  EXPECT_EQ(plain.count("load @model.layers.1.shared_transformer.self_attn.q_proj.weight"), 1u);
  model.config["num_mem_blocks"] = 2;
  EXPECT_REFUSED(model, "'model.layers.2.shared_transformer.input_layernorm.weight' is missing");
  addSharedBlock(model, "model.layers.2", {1});
  EXPECT_REFUSED(model, "'model.layers.1.shared_transformer.feed_forward.gate_up_proj_adapter_list.1.0.wei...' and 1 "
                        "more would be ignored");
  for (std::string part : {".0.weight", ".1.weight"})
    model.remove("model.layers.1.shared_transformer.feed_forward.gate_up_proj_adapter_list.1" + part);
  EXPECT_IMPORTED(model);
}

/// What a checkpoint stores apart is not tied. All the block's adapters are beside it then.
TEST(Zamba2, TakesBlocksThatAreStoredApart) {
  ModelFolder model;
  makeZamba2(model);
  addSharedBlock(model, "model.layers.2", {0, 1});
  ImportedModel apart(model.write());
  ASSERT_EQ(apart.error, "");
  std::string weights = ".shared_transformer.self_attn.q_proj.weight";
  EXPECT_TRUE(apart.parameter("model.layers.1" + weights));
  EXPECT_TRUE(apart.parameter("model.layers.2" + weights));
  std::string adapters = ".shared_transformer.feed_forward.gate_up_proj_adapter_list.";
  EXPECT_TRUE(apart.parameter("model.layers.1" + adapters + "0.0.weight"));
  EXPECT_FALSE(apart.parameter("model.layers.1" + adapters + "1.0.weight"));
  EXPECT_FALSE(apart.parameter("model.layers.2" + adapters + "0.0.weight"));
  EXPECT_TRUE(apart.parameter("model.layers.2" + adapters + "1.0.weight"));
  model.remove("model.layers.2" + weights);
  EXPECT_REFUSED(model, "'model.layers.2.shared_transformer.self_attn.q_proj.weight' is missing");
}

TEST(Zamba2, AdaptsAndRotatesAttention) {
  ModelFolder model;
  makeZamba2(model);
  model.config["use_mem_rope"] = true;
  EXPECT_EQ(ImportedModel(model.write()).count("seq.rotary"), 2u);
  model.config["use_long_context"] = true;
  EXPECT_EQ(ImportedModel(model.write()).attribute("seqm.context"), 16384);
  model.config["use_shared_attention_adapter"] = true;
  EXPECT_REFUSED(model, "self_attn.linear_q_adapter_list.0.0.weight' is missing");
  for (std::string name : {"q", "k", "v"})
    for (std::string turn : {"0", "1"}) {
      std::string path = "model.layers.1.shared_transformer.self_attn.linear_" + name + "_adapter_list." + turn;
      model.tensor(path + ".0.weight", {5, 16});
      model.tensor(path + ".1.weight", {16, 5});
    }
  EXPECT_IMPORTED(model);
  model.config["num_key_value_heads"] = 1;
  EXPECT_REFUSED(model, "key 'num_key_value_heads' is 1");
}

TEST(Zamba2, ReadsItsMixers) {
  ModelFolder model;
  makeZamba2(model);
  // The class knows better.
  model.config["use_conv_bias"] = false;
  model.config["time_step_limit"] = json::Array{0.5, 0.6};
  model.config["rms_norm_eps"] = 0.25;
  model.config["hidden_act"] = "relu";
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.count("dt_min = 1.000000e-03"), 2u);
  EXPECT_EQ(imported.count("dt_max"), 0u);
  EXPECT_EQ(imported.count("seq.conv"), imported.count("activation silu :")) << "only the MLP has another activation";
  model.config["mamba_headdim"] = 5;
  EXPECT_REFUSED(model, "key 'n_mamba_heads' is 4, but n_mamba_heads times mamba_headdim must be 16");
}

TEST(Zamba2, RefusesWhatContradicts) {
  ModelFolder model;
  makeZamba2(model);
  model.config["attention_head_dim"] = 6;
  EXPECT_REFUSED(model, "key 'attention_head_dim' is 6, but must be 8");
  model.config["attention_head_dim"] = 8;
  model.config["attention_hidden_size"] = 8;
  EXPECT_REFUSED(model, "key 'attention_hidden_size' is 8, but must be 16");
  model.config.erase("attention_hidden_size");
  model.config["num_attention_heads"] = 3;
  EXPECT_REFUSED(model, "key 'num_attention_heads' is 3");
  model.config["num_attention_heads"] = 2;
  model.config["layers_block_type"] = json::Array{"mamba", "hybrid", "conv"};
  EXPECT_REFUSED(model, "but only mamba and hybrid are supported");
  model.config["layers_block_type"] = json::Array{"mamba", "hybrid"};
  EXPECT_REFUSED(model, "but must name every layer");
}

//===----------------------------------------------------------------------===//
// granitemoehybrid
//===----------------------------------------------------------------------===//

TEST(GraniteMoeHybrid, RotatesOrNot) {
  ModelFolder model;
  makeGranite(model);
  for (json::Value type : {json::Value(nullptr), json::Value("nope")}) {
    model.config["position_embedding_type"] = type;
    ImportedModel imported(model.write());
    ASSERT_EQ(imported.error, "");
    EXPECT_EQ(imported.blocks(), 2u);
    EXPECT_EQ(imported.count("seq.rotary"), 0u);
  }
  model.config["position_embedding_type"] = "rope";
  EXPECT_EQ(ImportedModel(model.write()).count("seq.rotary"), 2u);
  model.config["position_embedding_type"] = "alibi";
  EXPECT_REFUSED(model, "key 'position_embedding_type' is \"alibi\"");
}

TEST(GraniteMoeHybrid, Multiplies) {
  ModelFolder model;
  makeGranite(model);
  ImportedModel plain(model.write());
  ASSERT_EQ(plain.error, "");
  EXPECT_EQ(plain.count("arith.mulf"), 0u);
  EXPECT_EQ(plain.count("scale = 1.000000e+00"), 1u) << "attention_multiplier is the scale itself";
  model.config["attention_multiplier"] = 0.25;
  model.config["embedding_multiplier"] = 12;
  model.config["logits_scaling"] = 8;
  model.config["residual_multiplier"] = 0.25;
  ImportedModel scaled(model.write());
  ASSERT_EQ(scaled.error, "");
  EXPECT_EQ(scaled.count("arith.mulf"), 6u);
  EXPECT_EQ(scaled.count("scale = 2.500000e-01"), 1u);
  EXPECT_EQ(scaled.count("dense<1.250000e-01>"), 1u);
  model.config["logits_scaling"] = 0;
  EXPECT_REFUSED(model, "key 'logits_scaling' is 0");
}

TEST(GraniteMoeHybrid, ReadsItsLayers) {
  ModelFolder model;
  makeGranite(model);
  ImportedModel plain(model.write());
  EXPECT_EQ(plain.values("model.layers.0.shared_mlp.input_linear.weight.up")[0], 48) << "up is behind gate";
  model.config["layer_types"] = nullptr;
  model.config["layers_block_type"] = json::Array{"linear_attention", "full_attention"};
  EXPECT_EQ(ImportedModel(model.write()).text, plain.text);
  model.config["layers_block_type"] = json::Array{"linear_attention", "conv"};
  EXPECT_REFUSED(model, "but only mamba and attention are supported");
  model.config["layers_block_type"] = json::Array{"linear_attention"};
  EXPECT_REFUSED(model, "but must name every layer");
  model.config["layers_block_type"] = nullptr;
  EXPECT_REFUSED(model, "'model.layers.1.mamba.in_proj.weight' is missing");
  model.config["layer_types"] = json::Array{"mamba", "attention"};
  model.config["attention_bias"] = true;
  EXPECT_REFUSED(model, "'model.layers.1.self_attn.q_proj.bias' is missing");
  model.config["attention_bias"] = false;
  model.config["normalization_function"] = "layernorm";
  EXPECT_REFUSED(model, "key 'normalization_function' is \"layernorm\"");
}

TEST(GraniteMoeHybrid, RoutesToExperts) {
  ModelFolder model;
  makeGranite(model);
  addGraniteExperts(model);
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.blocks(), 2u);
  EXPECT_EQ(imported.count("seq.route"), 2u);
  EXPECT_EQ(imported.count("seq.expert_linear"), 6u);
  EXPECT_EQ(imported.values("model.layers.0.block_sparse_moe.input_linear.weight.up")[0], 40) << "up is behind gate";
  EXPECT_EQ(imported.values("model.layers.0.block_sparse_moe.input_linear.weight.gate")[40], 80);
  model.config["num_experts_per_tok"] = 5;
  EXPECT_REFUSED(model, "key 'num_experts_per_tok' is 5, but more experts are chosen than take part");
}

} // namespace
