//===- MoeFolders.h - Small folders of models with experts ------*- C++ -*-===//

#ifndef SEQ_TEST_UNIT_IMPORT_MOEFOLDERS_H
#define SEQ_TEST_UNIT_IMPORT_MOEFOLDERS_H

#include "ModelFolder.h"

#include <array>

namespace seqc::test {

/// The matrices of 3 experts of width 4 and 6 inner channels.
inline void addExperts(ModelFolder &model, const std::string &path, std::array<const char *, 3> names) {
  for (int e = 0; e < 3; ++e) {
    std::string expert = path + "." + std::to_string(e) + ".";
    model.tensor(expert + names[0] + ".weight", {6, 4});
    model.tensor(expert + names[1] + ".weight", {6, 4});
    model.tensor(expert + names[2] + ".weight", {4, 6});
  }
}

inline void addMixture(ModelFolder &model, const std::string &path) {
  model.tensor(path + ".gate.weight", {3, 4});
  addExperts(model, path + ".experts", {"gate_proj", "up_proj", "down_proj"});
  addMlp(model, path + ".shared_expert", 4, 5);
  model.tensor(path + ".shared_expert_gate.weight", {1, 4});
}

/// qwen3_next with 2 layers (a delta net, attention), width 4, 3 experts, 2 heads of 4 on 1.
/// Delta nets: 2 key heads of 3, 4 value heads of 2.
inline void makeQwen3Next(ModelFolder &model) {
  model.config = llvm::json::Object{{"model_type", "qwen3_next"},
                                    {"hidden_size", 4},
                                    {"intermediate_size", 8},
                                    {"num_hidden_layers", 2},
                                    {"num_attention_heads", 2},
                                    {"num_key_value_heads", 1},
                                    {"head_dim", 4},
                                    {"vocab_size", 10},
                                    {"max_position_embeddings", 64},
                                    {"rope_theta", 10000.0},
                                    {"partial_rotary_factor", 0.5},
                                    {"full_attention_interval", 2},
                                    {"linear_num_key_heads", 2},
                                    {"linear_num_value_heads", 4},
                                    {"linear_key_head_dim", 3},
                                    {"linear_value_head_dim", 2},
                                    {"num_experts", 3},
                                    {"num_experts_per_tok", 2},
                                    {"moe_intermediate_size", 6},
                                    {"shared_expert_intermediate_size", 5}};
  addFrame(model, 4);
  for (const char *layer : {"0", "1"}) {
    std::string path = std::string("model.layers.") + layer;
    addNorms(model, path + ".", 4);
    addMixture(model, path + ".mlp");
  }
  std::string net = "model.layers.0.linear_attn.", attention = "model.layers.1.self_attn.";
  model.tensor(net + "in_proj_qkvz.weight", {28, 4});
  model.tensor(net + "in_proj_ba.weight", {8, 4});
  model.tensor(net + "conv1d.weight", {20, 1, 4});
  model.tensor(net + "A_log", {4});
  model.tensor(net + "dt_bias", {4});
  model.tensor(net + "norm.weight", {2});
  model.tensor(net + "out_proj.weight", {4, 8});
  model.tensor(attention + "q_proj.weight", {16, 4});
  model.tensor(attention + "k_proj.weight", {4, 4});
  model.tensor(attention + "v_proj.weight", {4, 4});
  model.tensor(attention + "o_proj.weight", {4, 8});
  model.tensor(attention + "q_norm.weight", {4});
  model.tensor(attention + "k_norm.weight", {4});
}

/// minimax with 2 layers (attention, lightning attention), width 4, 2 heads of 4 on 1, 3 experts.
inline void makeMiniMax(ModelFolder &model) {
  model.config = llvm::json::Object{
      {"model_type", "minimax"},       {"hidden_size", 4},         {"intermediate_size", 6},  {"num_hidden_layers", 2},
      {"num_attention_heads", 2},      {"num_key_value_heads", 1}, {"head_dim", 4},           {"vocab_size", 10},
      {"max_position_embeddings", 64}, {"num_local_experts", 3},   {"num_experts_per_tok", 2}};
  addFrame(model, 4);
  for (const char *layer : {"0", "1"}) {
    std::string path = std::string("model.layers.") + layer;
    addNorms(model, path + ".", 4);
    model.tensor(path + ".block_sparse_moe.gate.weight", {3, 4});
    addExperts(model, path + ".block_sparse_moe.experts", {"w1", "w3", "w2"});
  }
  std::string lightning = "model.layers.1.self_attn.";
  addAttention(model, "model.layers.0.self_attn", 4, 8, 4);
  model.tensor(lightning + "qkv_proj.weight", {24, 4});
  model.tensor(lightning + "output_gate.weight", {8, 4});
  model.tensor(lightning + "out_proj.weight", {4, 8});
  model.tensor(lightning + "norm.weight", {8});
  model.tensor(lightning + "slope_rate", {2, 1, 1});
}

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_IMPORT_MOEFOLDERS_H
