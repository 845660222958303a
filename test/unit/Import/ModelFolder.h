//===- ModelFolder.h - Small model folders for tests ------------*- C++ -*-===//

#ifndef SEQ_TEST_UNIT_IMPORT_MODELFOLDER_H
#define SEQ_TEST_UNIT_IMPORT_MODELFOLDER_H

#include "Testing.h"
#include "seq/Import/JSON.h"

#include <map>

namespace seqc::test {

/// A Hugging Face folder whose tensors hold 0, 1, 2, ... in f32 each.
class ModelFolder {
public:
  /// config.json as an object, to be changed by tests.
  llvm::json::Object config;

  void tensor(llvm::StringRef name, std::vector<int64_t> shape, llvm::StringRef dtype = "F32") {
    tensors[name.str()] = {std::move(shape), dtype.str()};
  }
  void remove(llvm::StringRef name) { tensors.erase(name.str()); }

  /// model.safetensors with the tensors as they are now, or with those whose names start with `prefix`.
  std::string buildWeights(llvm::StringRef prefix = "") const {
    llvm::json::Object header;
    std::string values;
    for (const auto &[name, tensor] : tensors) {
      if (!llvm::StringRef(name).starts_with(prefix))
        continue;
      size_t begin = values.size();
      appendValues(values, tensor);
      header[name] = llvm::json::Object{{"dtype", tensor.dtype},
                                        {"shape", llvm::json::Array(tensor.shape)},
                                        {"data_offsets", llvm::json::Array{int64_t(begin), int64_t(values.size())}}};
    }
    std::string text = llvm::formatv("{0}", llvm::json::Value(std::move(header)));
    uint64_t length = text.size();
    return std::string(reinterpret_cast<const char *>(&length), 8) + text + values;
  }
  std::string buildConfig() const {
    llvm::json::Object copy = config;
    return llvm::formatv("{0:2}", llvm::json::Value(std::move(copy)));
  }
  /// Writes config.json and two shards with an index: the layers, and the rest.
  std::string writeShards() const {
    folder.write("config.json", buildConfig());
    folder.write("layers.safetensors", buildWeights("model.layers."));
    folder.write("all.safetensors", buildWeights());
    llvm::json::Object map;
    for (const auto &entry : tensors)
      map[entry.first] =
          llvm::StringRef(entry.first).starts_with("model.layers.") ? "layers.safetensors" : "all.safetensors";
    llvm::json::Object index{{"metadata", llvm::json::Object{{"total_size", 1}}}, {"weight_map", std::move(map)}};
    folder.write("model.safetensors.index.json", llvm::formatv("{0}", llvm::json::Value(std::move(index))).str());
    return folder.root();
  }
  /// Writes another file into the folder.
  void file(llvm::StringRef name, llvm::StringRef text) const { folder.write(name, text); }
  /// Writes both files and gives the folder's path.
  std::string write() const {
    folder.write("config.json", buildConfig());
    folder.write("model.safetensors", buildWeights());
    return folder.root();
  }

  TemporaryFolder folder;

private:
  struct Tensor {
    std::vector<int64_t> shape;
    std::string dtype;
  };
  static void appendValues(std::string &values, const Tensor &tensor) {
    int64_t count = 1;
    for (int64_t dim : tensor.shape)
      count *= dim;
    if (tensor.dtype != "F32") {
      values.append(2 * count, '\0');
      return;
    }
    for (int64_t i = 0; i < count; ++i) {
      float value = static_cast<float>(i);
      values.append(reinterpret_cast<const char *>(&value), 4);
    }
  }
  std::map<std::string, Tensor> tensors;
};

/// Embedding, norm and head of a vocabulary of 10.
inline void addFrame(ModelFolder &model, int64_t width, llvm::StringRef norm = "model.norm.weight") {
  model.tensor("model.embed_tokens.weight", {10, width});
  model.tensor(norm, {width});
  model.tensor("lm_head.weight", {10, width});
}

/// The two norms of a layer, whose path ends with a dot.
inline void addNorms(ModelFolder &model, const std::string &layer, int64_t width,
                     llvm::StringRef second = "post_attention_layernorm") {
  model.tensor(layer + "input_layernorm.weight", {width});
  model.tensor(layer + second.str() + ".weight", {width});
}

inline void addMlp(ModelFolder &model, const std::string &path, int64_t width, int64_t inner) {
  model.tensor(path + ".gate_proj.weight", {inner, width});
  model.tensor(path + ".up_proj.weight", {inner, width});
  model.tensor(path + ".down_proj.weight", {width, inner});
}

/// So many channels of queries, and of keys and values.
inline void addAttention(ModelFolder &model, const std::string &path, int64_t width, int64_t queries, int64_t keys) {
  model.tensor(path + ".q_proj.weight", {queries, width});
  model.tensor(path + ".k_proj.weight", {keys, width});
  model.tensor(path + ".v_proj.weight", {keys, width});
  model.tensor(path + ".o_proj.weight", {width, queries});
}

/// Latent attention of 2 heads in a model of width 4, without its queries: keys of 3 + 2 channels, values of 4, of
/// rank 5.
inline void addLatentAttention(ModelFolder &model, const std::string &path) {
  model.tensor(path + ".kv_a_proj_with_mqa.weight", {7, 4});
  model.tensor(path + ".kv_a_layernorm.weight", {5});
  model.tensor(path + ".kv_b_proj.weight", {14, 5});
  model.tensor(path + ".o_proj.weight", {4, 8});
}

/// Mamba's first mixer with so many channels in a model of width 4: state 3, rank 2.
inline void addMamba(ModelFolder &model, const std::string &path, int64_t channels) {
  model.tensor(path + ".A_log", {channels, 3});
  model.tensor(path + ".D", {channels});
  model.tensor(path + ".conv1d.weight", {channels, 1, 4});
  model.tensor(path + ".conv1d.bias", {channels});
  model.tensor(path + ".dt_proj.weight", {channels, 2});
  model.tensor(path + ".dt_proj.bias", {channels});
  model.tensor(path + ".in_proj.weight", {2 * channels, 4});
  model.tensor(path + ".x_proj.weight", {8, channels});
  model.tensor(path + ".out_proj.weight", {4, channels});
}

/// llama with 3 layers, width 8, 4 heads on 2, inner 12, vocabulary 10.
inline void makeLlama(ModelFolder &model, llvm::StringRef type = "llama") {
  model.config = llvm::json::Object{{"model_type", type},
                                    {"hidden_size", 8},
                                    {"intermediate_size", 12},
                                    {"num_hidden_layers", 3},
                                    {"num_attention_heads", 4},
                                    {"num_key_value_heads", 2},
                                    {"vocab_size", 10},
                                    {"max_position_embeddings", 64},
                                    {"rms_norm_eps", 1e-5},
                                    {"hidden_act", "silu"},
                                    {"tie_word_embeddings", false},
                                    {"rope_theta", 10000.0}};
  addFrame(model, 8);
  for (int i = 0; i < 3; ++i) {
    std::string prefix = "model.layers." + std::to_string(i) + ".";
    addNorms(model, prefix, 8);
    addAttention(model, prefix + "self_attn", 8, 8, 4);
    addMlp(model, prefix + "mlp", 8, 12);
  }
}

/// The same with biases on q, k and v.
inline void makeQwen2(ModelFolder &model) {
  makeLlama(model, "qwen2");
  for (int i = 0; i < 3; ++i) {
    std::string prefix = "model.layers." + std::to_string(i) + ".self_attn.";
    model.tensor(prefix + "q_proj.bias", {8});
    model.tensor(prefix + "k_proj.bias", {4});
    model.tensor(prefix + "v_proj.bias", {4});
  }
}

/// phi3 with 1 layer and the sizes of makeLlama.
inline void makePhi3(ModelFolder &model) {
  makeLlama(model, "phi3");
  for (int i = 0; i < 3; ++i) {
    std::string prefix = "model.layers." + std::to_string(i) + ".";
    for (llvm::StringRef name :
         {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "mlp.gate_proj", "mlp.up_proj"})
      model.remove(prefix + name.str() + ".weight");
    model.tensor(prefix + "self_attn.qkv_proj.weight", {16, 8});
    model.tensor(prefix + "mlp.gate_up_proj.weight", {24, 8});
  }
}

/// gpt2 with 2 layers, width 8, 2 heads, vocabulary 10, 16 positions.
inline void makeGPT2(ModelFolder &model) {
  model.config = llvm::json::Object{{"model_type", "gpt2"}, {"n_embd", 8},      {"n_layer", 2},
                                    {"n_head", 2},          {"vocab_size", 10}, {"n_positions", 16}};
  auto linear = [&](const std::string &name, int64_t in, int64_t out) {
    model.tensor(name + ".weight", {in, out});
    model.tensor(name + ".bias", {out});
  };
  auto norm = [&](const std::string &name) {
    model.tensor(name + ".weight", {8});
    model.tensor(name + ".bias", {8});
  };
  model.tensor("transformer.wte.weight", {10, 8});
  model.tensor("transformer.wpe.weight", {16, 8});
  norm("transformer.ln_f");
  for (int i = 0; i < 2; ++i) {
    std::string prefix = "transformer.h." + std::to_string(i) + ".";
    norm(prefix + "ln_1");
    norm(prefix + "ln_2");
    linear(prefix + "attn.c_attn", 8, 24);
    linear(prefix + "attn.c_proj", 8, 8);
    linear(prefix + "mlp.c_fc", 8, 32);
    linear(prefix + "mlp.c_proj", 32, 8);
  }
}

/// gpt_neox with 2 layers, width 8, 2 heads, inner 12, vocabulary 10.
inline void makeGPTNeoX(ModelFolder &model) {
  model.config = llvm::json::Object{
      {"model_type", "gpt_neox"}, {"hidden_size", 8}, {"intermediate_size", 12}, {"num_hidden_layers", 2},
      {"num_attention_heads", 2}, {"vocab_size", 10}, {"rotary_pct", 0.5},       {"max_position_embeddings", 64},
      {"rotary_emb_base", 10000}};
  auto both = [&](const std::string &name, std::vector<int64_t> shape) {
    model.tensor(name + ".weight", shape);
    model.tensor(name + ".bias", {shape.front()});
  };
  model.tensor("gpt_neox.embed_in.weight", {10, 8});
  model.tensor("embed_out.weight", {10, 8});
  both("gpt_neox.final_layer_norm", {8});
  for (int i = 0; i < 2; ++i) {
    std::string prefix = "gpt_neox.layers." + std::to_string(i) + ".";
    both(prefix + "input_layernorm", {8});
    both(prefix + "post_attention_layernorm", {8});
    both(prefix + "attention.query_key_value", {24, 8});
    both(prefix + "attention.dense", {8, 8});
    both(prefix + "mlp.dense_h_to_4h", {12, 8});
    both(prefix + "mlp.dense_4h_to_h", {8, 12});
  }
}

/// RWKV 4 with 2 layers, width 8, inner 16, in the original names.
inline void makeRWKV4(ModelFolder &model) {
  model.config = llvm::json::Object{{"model_type", "rwkv"}, {"rwkv_version", "4.0"},        {"vocab_size", 10},
                                    {"hidden_size", 8},     {"tokenizer", "bytes"},         {"num_hidden_layers", 2},
                                    {"head_size", nullptr}, {"group_norm_epsilon", nullptr}};
  auto norm = [&](const std::string &name) {
    model.tensor(name + ".weight", {8});
    model.tensor(name + ".bias", {8});
  };
  model.tensor("emb.weight", {10, 8});
  model.tensor("head.weight", {10, 8});
  norm("ln_out");
  norm("blocks.0.ln0");
  for (int i = 0; i < 2; ++i) {
    std::string prefix = "blocks." + std::to_string(i) + ".";
    norm(prefix + "ln1");
    norm(prefix + "ln2");
    for (llvm::StringRef name : {"time_decay", "time_first", "time_mix_k", "time_mix_v", "time_mix_r"})
      model.tensor(prefix + "att." + name.str(), {8});
    for (llvm::StringRef name : {"key", "value", "receptance", "output"})
      model.tensor(prefix + "att." + name.str() + ".weight", {8, 8});
    model.tensor(prefix + "ffn.time_mix_k", {1, 1, 8});
    model.tensor(prefix + "ffn.time_mix_r", {1, 1, 8});
    model.tensor(prefix + "ffn.key.weight", {16, 8});
    model.tensor(prefix + "ffn.value.weight", {8, 16});
    model.tensor(prefix + "ffn.receptance.weight", {8, 8});
  }
}

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_IMPORT_MODELFOLDER_H
