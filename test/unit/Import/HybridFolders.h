//===- HybridFolders.h - Small folders of Mamba hybrids ---------*- C++ -*-===//
//
// Models with Mamba's second mixer beside attention. Their width is 8; mixers have 4 heads
// of 4 with state 3, attention 2 heads of 4 on 1 (but where a family has its own sizes).
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TEST_UNIT_IMPORT_HYBRIDFOLDERS_H
#define SEQ_TEST_UNIT_IMPORT_HYBRIDFOLDERS_H

#include "ModelFolder.h"

namespace seqc::test {

inline void addMixer(ModelFolder &model, const std::string &path, int64_t groups = 1) {
  int64_t convolved = 16 + 2 * groups * 3;
  for (llvm::StringRef name : {".A_log", ".D", ".dt_bias"})
    model.tensor(path + name.str(), {4});
  model.tensor(path + ".conv1d.weight", {convolved, 1, 4});
  model.tensor(path + ".conv1d.bias", {convolved});
  model.tensor(path + ".in_proj.weight", {16 + convolved + 4, 8});
  model.tensor(path + ".norm.weight", {16});
  model.tensor(path + ".out_proj.weight", {8, 16});
}

/// The options that bamba, falcon_h1 and granitemoehybrid share.
inline llvm::json::Object getOptions(llvm::StringRef type, int64_t layers) {
  return llvm::json::Object{{"model_type", type},       {"hidden_size", 8},
                            {"intermediate_size", 12},  {"num_hidden_layers", layers},
                            {"num_attention_heads", 2}, {"num_key_value_heads", 1},
                            {"mamba_n_heads", 4},       {"mamba_d_head", 4},
                            {"mamba_d_state", 3},       {"vocab_size", 10},
                            {"rms_norm_eps", 1e-5},     {"max_position_embeddings", 64}};
}

/// A mixer, then attention.
inline void makeBamba(ModelFolder &model) {
  model.config = getOptions("bamba", 2);
  model.config["attn_layer_indices"] = llvm::json::Array{1};
  addFrame(model, 8, "model.final_layernorm.weight");
  for (std::string path : {"model.layers.0.", "model.layers.1."}) {
    addNorms(model, path, 8, "pre_ff_layernorm");
    addMlp(model, path + "feed_forward", 8, 12);
  }
  addMixer(model, "model.layers.0.mamba");
  addAttention(model, "model.layers.1.self_attn", 8, 8, 4);
}

inline void makeFalconH1(ModelFolder &model) {
  model.config = getOptions("falcon_h1", 1);
  model.config["mamba_d_ssm"] = 16;
  addFrame(model, 8, "model.final_layernorm.weight");
  addNorms(model, "model.layers.0.", 8, "pre_ff_layernorm");
  addMlp(model, "model.layers.0.feed_forward", 8, 12);
  addMixer(model, "model.layers.0.mamba");
  model.remove("model.layers.0.mamba.norm.weight");
  addAttention(model, "model.layers.0.self_attn", 8, 8, 4);
}

/// A mixer, an MLP, attention.
inline void makeNemotronH(ModelFolder &model) {
  model.config =
      llvm::json::Object{{"model_type", "nemotron_h"},
                         {"hidden_size", 8},
                         {"intermediate_size", 12},
                         {"layers_block_type", llvm::json::Array{"linear_attention", "mlp", "full_attention"}},
                         {"num_attention_heads", 2},
                         {"num_key_value_heads", 1},
                         {"head_dim", 6},
                         {"mamba_num_heads", 4},
                         {"mamba_head_dim", 4},
                         {"n_groups", 2},
                         {"ssm_state_size", 3},
                         {"vocab_size", 10},
                         {"max_position_embeddings", 64}};
  model.tensor("backbone.embeddings.weight", {10, 8});
  model.tensor("backbone.norm_f.weight", {8});
  model.tensor("lm_head.weight", {10, 8});
  for (int i = 0; i < 3; ++i)
    model.tensor("backbone.layers." + std::to_string(i) + ".norm.weight", {8});
  addMixer(model, "backbone.layers.0.mixer", 2);
  model.tensor("backbone.layers.1.mixer.up_proj.weight", {12, 8});
  model.tensor("backbone.layers.1.mixer.down_proj.weight", {8, 12});
  addAttention(model, "backbone.layers.2.mixer", 8, 12, 6);
}

/// Makes layer 1 of nemotron_h one of 4 experts of 5 channels, and a shared one of 6.
inline void addExperts(ModelFolder &model, int64_t width = 8) {
  model.config["layers_block_type"] = llvm::json::Array{"linear_attention", "moe", "full_attention"};
  model.config["n_routed_experts"] = 4;
  model.config["moe_intermediate_size"] = 5;
  model.config["moe_shared_expert_intermediate_size"] = 6;
  std::string path = "backbone.layers.1.mixer.";
  model.remove(path + "up_proj.weight");
  model.remove(path + "down_proj.weight");
  model.tensor(path + "gate.weight", {4, 8});
  model.tensor(path + "gate.e_score_correction_bias", {4});
  for (int i = 0; i < 4; ++i) {
    std::string expert = path + "experts." + std::to_string(i);
    model.tensor(expert + ".up_proj.weight", {5, width});
    model.tensor(expert + ".down_proj.weight", {width, 5});
  }
  model.tensor(path + "shared_experts.up_proj.weight", {6, 8});
  model.tensor(path + "shared_experts.down_proj.weight", {8, 6});
}

inline void addSharedBlock(ModelFolder &model, const std::string &layer, std::vector<int> turns) {
  std::string path = layer + ".shared_transformer.";
  model.tensor(path + "input_layernorm.weight", {16});
  model.tensor(path + "pre_ff_layernorm.weight", {8});
  addAttention(model, path + "self_attn", 16, 16, 16);
  model.tensor(path + "self_attn.o_proj.weight", {8, 16});
  model.tensor(path + "feed_forward.gate_up_proj.weight", {24, 8});
  model.tensor(path + "feed_forward.down_proj.weight", {8, 12});
  for (int turn : turns) {
    std::string adapter = path + "feed_forward.gate_up_proj_adapter_list." + std::to_string(turn);
    model.tensor(adapter + ".0.weight", {5, 8});
    model.tensor(adapter + ".1.weight", {24, 5});
  }
}

/// A mixer, then two hybrid layers that share one block.
inline void makeZamba2(ModelFolder &model) {
  model.config = llvm::json::Object{{"model_type", "zamba2"},
                                    {"hidden_size", 8},
                                    {"intermediate_size", 12},
                                    {"num_hidden_layers", 3},
                                    {"layers_block_type", llvm::json::Array{"mamba", "hybrid", "hybrid"}},
                                    {"num_attention_heads", 2},
                                    {"n_mamba_heads", 4},
                                    {"mamba_d_state", 3},
                                    {"adapter_rank", 5},
                                    {"vocab_size", 10},
                                    {"max_position_embeddings", 64}};
  addFrame(model, 8, "model.final_layernorm.weight");
  model.remove("lm_head.weight");
  addMixer(model, "model.layers.0.mamba");
  model.tensor("model.layers.0.input_layernorm.weight", {8});
  for (std::string path : {"model.layers.1", "model.layers.2"}) {
    model.tensor(path + ".linear.weight", {8, 8});
    model.tensor(path + ".mamba_decoder.input_layernorm.weight", {8});
    addMixer(model, path + ".mamba_decoder.mamba");
  }
  addSharedBlock(model, "model.layers.1", {0, 1});
}

/// A mixer, then attention.
inline void makeGranite(ModelFolder &model) {
  model.config = getOptions("granitemoehybrid", 2);
  model.config["layer_types"] = llvm::json::Array{"mamba", "attention"};
  model.config["shared_intermediate_size"] = 6;
  model.config["num_local_experts"] = 0;
  model.config["num_experts_per_tok"] = 0;
  addFrame(model, 8);
  for (std::string path : {"model.layers.0.", "model.layers.1."}) {
    addNorms(model, path, 8);
    model.tensor(path + "shared_mlp.input_linear.weight", {12, 8});
    model.tensor(path + "shared_mlp.output_linear.weight", {8, 6});
  }
  addMixer(model, "model.layers.0.mamba");
  addAttention(model, "model.layers.1.self_attn", 8, 8, 4);
}

/// Gives every layer of granitemoehybrid 4 experts of 5 channels.
inline void addGraniteExperts(ModelFolder &model) {
  model.config["num_local_experts"] = 4;
  model.config["num_experts_per_tok"] = 3;
  model.config["intermediate_size"] = 5;
  for (std::string path : {"model.layers.0.block_sparse_moe.", "model.layers.1.block_sparse_moe."}) {
    model.tensor(path + "router.layer.weight", {4, 8});
    model.tensor(path + "input_linear.weight", {4, 10, 8});
    model.tensor(path + "output_linear.weight", {4, 8, 5});
  }
}

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_IMPORT_HYBRIDFOLDERS_H
