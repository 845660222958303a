// minimax: lightning attention (a matrix state with a constant decay), and softmax attention in
// some layers; every layer has experts. The residual is the normed input of a part.

#include "../LlamaLike.h"
#include "../MoeBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {

/// x = keep norm(x) + add f(norm(x))
struct Residual {
  double keep = 1, add = 1;
};

struct Options {
  LlamaOptions llama;
  std::vector<bool> attends; ///< by layer
  Residual attention, lightning, mlp;
  int64_t experts = 0;
  RouterOptions router;
};

class MiniMax {
public:
  MiniMax(ModelBuilder &model, const Options &options)
      : model(model), options(options), hidden(options.llama.hidden),
        width(options.llama.attention.heads * options.llama.attention.headDim) {}

  Norm getNorm(const std::string &path) {
    return {Norm::Rms, model.vector(path + ".weight", hidden), {}, options.llama.eps};
  }

  Value layer(Graph &graph, const LayerInputs &in) {
    std::string path = "model.layers." + std::to_string(in.number);
    bool attends = options.attends[in.number];
    Value x =
        branch(graph, in.x, path + ".input_layernorm", attends ? options.attention : options.lightning, [&](Value y) {
          return attends ? fullAttention(graph, y, in, path + ".self_attn")
                         : lightning(graph, y, in.number, path + ".self_attn");
        });
    return branch(graph, x, path + ".post_attention_layernorm", options.mlp,
                  [&](Value y) { return mixtureOfExperts(graph, y, getMixture(path + ".block_sparse_moe")); });
  }

private:
  Linear getLinear(const std::string &path, int64_t outputs, int64_t inputs) {
    return {model.matrix(path + ".weight", outputs, inputs), {}};
  }

  Value branch(Graph &graph, Value x, const std::string &path, const Residual &residual,
               llvm::function_ref<Value(Value)> body) {
    x = norm(graph, x, getNorm(path));
    return graph.add(graph.scale(x, residual.keep), graph.scale(body(x), residual.add));
  }

  Value fullAttention(Graph &graph, Value x, const LayerInputs &in, const std::string &path) {
    AttentionOptions sizes = options.llama.attention;
    sizes.window = options.llama.windows[in.number];
    int64_t keys = sizes.kvHeads * sizes.headDim;
    AttentionWeights weights;
    weights.q = getLinear(path + ".q_proj", width, hidden);
    weights.k = getLinear(path + ".k_proj", keys, hidden);
    weights.v = getLinear(path + ".v_proj", keys, hidden);
    weights.out = getLinear(path + ".o_proj", hidden, width);
    return attention(graph, x, in.positions, sizes, weights);
  }

  //--- Lightning attention

  Value lightning(Graph &graph, Value x, int64_t number, const std::string &path) {
    int64_t heads = options.llama.attention.heads, dim = options.llama.attention.headDim;
    // qkv_proj holds a query, a key and a value for each head.
    auto project = [&](StringRef part, int64_t index) {
      View view{part, {width, hidden}, index * dim * hidden, {heads, dim, hidden}, {3 * dim * hidden, hidden, 1}};
      Value y = graph.linear(x, model.view(path + ".qkv_proj.weight", {3 * width, hidden}, view));
      return graph.splitHeads(graph.activation(y, options.llama.activation), heads);
    };
    Value q = project("q", 0), k = project("k", 1), v = project("v", 2);
    mlir::seq::StateMixParts parts{.q = q, .k = k, .v = v};
    parts.g = graph.use(logDecays(number, path));
    parts.decay = mlir::seq::Decay::Static;
    Value y = mlir::seq::StateMixOp::create(graph.ops(), graph.loc(), parts).getO();
    // The class's default eps, whatever rms_norm_eps says.
    y = graph.rmsNorm(graph.mergeHeads(y), model.vector(path + ".norm.weight", width), 1e-6);
    Value gate = linear(graph, x, getLinear(path + ".output_gate", width, hidden));
    return linear(graph, graph.glu(gate, y, mlir::seq::Activation::Sigmoid),
                  getLinear(path + ".out_proj", hidden, width));
  }

  /// Decays get weaker from layer to layer. They follow from the options; the tables of them in the
  /// file are the same, rounded.
  Weight logDecays(int64_t number, const std::string &path) {
    for (StringRef table : {".query_decay", ".key_decay", ".diagonal_decay", ".slope_rate"})
      model.weights().ignore(path + table.str());
    auto heads = static_cast<double>(options.llama.attention.heads);
    double last = static_cast<double>(options.llama.layers - 1);
    double factor = 1 - static_cast<double>(number) / (last + 1e-5) + 1e-5;
    SmallVector<float> result;
    for (int64_t h = 1; h <= options.llama.attention.heads; ++h)
      result.push_back(static_cast<float>(-std::pow(2.0, -8 * static_cast<double>(h) / heads) * factor));
    return model.numbers(path + ".log_decay", result);
  }

  //--- Experts

  Mixture getMixture(const std::string &path) {
    Mixture mixture;
    mixture.router = options.router;
    mixture.routerLayer = getLinear(path + ".gate", options.experts, hidden);
    mixture.activation = options.llama.activation;
    mixture.experts =
        stackExperts(model, path + ".experts", {"w1", "w3", "w2"}, options.experts, hidden, options.llama.inner);
    return mixture;
  }

  ModelBuilder &model;
  const Options &options;
  int64_t hidden, width; ///< width: of all heads
};

} // namespace

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static std::vector<bool> readAttention(Config &config, int64_t layers) {
  if (config.has("layer_types"))
    return readLayerTypes(config, layers, "linear_attention");
  std::vector<bool> attends(layers);
  for (int64_t i = 0; i < layers; ++i)
    attends[i] = i % 2 == 0;
  return attends;
}

static Residual readResidual(Config &config, const std::string &prefix) {
  double keep = config.getFloat(prefix + "_alpha_factor", 1.0);
  return {keep, config.getFloat(prefix + "_beta_factor", 1.0)};
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  config.setDefault("rms_norm_eps", 1e-5);
  if (!config.has("rope_parameters"))
    config.setDefault("rope_theta", 1000000.0);
  Options options;
  options.llama = readLlamaOptions(model);
  if (options.llama.attention.rotary.dims != options.llama.attention.headDim)
    config.fail("rope_parameters", "but the whole head rotates in the library's class");
  readUniformWindow(config, options.llama);
  options.attends = readAttention(config, options.llama.layers);
  options.attention = readResidual(config, "full_attn");
  options.lightning = readResidual(config, "linear_attn");
  options.mlp = readResidual(config, "mlp");
  options.experts = config.getInt("num_local_experts", 1, kMaxWidth, 8);
  options.router.top = config.getInt("num_experts_per_tok", 1, kMaxWidth, 2);
  options.router.renormalise = true;
  if (std::string why = checkRouter(options.router, options.experts); !why.empty())
    config.fail("num_experts_per_tok", "but " + why);
  // Tokens of a block in the library's own form of the recurrence; training.
  config.ignore({"block_size", "output_router_logits", "router_aux_loss_coef", "router_jitter_noise"});
  return options;
}

ImportedModule importMiniMax(MLIRContext *context, HuggingFaceModel &model) {
  Options options = readOptions(model);
  model.config.checkAllUsed();
  if (llvm::Error error = model.config.takeError())
    return std::move(error);

  const LlamaOptions &llama = options.llama;
  ModelInfo info = model.info;
  info.context = llama.context;
  info.vocabulary = llama.vocabulary;
  ModelBuilder builder(context, model.weights);
  MiniMax minimax(builder, options);
  Decoder decoder;
  decoder.layers = llama.layers;
  decoder.embedding = builder.matrix("model.embed_tokens.weight", llama.vocabulary, llama.hidden);
  decoder.finalNorm = minimax.getNorm("model.norm");
  decoder.head = getHead(builder, llama.tied, decoder.embedding, "lm_head.weight");
  return buildDecoder(builder, info, decoder,
                      [&](Graph &graph, const LayerInputs &in) { return minimax.layer(graph, in); });
}

} // namespace seqc::importer
