// jamba: the first mixer of Mamba with norms of dt, B and C, among them layers of
// attention without positions; every layer has a gated MLP or a mixture of them. Lieber et
// al. 2024.

#include "../LlamaLike.h"
#include "../MambaBlocks.h"
#include "../MoeBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  LlamaOptions llama;
  MambaOptions mamba;
  std::vector<bool> attends; ///< by layer
  std::vector<bool> sparse;  ///< by layer: a mixture of experts
  int64_t experts;
  RouterOptions router;
};
} // namespace

/// Layers of a kind that recurs: every PREFIX_layer_period-th from PREFIX_layer_offset on.
static std::vector<bool> readPeriodicLayers(Config &config, const std::string &prefix, int64_t count, int64_t period,
                                            int64_t offset) {
  period = config.getInt(prefix + "_layer_period", 1, kMaxLayers, period);
  offset = config.getInt(prefix + "_layer_offset", 0, kMaxLayers, offset);
  if (offset >= period)
    config.fail(prefix + "_layer_offset", "but must be below " + prefix + "_layer_period");
  std::vector<bool> result(count, false);
  for (int64_t i = offset; i < count; i += period)
    result[i] = true;
  return result;
}

static MambaOptions readMamba(Config &config, const LlamaOptions &llama) {
  MambaOptions mamba;
  mamba.hidden = llama.hidden;
  mamba.inner = std::min(config.getInt("mamba_expand", 1, kMaxWidth, 2) * llama.hidden, kMaxWidth);
  mamba.state = config.getInt("mamba_d_state", 1, kMaxWidth, 16);
  mamba.convWidth = config.getInt("mamba_d_conv", 1, kMaxWidth, 4);
  mamba.rank = readTimeStepRank(config, "mamba_dt_rank", llama.hidden);
  mamba.activation = llama.activation;
  mamba.projectionBias = config.getBool("mamba_proj_bias", false);
  mamba.convBias = config.getBool("mamba_conv_bias", true);
  mamba.norms = MambaOptions::Norms::Weighted;
  mamba.normEps = llama.eps;
  config.expectBool("mamba_inner_layernorms", true);
  return mamba;
}

/// A mixture of one expert is an MLP.
static void readExperts(Config &config, Options &options) {
  options.experts = config.getInt("num_experts", 1, kMaxWidth, 16);
  options.router.top = config.getInt("num_experts_per_tok", 1, kMaxWidth, 2);
  options.sparse = readPeriodicLayers(config, "expert", options.llama.layers, 2, 1);
  if (options.experts == 1)
    options.sparse.assign(options.llama.layers, false);
  else if (options.router.top > options.experts)
    config.fail("num_experts_per_tok", "but must not be above num_experts");
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  config.setDefault("max_position_embeddings", 262144);
  Options options;
  options.llama = readLlamaSizes(model);
  readHeads(config, options.llama);
  options.mamba = readMamba(config, options.llama);
  options.attends = readPeriodicLayers(config, "attn", options.llama.layers, 8, 4);
  readExperts(config, options);
  // How the library runs a model.
  config.ignore({"calc_logits_for_entire_prompt", "n_ctx", "num_logits_to_keep", "output_router_logits",
                 "router_aux_loss_coef", "use_associative_scan", "use_mamba_kernels", "use_mambapy"});
  return options;
}

namespace {
class Jamba {
public:
  Jamba(ModelBuilder &model, const Options &options) : model(model), options(options) {}

  Value layer(Graph &graph, const LayerInputs &in);
  Norm getNorm(const std::string &path) {
    return {Norm::Rms, model.vector(path + ".weight", options.llama.hidden), {}, options.llama.eps};
  }

private:
  Linear getLinear(const std::string &path, int64_t outputs, int64_t inputs) {
    return {model.matrix(path + ".weight", outputs, inputs), {}};
  }
  AttentionWeights getAttention(const std::string &path);
  Value feedForward(Graph &graph, Value x, const std::string &path, bool sparse);

  ModelBuilder &model;
  const Options &options;
};
} // namespace

AttentionWeights Jamba::getAttention(const std::string &path) {
  const AttentionOptions &sizes = options.llama.attention;
  int64_t hidden = options.llama.hidden, queries = sizes.heads * sizes.headDim, keys = sizes.kvHeads * sizes.headDim;
  AttentionWeights weights;
  weights.q = getLinear(path + ".q_proj", queries, hidden);
  weights.k = getLinear(path + ".k_proj", keys, hidden);
  weights.v = getLinear(path + ".v_proj", keys, hidden);
  weights.out = getLinear(path + ".o_proj", hidden, queries);
  return weights;
}

Value Jamba::feedForward(Graph &graph, Value x, const std::string &path, bool sparse) {
  const LlamaOptions &llama = options.llama;
  if (!sparse)
    return gatedMlp(graph, x, getLinear(path + ".gate_proj", llama.inner, llama.hidden),
                    getLinear(path + ".up_proj", llama.inner, llama.hidden),
                    getLinear(path + ".down_proj", llama.hidden, llama.inner), llama.activation);
  Mixture mixture;
  mixture.router = options.router;
  mixture.routerLayer = getLinear(path + ".router", options.experts, llama.hidden);
  mixture.activation = llama.activation;
  mixture.experts = stackExperts(model, path + ".experts", {"gate_proj", "up_proj", "down_proj"}, options.experts,
                                 llama.hidden, llama.inner);
  return mixtureOfExperts(graph, x, mixture);
}

Value Jamba::layer(Graph &graph, const LayerInputs &in) {
  std::string path = "model.layers." + std::to_string(in.number);
  const LlamaOptions &llama = options.llama;
  Value y = norm(graph, in.x, getNorm(path + ".input_layernorm"));
  y = options.attends[in.number]
          ? attention(graph, y, /*positions=*/{}, llama.attention, getAttention(path + ".self_attn"))
          : mamba(model, graph, y, path + ".mamba", options.mamba);
  Value x = graph.add(in.x, y);
  y = norm(graph, x, getNorm(path + ".pre_ff_layernorm"));
  return graph.add(x, feedForward(graph, y, path + ".feed_forward", options.sparse[in.number]));
}

ImportedModule importJamba(MLIRContext *context, HuggingFaceModel &model) {
  Options options = readOptions(model);
  return finishDecoder(context, model, options.llama, {.finalNorm = "model.final_layernorm.weight"},
                       [&](ModelBuilder &builder, Graph &graph, const LayerInputs &in) {
                         return Jamba(builder, options).layer(graph, in);
                       });
}

} // namespace seqc::importer
