// Folders of recurrent models that the tests make: what their options become.

#include "ExpectModel.h"

using namespace seqc::test;
namespace json = llvm::json;

namespace {

/// mamba with 1 layer, width 4, 6 channels, state 3, rank 2.
void makeMamba(ModelFolder &model, llvm::StringRef type = "mamba") {
  model.config =
      json::Object{{"model_type", type}, {"hidden_size", 4},    {"intermediate_size", 6},      {"num_hidden_layers", 1},
                   {"state_size", 3},    {"time_step_rank", 2}, {"tie_word_embeddings", true}, {"vocab_size", 10}};
  model.tensor("backbone.embeddings.weight", {10, 4});
  model.tensor("backbone.norm_f.weight", {4});
  model.tensor("backbone.layers.0.norm.weight", {4});
  addMamba(model, "backbone.layers.0.mixer", 6);
}

/// mamba2 with 1 layer, width 4, 4 heads of 2, 2 groups, state 3.
void makeMamba2(ModelFolder &model) {
  model.config = json::Object{{"model_type", "mamba2"}, {"hidden_size", 4}, {"num_heads", 4},
                              {"head_dim", 2},          {"n_groups", 2},    {"state_size", 3},
                              {"num_hidden_layers", 1}, {"vocab_size", 10}, {"tie_word_embeddings", true}};
  model.tensor("backbone.embeddings.weight", {10, 4});
  model.tensor("backbone.norm_f.weight", {4});
  std::string mixer = "backbone.layers.0.mixer.";
  model.tensor("backbone.layers.0.norm.weight", {4});
  for (llvm::StringRef name : {"A_log", "D", "dt_bias"})
    model.tensor(mixer + name.str(), {4});
  model.tensor(mixer + "conv1d.weight", {20, 1, 4});
  model.tensor(mixer + "conv1d.bias", {20});
  model.tensor(mixer + "in_proj.weight", {32, 4});
  model.tensor(mixer + "norm.weight", {8});
  model.tensor(mixer + "out_proj.weight", {4, 8});
}

TEST(RecurrentModels, ReadsMambasOptions) {
  ModelFolder model;
  makeMamba(model);
  ImportedModel plain(model.write());
  ASSERT_EQ(plain.error, "");
  EXPECT_EQ(plain.count("seq.rms_norm"), 2u);
  EXPECT_EQ(plain.values("backbone.layers.0.mixer.in_proj.weight.z")[0], 24) << "z is behind x";
  EXPECT_EQ(plain.attribute("seqm.context"), -1) << "there is no limit";
  model.config["use_conv_bias"] = false;
  EXPECT_REFUSED(model, "'backbone.layers.0.mixer.conv1d.bias' would be ignored");
  model.remove("backbone.layers.0.mixer.conv1d.bias");
  EXPECT_EQ(ImportedModel(model.write()).error, "");
  model.config["use_bias"] = true;
  EXPECT_REFUSED(model, "'backbone.layers.0.mixer.in_proj.bias' is missing");
  model.tensor("backbone.layers.0.mixer.in_proj.bias", {12});
  model.tensor("backbone.layers.0.mixer.out_proj.bias", {4});
  EXPECT_EQ(ImportedModel(model.write()).error, "");
  model.config["tie_word_embeddings"] = false;
  EXPECT_REFUSED(model, "tensor 'lm_head.weight' is missing");
  model.config["rms_norm"] = false;
  EXPECT_REFUSED(model, "key 'rms_norm' is false");
}

/// The activation is the convolution's; the gate is silu whatever it says.
TEST(RecurrentModels, GatesMambaBySilu) {
  ModelFolder model;
  makeMamba(model);
  model.config["hidden_act"] = "gelu";
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.count("seq.conv"), 1u);
  EXPECT_EQ(imported.count("activation gelu"), 1u);
  EXPECT_EQ(imported.count(" z("), 1u);
}

TEST(RecurrentModels, ReadsMambasRank) {
  ModelFolder model;
  makeMamba(model);
  model.config["time_step_rank"] = "auto";
  EXPECT_REFUSED(model, "x_proj.weight' has shape [8, 6], but the configuration asks for [7, 6]");
  model.config["time_step_rank"] = "many";
  EXPECT_REFUSED(model, "key 'time_step_rank' is \"many\"");
}

TEST(RecurrentModels, NormsFalconMambasSelection) {
  ModelFolder model;
  makeMamba(model, "falcon_mamba");
  model.config["mixer_rms_eps"] = 0.25;
  ImportedModel imported(model.write());
  ASSERT_EQ(imported.error, "");
  EXPECT_EQ(imported.count("eps 2.500000e-01"), 3u);
}

TEST(RecurrentModels, ReadsMamba2sOptions) {
  ModelFolder model;
  makeMamba2(model);
  ImportedModel plain(model.write());
  ASSERT_EQ(plain.error, "");
  EXPECT_EQ(plain.count("groups = 2"), 1u);
  EXPECT_EQ(plain.count("dt_max"), 0u);
  model.config["time_step_limit"] = json::Array{0.5, json::Object{{"__float__", "Infinity"}}};
  ImportedModel below(model.write());
  ASSERT_EQ(below.error, "");
  EXPECT_EQ(below.count("dt_min = 5.000000e-01"), 1u);
  EXPECT_EQ(below.count("dt_max"), 0u);
  model.config["time_step_limit"] = json::Array{0.0, 2.0};
  EXPECT_EQ(ImportedModel(model.write()).count("dt_max = 2.000000e+00"), 1u);
  model.config["time_step_limit"] = json::Array{2.0, 1.0};
  EXPECT_REFUSED(model, "key 'time_step_limit' is [2,1]");
  model.config.erase("time_step_limit");
  model.config["n_groups"] = 3;
  EXPECT_REFUSED(model, "key 'n_groups' is 3");
  model.config["n_groups"] = 2;
  model.config["expand"] = 3;
  EXPECT_REFUSED(model, "key 'num_heads' is 4");
}

/// Python writes the word where JSON has no number.
TEST(RecurrentModels, ReadsPythonsInfinity) {
  ModelFolder model;
  makeMamba2(model);
  model.config["time_step_limit"] = json::Array{0.0, "WORD"};
  std::string text = model.buildConfig();
  size_t at = text.find("\"WORD\"");
  ASSERT_NE(at, std::string::npos);
  std::string path = model.write();
  model.folder.write("config.json", text.replace(at, 6, "Infinity"));
  EXPECT_EQ(ImportedModel(path).error, "");
}

/// The time mix of version 4 may be wider than the model.
TEST(RecurrentModels, TakesAWideTimeMix) {
  ModelFolder model;
  makeRWKV4(model);
  model.config["attention_hidden_size"] = 12;
  EXPECT_REFUSED(model, "blocks.0.att.key.weight' has shape [8, 8], but the configuration asks for [12, 8]");
  for (int i = 0; i < 2; ++i) {
    std::string path = "blocks." + std::to_string(i) + ".att.";
    for (llvm::StringRef name : {"time_decay", "time_first"})
      model.tensor(path + name.str(), {12});
    for (llvm::StringRef name : {"key.weight", "value.weight", "receptance.weight"})
      model.tensor(path + name.str(), {12, 8});
    model.tensor(path + "output.weight", {8, 12});
  }
  EXPECT_EQ(ImportedModel(model.write()).error, "");
}

/// A head is tied where no other values are stored for it: some classes never tie, whatever the configuration says.
TEST(RecurrentModels, TiesHeadsOfTheSameValues) {
  ModelFolder model;
  makeMamba(model);
  EXPECT_EQ(ImportedModel(model.write()).parameter("lm_head.weight"), nullptr);
  model.tensor("lm_head.weight", {10, 4});
  EXPECT_EQ(ImportedModel(model.write()).parameter("lm_head.weight"), nullptr);
  model.tensor("lm_head.weight", {10, 4}, "BF16");
  EXPECT_NE(ImportedModel(model.write()).parameter("lm_head.weight"), nullptr);
}

/// Options that are refused by name, before any weight is looked at.
TEST(RecurrentModels, RefusesWhatIsNotSupported) {
  ModelFolder model;
  model.tensor("x", {1});
  model.config = json::Object{{"model_type", "xlstm"},
                              {"hidden_size", 64},
                              {"num_hidden_layers", 1},
                              {"vocab_size", 10},
                              {"weight_mode", "fused"}};
  EXPECT_REFUSED(model, "key 'weight_mode' is \"fused\"");
  model.config["num_heads"] = 5;
  EXPECT_REFUSED(model, "key 'num_heads' is 5");

  model.config = json::Object{{"model_type", "retnet"},
                              {"decoder_embed_dim", 8},
                              {"decoder_value_embed_dim", 8},
                              {"decoder_layers", 1},
                              {"decoder_ffn_embed_dim", 8},
                              {"decoder_retention_heads", 2},
                              {"vocab_size", 10},
                              {"moe_freq", 2}};
  EXPECT_REFUSED(model, "key 'moe_freq' is 2");
  model.config["decoder_retention_heads"] = 8;
  EXPECT_REFUSED(model, "key 'decoder_retention_heads' is 8");

  model.config = json::Object{{"model_type", "lfm2"},     {"hidden_size", 8},
                              {"intermediate_size", 12},  {"num_hidden_layers", 2},
                              {"num_attention_heads", 2}, {"max_position_embeddings", 16},
                              {"vocab_size", 10},         {"layer_types", json::Array{"conv", "linear"}}};
  EXPECT_REFUSED(model, "key 'layer_types' is [\"conv\",\"linear\"]");
  model.config["layer_types"] = json::Array{"conv"};
  EXPECT_REFUSED(model, "must name every layer");

  model.config = json::Object{{"model_type", "recurrent_gemma"},
                              {"hidden_size", 8},
                              {"intermediate_size", 12},
                              {"num_hidden_layers", 2},
                              {"num_attention_heads", 2},
                              {"vocab_size", 10},
                              {"block_types", json::Array{"recurrent", "conv"}}};
  EXPECT_REFUSED(model, "key 'block_types' is [\"recurrent\",\"conv\"]");
  model.config.erase("block_types");
  model.config["lru_width"] = 7;
  EXPECT_REFUSED(model, "key 'lru_width' is 7");
}

} // namespace
