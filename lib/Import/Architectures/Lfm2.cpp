// lfm2: short convolutions between gates, and attention with norms of q and k in some
// layers; every layer has a gated MLP.

#include "../LlamaLike.h"
#include "../MambaBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  LlamaOptions llama;
  std::vector<bool> attends; ///< by layer
  int64_t convWidth;
  bool convBias;
};
} // namespace

/// The names of the first checkpoints.
static void modernise(Config &config) {
  config.rename("block_ff_dim", "intermediate_size");
  config.rename("block_norm_eps", "norm_eps");
  config.rename("norm_eps", "rms_norm_eps");
  config.rename("num_heads", "num_attention_heads");
  config.rename("tie_embedding", "tie_word_embeddings");
  config.rename("theta", "rope_theta");
  config.setDefault("tie_word_embeddings", true);
  config.setDefault("rope_theta", 1000000.0);
  config.setDefault("rms_norm_eps", 1e-5);
  config.expectBool("block_use_swiglu", true);
  config.expectBool("use_pos_enc", true);
  // How the weights were initialised.
  config.ignore({"block_mlp_init_scale", "block_out_init_scale", "block_use_xavier_init", "conv_use_xavier_init"});
}

/// The width of the MLP is two thirds of what the option says, rounded up, unless it is exact.
static void adjustInner(Config &config, LlamaOptions &options) {
  bool adjusts = config.getBool("block_auto_adjust_ff_dim", true);
  double factor = config.getFloat("block_ffn_dim_multiplier", 1.0);
  int64_t multiple = config.getInt("block_multiple_of", 1, kMaxWidth, 256);
  if (!adjusts)
    return;
  int64_t twoThirds = 2 * options.inner / 3;
  double inner = std::floor(factor * static_cast<double>(twoThirds));
  if (!(inner >= 1 && inner <= static_cast<double>(kMaxWidth)))
    return config.fail("block_ffn_dim_multiplier", "which gives an MLP without a sensible width");
  options.inner = llvm::divideCeil(static_cast<int64_t>(inner), multiple) * multiple;
}

static std::vector<bool> readLayers(Config &config, int64_t count) {
  if (config.has("layer_types")) {
    config.ignore({"full_attn_idxs"});
    return readLayerTypes(config, count, "conv");
  }
  if (!config.has("full_attn_idxs"))
    return std::vector<bool>(count, true);
  std::vector<bool> attends(count, false);
  for (int64_t layer : config.getIntOrInts("full_attn_idxs")) {
    if (layer < 0 || layer >= count)
      config.fail("full_attn_idxs", "but must be numbers of layers");
    else
      attends[layer] = true;
  }
  return attends;
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  modernise(config);
  Options options;
  options.llama = readLlamaOptions(model);
  options.llama.headNorms = true;
  adjustInner(config, options.llama);
  options.attends = readLayers(config, options.llama.layers);
  options.convWidth = config.getInt("conv_L_cache", 1, kMaxWidth, 3);
  options.convBias = config.getBool("conv_bias", false);
  for (StringRef key : {"conv_dim", "conv_dim_out", "block_dim"})
    if (config.getInt(key, 1, kMaxWidth, options.llama.hidden) != options.llama.hidden)
      config.fail(key, "but must be hidden_size");
  return options;
}

/// C * conv(B * x), where B, C and x are projections.
static Value shortConv(ModelBuilder &model, Graph &graph, Value x, const std::string &path, const Options &options) {
  int64_t hidden = options.llama.hidden;
  auto projected = [&](StringRef part, int64_t index) {
    Weight weight = model.rows(path + ".in_proj.weight", {3 * hidden, hidden}, part, index * hidden, hidden);
    Weight bias;
    if (options.convBias)
      bias = model.rows(path + ".in_proj.bias", {3 * hidden}, part, index * hidden, hidden);
    return graph.linear(x, weight, bias);
  };
  Value before = projected("b", 0), behind = projected("c", 1), y = projected("x", 2);
  StoredConv taps{path + ".conv", hidden, options.convWidth, options.convBias};
  y = graph.mul(behind, conv(graph, graph.mul(before, y), taps.all(model)));
  Weight bias = options.convBias ? model.vector(path + ".out_proj.bias", hidden) : Weight();
  return graph.linear(y, model.matrix(path + ".out_proj.weight", hidden, hidden), bias);
}

static AttentionWeights getAttentionOf(ModelBuilder &model, const std::string &path, const LlamaOptions &options) {
  const AttentionOptions &sizes = options.attention;
  int64_t queries = sizes.heads * sizes.headDim, keys = sizes.kvHeads * sizes.headDim;
  auto headNorm = [&](StringRef name) {
    return Norm{Norm::Rms, model.vector(path + name.str(), sizes.headDim), {}, options.eps};
  };
  AttentionWeights weights;
  weights.q.weight = model.matrix(path + ".q_proj.weight", queries, options.hidden);
  weights.k.weight = model.matrix(path + ".k_proj.weight", keys, options.hidden);
  weights.v.weight = model.matrix(path + ".v_proj.weight", keys, options.hidden);
  weights.out.weight = model.matrix(path + ".out_proj.weight", options.hidden, queries);
  weights.qNorm = headNorm(".q_layernorm.weight");
  weights.kNorm = headNorm(".k_layernorm.weight");
  return weights;
}

ImportedModule importLfm2(MLIRContext *context, HuggingFaceModel &model) {
  Config &config = model.config;
  Options options = readOptions(model);
  config.checkAllUsed();
  if (llvm::Error error = config.takeError())
    return std::move(error);

  const LlamaOptions &llama = options.llama;
  ModelInfo info = model.info;
  info.context = llama.context;
  info.vocabulary = llama.vocabulary;
  ModelBuilder builder(context, model.weights);
  auto rms = [&](const std::string &name) {
    return Norm{Norm::Rms, builder.vector(name, llama.hidden), {}, llama.eps};
  };
  Decoder decoder;
  decoder.layers = llama.layers;
  decoder.embedding = builder.matrix("model.embed_tokens.weight", llama.vocabulary, llama.hidden);
  decoder.finalNorm = rms("model.embedding_norm.weight");
  decoder.head = getHead(builder, llama.tied, decoder.embedding, "lm_head.weight");
  return buildDecoder(builder, info, decoder, [&](Graph &graph, const LayerInputs &in) {
    std::string path = "model.layers." + std::to_string(in.number);
    Value y = norm(graph, in.x, rms(path + ".operator_norm.weight"));
    y = options.attends[in.number]
            ? attention(graph, y, in.positions, llama.attention, getAttentionOf(builder, path + ".self_attn", llama))
            : shortConv(builder, graph, y, path + ".conv", options);
    Value x = graph.add(in.x, y);
    auto matrix = [&](StringRef name, int64_t outputs, int64_t inputs) {
      return Linear{builder.matrix(path + ".feed_forward." + name.str() + ".weight", outputs, inputs), {}};
    };
    return graph.add(x, gatedMlp(graph, norm(graph, x, rms(path + ".ffn_norm.weight")),
                                 matrix("w1", llama.inner, llama.hidden), matrix("w3", llama.inner, llama.hidden),
                                 matrix("w2", llama.hidden, llama.inner), llama.activation));
  });
}

} // namespace seqc::importer
