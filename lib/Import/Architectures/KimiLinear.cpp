// kimi_linear: Kimi delta attention, which is the gated delta rule with a decay of every
// channel, among it layers of multi-head latent attention without positions; every layer
// has a gated MLP or a mixture of them. Kimi Team 2025.

#include "../DeltaBlocks.h"
#include "../LatentAttention.h"
#include "../LlamaLike.h"
#include "../MoeBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  LlamaOptions llama;
  DeltaOptions delta;
  LatentAttentionOptions latent;
  std::vector<bool> attends; ///< by layer
  std::vector<bool> sparse;  ///< by layer: a mixture of experts
  int64_t experts = 0;
  int64_t expertInner = 0; ///< width of an expert
  int64_t sharedInner = 0; ///< of the expert that every token goes through; 0: there is none
  RouterOptions router;
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
  Value mlp(Graph &graph, Value x, const std::string &path);
  Value mixture(Graph &graph, Value x, const std::string &path);

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

Value KimiLinear::mlp(Graph &graph, Value x, const std::string &path) {
  const LlamaOptions &llama = options.llama;
  return gatedMlp(graph, x, getLinear(path + ".gate_proj", llama.inner, llama.hidden),
                  getLinear(path + ".up_proj", llama.inner, llama.hidden),
                  getLinear(path + ".down_proj", llama.hidden, llama.inner), llama.activation);
}

Value KimiLinear::mixture(Graph &graph, Value x, const std::string &path) {
  int64_t hidden = options.llama.hidden, inner = options.sharedInner;
  Mixture mixture;
  mixture.router = options.router;
  mixture.routerLayer = getLinear(path + ".gate", options.experts, hidden);
  mixture.selectionBias = model.vector(path + ".gate.e_score_correction_bias", options.experts);
  mixture.activation = options.llama.activation;
  mixture.experts =
      stackExperts(model, path + ".experts", {"w1", "w3", "w2"}, options.experts, hidden, options.expertInner);
  if (inner != 0) {
    std::string shared = path + ".shared_experts";
    mixture.shared.gate = getLinear(shared + ".gate_proj", inner, hidden);
    mixture.shared.up = getLinear(shared + ".up_proj", inner, hidden);
    mixture.shared.down = getLinear(shared + ".down_proj", hidden, inner).weight;
  }
  return mixtureOfExperts(graph, x, mixture);
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
  y = options.sparse[in.number] ? mixture(graph, y, path + ".block_sparse_moe") : mlp(graph, y, path + ".mlp");
  return graph.add(x, y);
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

static void readExperts(Config &config, Options &options) {
  static constexpr StringLiteral kKeys[] = {
      "moe_intermediate_size", "moe_renormalize",       "moe_router_activation_func",
      "num_expert_group",      "num_experts",           "num_experts_per_token",
      "num_shared_experts",    "routed_scaling_factor", "topk_group",
      "use_grouped_topk"};
  for (StringRef key : kKeys)
    config.ignore({key});
  if (!llvm::is_contained(options.sparse, true))
    return;
  options.experts = config.getInt("num_experts", 1, kMaxWidth);
  options.expertInner = config.getInt("moe_intermediate_size", 1, kMaxWidth);
  options.sharedInner = config.getInt("num_shared_experts", 0, kMaxLayers, 1) * options.expertInner;
  RouterOptions &router = options.router;
  router.scores = mlir::seq::Scores::Sigmoid;
  if (config.getString("moe_router_activation_func", "sigmoid") != "sigmoid")
    config.fail("moe_router_activation_func", "which is not supported; only \"sigmoid\" is");
  router.top = config.getInt("num_experts_per_token", 1, kMaxWidth);
  router.renormalise = config.getBool("moe_renormalize", true);
  router.eps = router.renormalise ? 1e-20 : 0;
  router.scale = config.getFloat("routed_scaling_factor");
  router.groups = config.getInt("num_expert_group", 1, kMaxWidth, 1);
  router.keptGroups = config.getInt("topk_group", 1, kMaxWidth, 1);
  // A group is as good as its best two experts.
  router.groupTop = router.groups == 1 ? 1 : 2;
  if (!config.getBool("use_grouped_topk", true) && router.groups != 1)
    config.fail("use_grouped_topk", "but num_expert_group is not 1");
  if (std::string wrong = checkRouter(router, options.experts); !wrong.empty())
    config.fail("num_experts", "but " + wrong);
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  config.rename("model_max_length", "max_position_embeddings");
  Options options;
  options.llama = readLlamaSizes(model);
  options.delta = readDelta(config, options.llama);
  options.latent = readLatentAttention(config, options.llama.hidden);
  // There are no positions in any layer.
  config.expectBool("mla_use_nope", true);
  config.ignore({"rope_parameters", "rope_scaling", "rope_theta"});
  options.attends = readLayers(config, options.llama.layers);
  options.sparse = readSparseLayers(config, options.llama.layers);
  readExperts(config, options);
  // Neither kind of layer has heads of this width.
  config.ignore({"head_dim"});
  if (config.getInt("num_nextn_predict_layers", 0, kMaxLayers, 0) != 0)
    config.fail("num_nextn_predict_layers", "but layers that predict further tokens are not supported");
  config.ignore({"output_router_logits", "pretraining_tp"});
  return options;
}

ImportedModule importKimiLinear(MLIRContext *context, HuggingFaceModel &model) {
  Options options = readOptions(model);
  return finishDecoder(context, model, options.llama, {},
                       [&](ModelBuilder &builder, Graph &graph, const LayerInputs &in) {
                         return KimiLinear(builder, options).layer(graph, in);
                       });
}

} // namespace seqc::importer
