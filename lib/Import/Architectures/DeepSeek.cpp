// deepseek_v2 and deepseek_v3: multi-head latent attention; the first layers have a gated
// MLP, all others a mixture of experts. DeepSeek-AI 2024.

#include "../LatentAttention.h"
#include "../LlamaLike.h"
#include "../MoeBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  LlamaOptions llama;
  LatentAttentionOptions latent;
  int64_t firstSparse = 0; ///< layers from this one on have experts
  int64_t experts = 0;
  int64_t expertInner = 0; ///< width of an expert
  int64_t sharedInner = 0; ///< of the expert that every token goes through; 0: there is none
  RouterOptions router;
  bool selectionBias = false;
};

class DeepSeek {
public:
  DeepSeek(ModelBuilder &model, const Options &options) : model(model), options(options) {}

  Value layer(Graph &graph, const LayerInputs &in);
  Norm getNorm(const std::string &path) {
    return {Norm::Rms, model.vector(path + ".weight", options.llama.hidden), {}, options.llama.eps};
  }

private:
  Linear getLinear(const std::string &path, int64_t outputs, int64_t inputs) {
    return {model.matrix(path + ".weight", outputs, inputs), {}};
  }
  Value mlp(Graph &graph, Value x, const std::string &path);
  Value mixture(Graph &graph, Value x, const std::string &path);

  ModelBuilder &model;
  const Options &options;
};
} // namespace

Value DeepSeek::mlp(Graph &graph, Value x, const std::string &path) {
  const LlamaOptions &llama = options.llama;
  return gatedMlp(graph, x, getLinear(path + ".gate_proj", llama.inner, llama.hidden),
                  getLinear(path + ".up_proj", llama.inner, llama.hidden),
                  getLinear(path + ".down_proj", llama.hidden, llama.inner), llama.activation);
}

Value DeepSeek::mixture(Graph &graph, Value x, const std::string &path) {
  int64_t hidden = options.llama.hidden, inner = options.sharedInner;
  Mixture mixture;
  mixture.router = options.router;
  mixture.routerLayer = getLinear(path + ".gate", options.experts, hidden);
  if (options.selectionBias)
    mixture.selectionBias = model.vector(path + ".gate.e_score_correction_bias", options.experts);
  mixture.activation = options.llama.activation;
  mixture.experts = stackExperts(model, path + ".experts", {"gate_proj", "up_proj", "down_proj"}, options.experts,
                                 hidden, options.expertInner);
  if (inner != 0) {
    std::string shared = path + ".shared_experts";
    mixture.shared.gate = getLinear(shared + ".gate_proj", inner, hidden);
    mixture.shared.up = getLinear(shared + ".up_proj", inner, hidden);
    mixture.shared.down = getLinear(shared + ".down_proj", hidden, inner).weight;
  }
  return mixtureOfExperts(graph, x, mixture);
}

Value DeepSeek::layer(Graph &graph, const LayerInputs &in) {
  std::string path = "model.layers." + std::to_string(in.number);
  Value y = norm(graph, in.x, getNorm(path + ".input_layernorm"));
  Value x = graph.add(in.x, latentAttention(model, graph, y, in.positions, path + ".self_attn", options.latent));
  y = norm(graph, x, getNorm(path + ".post_attention_layernorm"));
  path += ".mlp";
  return graph.add(x, in.number < options.firstSparse ? mlp(graph, y, path) : mixture(graph, y, path));
}

/// Scores have YaRN's factor for all channels in them, once for q and once for k.
static void readScale(Config &config, LatentAttentionOptions &latent) {
  Config *rope = config.getObject(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
  double allDim = rope ? rope->getFloat("mscale_all_dim", 0.0) : 0.0;
  if (allDim == 0)
    return;
  double factor = yarnMagnitude(rope->getFloat("factor", 1.0), allDim);
  latent.scale = factor * factor / std::sqrt(static_cast<double>(latent.keyDim + latent.sharedDim));
}

static void readExperts(Config &config, Options &options) {
  options.firstSparse = std::min(config.getInt("first_k_dense_replace", 0, kMaxLayers, 0), options.llama.layers);
  for (StringRef key :
       {"moe_intermediate_size", "n_routed_experts", "n_shared_experts", "norm_topk_prob", "num_experts_per_tok",
        "routed_scaling_factor", "n_group", "topk_group", "topk_method", "scoring_func"})
    config.ignore({key});
  if (options.firstSparse == options.llama.layers)
    return;
  if (config.getInt("moe_layer_freq", 1, kMaxLayers, 1) != 1)
    config.fail("moe_layer_freq", "but only 1 is supported");
  options.experts = config.getInt("n_routed_experts", 1, kMaxWidth);
  options.expertInner = config.getInt("moe_intermediate_size", 1, kMaxWidth);
  options.sharedInner = config.getInt("n_shared_experts", 0, kMaxLayers, 0) * options.expertInner;
  options.router.top = config.getInt("num_experts_per_tok", 1, kMaxWidth);
  options.router.scale = config.getFloat("routed_scaling_factor", 1.0);
}

/// Where groups of experts compete, and how a group is judged: by its `best` experts.
static void readGroups(Config &config, Options &options, int64_t best) {
  RouterOptions &router = options.router;
  router.groups = config.getInt("n_group", 1, kMaxWidth, 1);
  router.keptGroups = config.getInt("topk_group", 1, kMaxWidth, 1);
  router.groupTop = router.groups == 1 ? 1 : best;
}

static void readRouter2(Config &config, Options &options) {
  std::string method = config.getString("topk_method", "greedy");
  if (method == "group_limited_greedy")
    readGroups(config, options, 1);
  else if (method != "greedy")
    config.fail("topk_method", "which is not supported; greedy and group_limited_greedy are");
  if (config.getString("scoring_func", "softmax") != "softmax")
    config.fail("scoring_func", "which is not supported; only \"softmax\" is");
  // The library's class ignores the key, the code of the authors does not.
  config.expectBool("norm_topk_prob", false);
}

static void readRouter3(Config &config, Options &options) {
  readGroups(config, options, 2);
  options.router.scores = mlir::seq::Scores::Sigmoid;
  options.router.renormalise = config.getBool("norm_topk_prob", true);
  options.router.eps = options.router.renormalise ? 1e-20 : 0;
  options.selectionBias = true;
  if (config.getString("topk_method", "noaux_tc") != "noaux_tc")
    config.fail("topk_method", "which is not supported; only \"noaux_tc\" is");
  if (config.getString("scoring_func", "sigmoid") != "sigmoid")
    config.fail("scoring_func", "which is not supported; only \"sigmoid\" is");
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  Options options;
  options.llama = readLlamaSizes(model);
  options.latent = readLatentAttention(config, options.llama.hidden);
  options.latent.rotary = readRotary(config, options.latent.sharedDim, options.llama.context);
  readScale(config, options.latent);
  readExperts(config, options);
  // No layer has heads of this width; training, and how the library runs a model.
  config.ignore({"aux_loss_alpha", "ep_size", "head_dim", "output_router_logits", "pretraining_tp", "seq_aux"});
  config.expectBool("mlp_bias", false);
  return options;
}

/// Layers behind the last that predict further tokens; nothing here needs them.
static void ignoreFurtherLayers(HuggingFaceModel &model, int64_t first, int64_t count) {
  for (int64_t i = first; i < first + count; ++i)
    for (const TensorEntry &entry : model.weights.tensors())
      if (StringRef(entry.name).starts_with("model.layers." + std::to_string(i) + "."))
        model.weights.ignore(entry.name);
}

static ImportedModule build(MLIRContext *context, HuggingFaceModel &model, const Options &options) {
  Config &config = model.config;
  int64_t further = config.getInt("num_nextn_predict_layers", 0, 16, 0);
  const LlamaOptions &llama = options.llama;
  if (options.firstSparse < llama.layers)
    if (std::string wrong = checkRouter(options.router, options.experts); !wrong.empty())
      config.fail("n_routed_experts", "but " + wrong);
  ignoreFurtherLayers(model, llama.layers, further);
  auto layer = [&](ModelBuilder &builder, Graph &graph, const LayerInputs &in) {
    return DeepSeek(builder, options).layer(graph, in);
  };
  // Latent attention rotates by options of its own.
  return finishDecoder(context, model, llama, {}, layer, [](Decoder &decoder) { decoder.rotaryLayers = true; });
}

ImportedModule importDeepSeekV2(MLIRContext *context, HuggingFaceModel &model) {
  Options options = readOptions(model);
  options.latent.layout = mlir::seq::RotaryLayout::Interleaved;
  if (options.experts != 0)
    readRouter2(model.config, options);
  return build(context, model, options);
}

ImportedModule importDeepSeekV3(MLIRContext *context, HuggingFaceModel &model) {
  Options options = readOptions(model);
  if (model.config.getBool("rope_interleave", true))
    options.latent.layout = mlir::seq::RotaryLayout::Interleaved;
  if (options.experts != 0)
    readRouter3(model.config, options);
  return build(context, model, options);
}

} // namespace seqc::importer
