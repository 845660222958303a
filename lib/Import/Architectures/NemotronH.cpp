// nemotron_h: one block a layer, each behind a norm: Mamba's second mixer, attention
// without positions, an MLP without a gate, or experts, which are such MLPs.

#include "../MambaBlocks.h"
#include "../MoeBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
enum class Kind { Mixer, Attention, Mlp, Experts };

struct ExpertOptions {
  int64_t count = 0;
  int64_t inner = 0;
  int64_t sharedInner = 0; ///< of the expert that every token goes to
  int64_t latent = 0;      ///< width of what the others see of x; 0 where that is x itself
  RouterOptions router;
};

struct Options {
  LlamaOptions llama;
  Mamba2Options mixer;
  ExpertOptions experts;
  std::vector<Kind> layers;
};
} // namespace

/// Names of earlier files.
static void modernise(Config &config) {
  config.rename("attention_head_dim", "head_dim");
  config.rename("layer_types", "layers_block_type");
  config.rename("mamba_conv_bias", "use_conv_bias");
  config.rename("mamba_d_conv", "conv_kernel");
  config.rename("mamba_dt_min", "time_step_min");
  config.rename("mamba_n_groups", "n_groups");
  // What the options of all models are called.
  config.setDefault("head_dim", 128);
  config.setDefault("layer_norm_epsilon", 1e-5);
  config.rename("layer_norm_epsilon", "rms_norm_eps");
  config.setDefault("mlp_hidden_act", "relu2");
  config.rename("mlp_hidden_act", "hidden_act");
}

static std::optional<Kind> findKind(StringRef name) {
  return llvm::StringSwitch<std::optional<Kind>>(name)
      .Cases({"linear_attention", "mamba", "M"}, Kind::Mixer)
      .Cases({"full_attention", "attention", "*"}, Kind::Attention)
      .Cases({"mlp", "-"}, Kind::Mlp)
      .Cases({"moe", "E"}, Kind::Experts)
      .Default(std::nullopt);
}

/// Their names in layers_block_type, or their letters in hybrid_override_pattern.
static std::vector<Kind> readLayers(Config &config) {
  StringRef key = "layers_block_type";
  std::vector<std::string> names;
  if (config.has(key)) {
    names = config.getStrings(key);
    config.ignore({"hybrid_override_pattern"});
  } else {
    key = "hybrid_override_pattern";
    for (char letter : config.getString(key))
      names.push_back(std::string(1, letter));
  }
  std::vector<Kind> layers;
  for (const std::string &name : names) {
    std::optional<Kind> kind = findKind(name);
    if (!kind)
      config.fail(key, "but only linear_attention (M), full_attention (*), mlp (-) and moe (E) are supported");
    layers.push_back(kind.value_or(Kind::Mlp));
  }
  auto count = static_cast<int64_t>(layers.size());
  config.setDefault("num_hidden_layers", std::max<int64_t>(count, 1));
  if (config.getInt("num_hidden_layers", 1, kMaxLayers) != count)
    config.fail("num_hidden_layers", "but " + key + " names " + Twine(count));
  return layers;
}

static constexpr MixerKeys kKeys{"mamba_num_heads", "mamba_head_dim", "n_groups", "ssm_state_size",
                                 "conv_kernel",     "use_conv_bias",  "use_bias"};

static Mamba2Options readMixer(Config &config, const LlamaOptions &llama) {
  Mamba2Options defaults;
  defaults.hidden = llama.hidden;
  defaults.normEps = llama.eps;
  defaults.heads = 128;
  defaults.headDim = 64;
  defaults.groups = 8;
  defaults.state = 128;
  Mamba2Options options = readMixer(config, kKeys, defaults, /*inner=*/0);
  options.activation = readActivation(config, "mamba_hidden_act");
  options.dtMin = config.getFloat("time_step_min", 0.001);
  // The library's class has no other bound of dt and no other biases, and takes the width
  // from the heads.
  config.ignore({"expand", "mamba_dt_limit", "mamba_expand", "mamba_proj_bias", "time_step_limit"});
  // How the weights were initialised, and how kernels run.
  config.ignore({"chunk_size", "mamba_chunk_size", "mamba_dt_init_floor", "mamba_dt_max", "mamba_ssm_cache_dtype",
                 "rescale_prenorm_residual", "time_step_floor", "time_step_max", "time_step_rank",
                 "use_mamba_kernels"});
  return options;
}

static ExpertOptions readExperts(Config &config) {
  ExpertOptions options;
  options.count = config.getInt("n_routed_experts", 1, kMaxWidth, 8);
  options.inner = config.getInt("moe_intermediate_size", 1, kMaxWidth, 7688);
  options.sharedInner = config.getInt("moe_shared_expert_intermediate_size", 1, kMaxWidth, 7688);
  options.latent = config.getInt("moe_latent_size", 1, kMaxWidth, 0);
  RouterOptions &router = options.router;
  router.scores = mlir::seq::Scores::Sigmoid;
  router.top = config.getInt("num_experts_per_tok", 1, kMaxWidth, 2);
  router.renormalise = config.getBool("norm_topk_prob", true);
  router.eps = 1e-20;
  router.scale = config.getFloat("routed_scaling_factor", 1.0);
  router.groups = config.getInt("n_group", 1, kMaxWidth, 1);
  router.keptGroups = config.getInt("topk_group", 1, kMaxWidth, 1);
  // Where all are one group, nothing judges it.
  router.groupTop = router.groups == 1 ? 1 : 2;
  if (std::string wrong = checkRouter(router, options.count); !wrong.empty())
    config.fail("n_routed_experts", "but " + wrong);
  return options;
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  modernise(config);
  Options options;
  options.layers = readLayers(config);
  options.llama = readLlamaOptions(model, /*rotates=*/false);
  options.llama.mlpBias = config.getBool("mlp_bias", false);
  options.mixer = readMixer(config, options.llama);
  config.expectBool("attention_bias", false);
  // Additions in f32 are all there is here; how many logits the library computes; layers
  // behind the last one that predict further tokens.
  config.ignore({"residual_in_fp32", "num_logits_to_keep", "mtp_hybrid_override_pattern", "mtp_layers_block_type",
                 "num_nextn_predict_layers"});
  // What the library returns; how it runs the shared expert, of which its class has one.
  config.ignore({"output_router_logits", "moe_shared_expert_overlap", "n_shared_experts"});
  if (llvm::is_contained(options.layers, Kind::Experts))
    options.experts = readExperts(config);
  else
    config.ignore({"moe_intermediate_size", "moe_latent_size", "moe_shared_expert_intermediate_size", "n_group",
                   "n_routed_experts", "norm_topk_prob", "num_experts_per_tok", "routed_scaling_factor", "topk_group"});
  return options;
}

static Value buildMlp(ModelBuilder &model, Graph &graph, Value x, const std::string &path, int64_t inner,
                      const LlamaOptions &llama) {
  return mlp(graph, x, getLinear(model, path + ".up_proj", inner, llama.hidden, llama.mlpBias),
             getLinear(model, path + ".down_proj", llama.hidden, inner, llama.mlpBias), llama.activation);
}

/// The chosen experts, between layers that narrow x and widen their sum where there are
/// such, and the shared one.
static Value buildExperts(ModelBuilder &model, Graph &graph, Value x, const std::string &path, const Options &options) {
  const LlamaOptions &llama = options.llama;
  const ExpertOptions &sizes = options.experts;
  Mixture mixture;
  mixture.router = sizes.router;
  mixture.routerLayer = getLinear(model, path + ".gate", sizes.count, llama.hidden);
  mixture.selectionBias = model.vector(path + ".gate.e_score_correction_bias", sizes.count);
  mixture.activation = llama.activation;
  int64_t width = sizes.latent == 0 ? llama.hidden : sizes.latent;
  if (sizes.latent != 0) {
    mixture.narrow = getLinear(model, path + ".fc1_latent_proj", width, llama.hidden, llama.mlpBias);
    mixture.widen = getLinear(model, path + ".fc2_latent_proj", llama.hidden, width, llama.mlpBias);
  }
  mixture.experts =
      stackExperts(model, path + ".experts", {"", "up_proj", "down_proj"}, sizes.count, width, sizes.inner);
  return graph.add(mixtureOfExperts(graph, x, mixture),
                   buildMlp(model, graph, x, path + ".shared_experts", sizes.sharedInner, llama));
}

static Value buildLayer(ModelBuilder &model, Graph &graph, const LayerInputs &in, const Options &options) {
  const LlamaOptions &llama = options.llama;
  std::string path = "backbone.layers." + std::to_string(in.number);
  std::string mixer = path + ".mixer";
  Value y = norm(graph, in.x, {Norm::Rms, model.vector(path + ".norm.weight", llama.hidden), {}, llama.eps});
  switch (options.layers[in.number]) {
  case Kind::Mixer:
    return graph.add(in.x, mamba2(model, graph, y, mixer, options.mixer));
  case Kind::Attention:
    return graph.add(in.x, attention(graph, y, Value(), llama.attention, getAttention(model, mixer, llama)));
  case Kind::Mlp:
    return graph.add(in.x, buildMlp(model, graph, y, mixer, llama.inner, llama));
  case Kind::Experts:
    return graph.add(in.x, buildExperts(model, graph, y, mixer, options));
  }
  llvm_unreachable("all kinds are handled");
}

ImportedModule importNemotronH(MLIRContext *context, HuggingFaceModel &model) {
  Options options = readOptions(model);
  for (const TensorEntry &entry : model.weights.tensors())
    if (StringRef(entry.name).starts_with("mtp."))
      model.weights.ignore(entry.name);
  LlamaNames names{.embedding = "backbone.embeddings.weight", .finalNorm = "backbone.norm_f.weight"};
  return finishDecoder(context, model, options.llama, names,
                       [&](ModelBuilder &builder, Graph &graph, const LayerInputs &in) {
                         return buildLayer(builder, graph, in, options);
                       });
}

} // namespace seqc::importer
