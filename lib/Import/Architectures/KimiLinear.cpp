// kimi_linear: Kimi delta attention, which is the gated delta rule with a decay of every
// channel, among it layers of multi-head latent attention without positions; every layer
// has a gated MLP. Kimi Team 2025.

#include "../DeltaBlocks.h"
#include "../LatentAttention.h"
#include "../LlamaLike.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  LlamaOptions llama;
  DeltaOptions delta;
  LatentAttentionOptions latent;
  std::vector<bool> attends; ///< by layer
};

class KimiLinear {
public:
  KimiLinear(ModelBuilder &model, const Options &options) : model(model), options(options) {}

  Value layer(Graph &graph, const LayerInputs &in);
  Norm getNorm(const std::string &path, int64_t size) {
    return {Norm::Rms, model.vector(path + ".weight", size), {}, options.llama.eps};
  }

private:
  Linear getLinear(const std::string &path, int64_t outputs, int64_t inputs) {
    return {model.matrix(path + ".weight", outputs, inputs), {}};
  }
  /// A narrow layer with the width of a head, and one from there to all channels.
  Value lowRank(Graph &graph, Value x, const std::string &path) {
    const DeltaOptions &sizes = options.delta;
    Value y = linear(graph, x, getLinear(path + "_a_proj", sizes.keyDim, sizes.hidden));
    return linear(graph, y, getLinear(path + "_b_proj", sizes.values(), sizes.keyDim));
  }
  Value decay(Graph &graph, Value x, const std::string &path);
  Value delta(Graph &graph, Value x, const std::string &path);

  ModelBuilder &model;
  const Options &options;
};
} // namespace

/// The logarithm of every channel's decay, whose rate A is one number a head.
Value KimiLinear::decay(Graph &graph, Value x, const std::string &path) {
  int64_t heads = options.delta.keyHeads, keyDim = options.delta.keyDim;
  Value a = graph.add(lowRank(graph, x, path + ".f"), graph.use(model.vector(path + ".dt_bias", heads * keyDim)));
  View forChannels{"channels", {heads, keyDim}, 0, {heads, keyDim}, {1, 0}, /*asF32=*/true};
  Weight rate = model.view(path + ".A_log", {1, 1, heads, 1}, forChannels);
  return logDecay(graph, graph.splitHeads(a, heads), graph.use(rate));
}

Value KimiLinear::delta(Graph &graph, Value x, const std::string &path) {
  const DeltaOptions &sizes = options.delta;
  DeltaSequences sequences = getDeltaSequences(model, graph, x, path, sizes);
  Value beta = linear(graph, x, getLinear(path + ".b_proj", sizes.valueHeads, sizes.hidden));
  Value o = gatedDelta(graph, sequences, decay(graph, x, path), graph.activation(beta, mlir::seq::Activation::Sigmoid));
  o = norm(graph, o, getNorm(path + ".o_norm", sizes.valueDim));
  Value y = graph.glu(lowRank(graph, x, path + ".g"), graph.mergeHeads(o), mlir::seq::Activation::Sigmoid);
  return linear(graph, y, getLinear(path + ".o_proj", sizes.hidden, sizes.values()));
}

Value KimiLinear::layer(Graph &graph, const LayerInputs &in) {
  std::string path = "model.layers." + std::to_string(in.number);
  const LlamaOptions &llama = options.llama;
  Value y = norm(graph, in.x, getNorm(path + ".input_layernorm", llama.hidden));
  y = options.attends[in.number]
          ? latentAttention(model, graph, y, /*positions=*/{}, path + ".self_attn", options.latent)
          : delta(graph, y, path + ".self_attn");
  Value x = graph.add(in.x, y);
  y = norm(graph, x, getNorm(path + ".post_attention_layernorm", llama.hidden));
  return graph.add(x, gatedMlp(graph, y, getLinear(path + ".mlp.gate_proj", llama.inner, llama.hidden),
                               getLinear(path + ".mlp.up_proj", llama.inner, llama.hidden),
                               getLinear(path + ".mlp.down_proj", llama.hidden, llama.inner), llama.activation));
}

/// The layers that a list in linear_attn_config names, which counts from 1.
static std::vector<bool> readNumbers(Config &config, StringRef key, int64_t layers) {
  std::vector<bool> named(layers, false);
  for (int64_t number : config.getIntOrInts(key)) {
    if (number < 1 || number > layers || named[number - 1])
      config.fail(key, "but must be numbers of layers, from 1 on, each once");
    else
      named[number - 1] = true;
  }
  return named;
}

/// layer_types, or the lists of published configurations.
static std::vector<bool> readLayers(Config &config, int64_t layers) {
  Config *linear = config.getObject("linear_attn_config");
  if (!linear || config.has("layer_types")) {
    if (linear)
      linear->ignore({"full_attn_layers", "kda_layers"});
    return readLayerTypes(config, layers, "linear_attention");
  }
  std::vector<bool> attends = readNumbers(*linear, "full_attn_layers", layers);
  std::vector<bool> recurs = readNumbers(*linear, "kda_layers", layers);
  recurs.flip();
  if (attends != recurs)
    linear->fail("kda_layers", "but it and full_attn_layers must name every layer once");
  return attends;
}

static DeltaOptions readDelta(Config &config, const LlamaOptions &llama) {
  DeltaOptions delta;
  delta.hidden = llama.hidden;
  Config *inner = config.getObject("linear_attn_config");
  auto read = [&](StringRef published, StringRef own, int64_t absent) {
    int64_t size = config.getInt(own, 1, kMaxWidth, absent);
    return inner ? inner->getInt(published, 1, kMaxWidth, size) : size;
  };
  delta.keyHeads = delta.valueHeads = read("num_heads", "linear_num_heads", 32);
  delta.keyDim = delta.valueDim = read("head_dim", "linear_head_dim", 128);
  delta.convWidth = read("short_conv_kernel_size", "linear_conv_kernel_dim", 4);
  delta.activation = llama.activation;
  return delta;
}

static LatentAttentionOptions readLatent(Config &config, const LlamaOptions &llama) {
  LatentAttentionOptions latent;
  latent.hidden = llama.hidden;
  latent.heads = config.getInt("num_attention_heads", 1, kMaxWidth);
  if (config.getInt("num_key_value_heads", 1, kMaxWidth, latent.heads) != latent.heads)
    config.fail("num_key_value_heads", "but must be num_attention_heads: each head has keys of its own");
  latent.keyDim = config.getInt("qk_nope_head_dim", 1, kMaxWidth);
  latent.sharedDim = config.getInt("qk_rope_head_dim", 1, kMaxWidth);
  latent.valueDim = config.getInt("v_head_dim", 1, kMaxWidth);
  latent.keyRank = config.getInt("kv_lora_rank", 1, kMaxWidth);
  latent.queryRank = config.getInt("q_lora_rank", 1, kMaxWidth, 0);
  latent.bias = config.getBool("attention_bias", false);
  if (int64_t width = latent.keyDim + latent.sharedDim; config.getInt("qk_head_dim", 1, 2 * kMaxWidth, width) != width)
    config.fail("qk_head_dim", "but must be qk_nope_head_dim and qk_rope_head_dim together");
  // There are no positions in any layer.
  config.expectBool("mla_use_nope", true);
  config.ignore({"rope_parameters", "rope_scaling", "rope_theta"});
  return latent;
}

/// Which layers have a mixture of experts in place of the MLP: mlp_layer_types, or those from
/// first_k_dense_replace on whose number moe_layer_freq divides.
static std::vector<bool> readSparseLayers(Config &config, int64_t layers) {
  int64_t first = config.getInt("first_k_dense_replace", 0, kMaxLayers, 1);
  int64_t period = config.getInt("moe_layer_freq", 1, kMaxLayers, 1);
  std::vector<bool> sparse(layers, false);
  if (!config.has("mlp_layer_types")) {
    for (int64_t i = first; i < layers; ++i)
      sparse[i] = i % period == 0;
    return sparse;
  }
  std::vector<std::string> types = config.getStrings("mlp_layer_types");
  if (static_cast<int64_t>(types.size()) != layers) {
    config.fail("mlp_layer_types", "but must name every layer");
    return sparse;
  }
  for (auto [i, type] : llvm::enumerate(types)) {
    sparse[i] = type == "sparse";
    if (!sparse[i] && type != "dense")
      config.fail("mlp_layer_types", "but only dense and sparse are known");
  }
  return sparse;
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  config.rename("model_max_length", "max_position_embeddings");
  Options options;
  options.llama = readLlamaSizes(model);
  options.delta = readDelta(config, options.llama);
  options.latent = readLatent(config, options.llama);
  options.attends = readLayers(config, options.llama.layers);
  if (llvm::is_contained(readSparseLayers(config, options.llama.layers), true))
    config.fail(config.has("mlp_layer_types") ? "mlp_layer_types" : "num_experts",
                "but mixtures of experts are not supported");
  config.ignore({"moe_intermediate_size", "moe_renormalize", "num_expert_group", "num_experts", "num_experts_per_token",
                 "num_shared_experts", "routed_scaling_factor", "topk_group"});
  // Neither kind of layer has heads of this width.
  config.ignore({"head_dim"});
  config.ignore({"output_router_logits", "pretraining_tp"});
  return options;
}

ImportedModule importKimiLinear(MLIRContext *context, HuggingFaceModel &model) {
  Config &config = model.config;
  Options options = readOptions(model);
  config.checkAllUsed();
  if (llvm::Error error = config.takeError())
    return std::move(error);

  const LlamaOptions &llama = options.llama;
  ModelBuilder builder(context, model.weights);
  KimiLinear kimi(builder, options);
  ModelInfo info = model.info;
  info.context = llama.context;
  info.vocabulary = llama.vocabulary;
  Decoder decoder;
  decoder.layers = llama.layers;
  decoder.rotaryLayers = false;
  decoder.embedding = builder.matrix("model.embed_tokens.weight", llama.vocabulary, llama.hidden);
  decoder.finalNorm = kimi.getNorm("model.norm", llama.hidden);
  decoder.head = getHead(builder, llama.tied, decoder.embedding, "lm_head.weight");
  return buildDecoder(builder, info, decoder,
                      [&](Graph &graph, const LayerInputs &in) { return kimi.layer(graph, in); });
}

} // namespace seqc::importer
