// granitemoehybrid: Mamba's second mixer or attention, then a gated MLP for all tokens, in
// larger models beside experts, in every layer. What a block adds to x has a multiplier.

#include "../MambaBlocks.h"
#include "../MoeBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  LlamaOptions llama;
  Mamba2Options mixer;
  std::vector<bool> attends; ///< by layer
  int64_t sharedInner = 0;   ///< of the MLP for all tokens
  int64_t experts = 0;       ///< may be none; their width is that of `llama`
  RouterOptions router;
  double residual = 1; ///< of what a block adds
  double embedding = 1;
  double logits = 1; ///< divides them
};
} // namespace

/// `layer_types`; all layers are recurrent where it is missing.
static std::vector<bool> readLayers(Config &config, int64_t count) {
  config.rename("layers_block_type", "layer_types");
  std::vector<bool> attends(count, false);
  if (!config.has("layer_types"))
    return attends;
  std::vector<std::string> types = config.getStrings("layer_types");
  if (static_cast<int64_t>(types.size()) != count) {
    config.fail("layer_types", "but must name every layer");
    return attends;
  }
  for (auto [i, type] : llvm::enumerate(types)) {
    attends[i] = type == "full_attention" || type == "attention";
    if (!attends[i] && type != "linear_attention" && type != "mamba")
      config.fail("layer_types", "but only mamba and attention are supported");
  }
  return attends;
}

/// Whether attention rotates: it does not know positions otherwise.
static bool readPositions(Config &config) {
  std::string type = config.getString("position_embedding_type", "nope");
  if (type != "nope" && type != "rope")
    config.fail("position_embedding_type", "but only rope and nope are supported");
  return type == "rope";
}

/// Weights are a softmax over the experts that were chosen.
static void readExperts(Config &config, Options &options) {
  options.experts = config.getInt("num_local_experts", 0, kMaxWidth, 8);
  if (options.experts == 0)
    return config.ignore({"num_experts_per_tok"});
  options.router.top = config.getInt("num_experts_per_tok", 1, kMaxWidth, 2);
  options.router.renormalise = true;
  if (std::string wrong = checkRouter(options.router, options.experts); !wrong.empty())
    config.fail("num_experts_per_tok", "but " + wrong);
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  Options options;
  options.llama = readLlamaOptions(model, readPositions(config));
  LlamaOptions &llama = options.llama;
  llama.qkvBias = llama.outputBias = config.getBool("attention_bias", false);
  llama.attention.scale = config.getFloat("attention_multiplier", 1.0);
  options.mixer = readHybridMixer(config, llama, readExpandedWidth(config, llama.hidden));
  options.attends = readLayers(config, llama.layers);
  options.sharedInner = config.getInt("shared_intermediate_size", 1, kMaxWidth, 1024);
  options.residual = config.getFloat("residual_multiplier", 1.0);
  options.embedding = config.getFloat("embedding_multiplier", 1.0);
  options.logits = config.getFloat("logits_scaling", 1.0);
  if (options.logits == 0)
    config.fail("logits_scaling", "but logits are divided by it");
  if (config.getString("normalization_function", "rmsnorm") != "rmsnorm")
    config.fail("normalization_function", "but only rmsnorm is supported");
  readExperts(config, options);
  // How the weights were initialised, and the training of routers.
  config.ignore({"init_method", "output_router_logits", "router_aux_loss_coef"});
  return options;
}

/// A gated MLP whose gate and up lie in one matrix.
static Value sharedMlp(ModelBuilder &model, Graph &graph, Value x, const std::string &path, const Options &options) {
  int64_t hidden = options.llama.hidden, inner = options.sharedInner;
  LinearParts in(model, path + ".input_linear", 2 * inner, hidden);
  Linear gate = in.next("gate", inner), up = in.next("up", inner);
  return gatedMlp(graph, x, gate, up, getLinear(model, path + ".output_linear", hidden, inner),
                  options.llama.activation);
}

/// Each expert's gate and up lie in one matrix.
static Value expertMlp(ModelBuilder &model, Graph &graph, Value x, const std::string &path, const Options &options) {
  int64_t count = options.experts, hidden = options.llama.hidden, inner = options.llama.inner;
  auto part = [&](StringRef name, int64_t first) {
    return rowsOfStack(model, path + ".input_linear.weight", name, {count, 2 * inner, hidden}, first, inner);
  };
  Mixture mixture;
  mixture.router = options.router;
  mixture.routerLayer = getLinear(model, path + ".router.layer", count, hidden);
  mixture.activation = options.llama.activation;
  mixture.experts.gate = part("gate", 0);
  mixture.experts.up = part("up", inner);
  mixture.experts.down = model.stacked(path + ".output_linear.weight", count, hidden, inner);
  return mixtureOfExperts(graph, x, mixture);
}

static Value buildLayer(ModelBuilder &model, Graph &graph, const LayerInputs &in, const Options &options) {
  const LlamaOptions &llama = options.llama;
  std::string path = "model.layers." + std::to_string(in.number);
  auto rms = [&](const std::string &name) {
    return Norm{Norm::Rms, model.vector(path + name + ".weight", llama.hidden), {}, llama.eps};
  };
  Value y = norm(graph, in.x, rms(".input_layernorm"));
  y = options.attends[in.number]
          ? attention(graph, y, in.positions, llama.attention, getAttention(model, path + ".self_attn", llama))
          : mamba2(model, graph, y, path + ".mamba", options.mixer);
  Value x = graph.add(in.x, graph.scale(y, options.residual));
  Value normed = norm(graph, x, rms(".post_attention_layernorm"));
  y = sharedMlp(model, graph, normed, path + ".shared_mlp", options);
  if (options.experts != 0)
    y = graph.add(expertMlp(model, graph, normed, path + ".block_sparse_moe", options), y);
  return graph.add(x, graph.scale(y, options.residual));
}

ImportedModule importGraniteMoeHybrid(MLIRContext *context, HuggingFaceModel &model) {
  Options options = readOptions(model);
  return finishDecoder(
      context, model, options.llama, {},
      [&](ModelBuilder &builder, Graph &graph, const LayerInputs &in) {
        return buildLayer(builder, graph, in, options);
      },
      [&](Decoder &decoder) {
        decoder.embeddingScale = options.embedding;
        decoder.logitScale = 1 / options.logits;
      });
}

} // namespace seqc::importer
