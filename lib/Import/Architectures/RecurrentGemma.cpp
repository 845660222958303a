// recurrent_gemma: blocks of a gated linear recurrence (RG-LRU) behind a short convolution,
// among them blocks of attention over a window; every layer has a gated MLP. De et al. 2024
// (Griffin), section 2.
//
// The gates of the recurrence are linear layers of each head alone, so a head is written as
// a recurrence of its own: its rows of the projections in, its columns of the one out.

#include "../LlamaLike.h"
#include "../MambaBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  LlamaOptions llama;
  std::vector<bool> attends; ///< by layer
  int64_t width;             ///< of the recurrence
  int64_t convWidth;

  int64_t headWidth() const { return width / llama.attention.heads; }
};

class RecurrentGemma {
public:
  RecurrentGemma(ModelBuilder &model, const Options &options) : model(model), options(options) {}

  Value layer(Graph &graph, const LayerInputs &in);
  Value isLater(Graph &graph, Value x);
  Norm getNorm(const std::string &path) {
    return {Norm::Rms, model.vector(path + ".weight", options.llama.hidden), {}, options.llama.eps, 1.0};
  }

private:
  Linear getLinear(const std::string &path, int64_t outputs, int64_t inputs, bool bias = true) {
    return {model.matrix(path + ".weight", outputs, inputs), bias ? model.vector(path + ".bias", outputs) : Weight()};
  }
  Value fromHead(Graph &graph, Value x, const std::string &path, int64_t head);
  Value gate(Graph &graph, Value x, const std::string &path, int64_t head);
  Value recurrence(Graph &graph, Value x, Value later, const std::string &path, int64_t head);
  Value recurrentBlock(Graph &graph, Value x, Value later, const std::string &path);
  Value attentionBlock(Graph &graph, Value x, Value positions, const std::string &path);

  ModelBuilder &model;
  const Options &options;
};
} // namespace

/// 0 for the first token of a sequence, 1 for all others, for every channel of a head.
Value RecurrentGemma::isLater(Graph &graph, Value x) {
  return graph.tokenShift(graph.perToken(graph.constant(options.headWidth(), 1.0), x));
}

/// A head's rows of a projection.
Value RecurrentGemma::fromHead(Graph &graph, Value x, const std::string &path, int64_t head) {
  int64_t width = options.width, count = options.headWidth();
  std::string suffix = "head" + std::to_string(head);
  return graph.linear(x, model.rows(path + ".weight", {width, options.llama.hidden}, suffix, head * count, count),
                      model.rows(path + ".bias", {width}, suffix, head * count, count));
}

/// sigmoid(x W + b) with a head's [inputs, outputs] of W.
Value RecurrentGemma::gate(Graph &graph, Value x, const std::string &path, int64_t head) {
  int64_t heads = options.llama.attention.heads, n = options.headWidth();
  std::string suffix = "head" + std::to_string(head);
  View weight{suffix, {n, n}, head * n * n, {n, n}, {1, n}};
  View bias{suffix, {n}, head * n, {n}, {1}};
  Value y = graph.linear(x, model.view(path + "_weight", {heads, n, n}, weight),
                         model.view(path + "_bias", {heads, n}, bias));
  return graph.activation(y, mlir::seq::Activation::Sigmoid);
}

/// h_t = a_t h_{t-1} + sqrt(1 - a_t^2) (gate x)_t with log a = -8 gate softplus(param); the
/// first token's root is 1.
Value RecurrentGemma::recurrence(Graph &graph, Value x, Value later, const std::string &path, int64_t head) {
  int64_t n = options.headWidth();
  OpBuilder &ops = graph.ops();
  Value input = gate(graph, x, path + ".input_gate", head), forget = gate(graph, x, path + ".recurrent_gate", head);
  Value rate =
      graph.use(model.rows(path + ".recurrent_param", {options.width}, "head" + std::to_string(head), head * n, n));
  Value g = graph.mul(graph.scale(forget, -8), graph.activation(rate, mlir::seq::Activation::Softplus));
  // 1 - a^2 = -expm1(2 g) keeps its digits where a is near 1.
  Value rest = graph.scale(math::ExpM1Op::create(ops, graph.loc(), graph.scale(g, 2)), -1);
  Value root = math::SqrtOp::create(ops, graph.loc(), rest);
  Value one = graph.constant(n, 1.0);
  root = graph.add(graph.mul(later, graph.sub(root, one)), one);
  return mlir::seq::ScanOp::create(ops, graph.loc(), graph.mul(graph.mul(x, input), root), g).getH();
}

Value RecurrentGemma::recurrentBlock(Graph &graph, Value x, Value later, const std::string &path) {
  const LlamaOptions &llama = options.llama;
  int64_t width = options.width, n = options.headWidth();
  StoredConv taps{path + ".conv_1d", width, options.convWidth, /*bias=*/true};
  Value sum;
  for (int64_t head = 0; head < llama.attention.heads; ++head) {
    std::string suffix = "head" + std::to_string(head);
    Value h = conv(graph, fromHead(graph, x, path + ".linear_x", head), taps.part(model, suffix, head * n, n));
    h = recurrence(graph, h, later, path + ".rg_lru", head);
    Value y = graph.glu(fromHead(graph, x, path + ".linear_y", head), h, llama.activation);
    View columns{suffix, {llama.hidden, n}, head * n, {llama.hidden, n}, {width, 1}};
    Weight bias = head == 0 ? model.vector(path + ".linear_out.bias", llama.hidden) : Weight();
    y = graph.linear(y, model.view(path + ".linear_out.weight", {llama.hidden, width}, columns), bias);
    sum = sum ? graph.add(sum, y) : y;
  }
  return sum;
}

Value RecurrentGemma::attentionBlock(Graph &graph, Value x, Value positions, const std::string &path) {
  const LlamaOptions &llama = options.llama;
  const AttentionOptions &sizes = llama.attention;
  int64_t queries = sizes.heads * sizes.headDim, keys = sizes.kvHeads * sizes.headDim;
  AttentionWeights weights;
  weights.q = getLinear(path + ".q_proj", queries, llama.hidden, llama.qkvBias);
  weights.k = getLinear(path + ".k_proj", keys, llama.hidden, llama.qkvBias);
  weights.v = getLinear(path + ".v_proj", keys, llama.hidden, llama.qkvBias);
  weights.out = getLinear(path + ".o_proj", llama.hidden, queries);
  return attention(graph, x, positions, sizes, weights);
}

Value RecurrentGemma::layer(Graph &graph, const LayerInputs &in) {
  std::string path = "model.layers." + std::to_string(in.number);
  std::string block = path + ".temporal_block";
  Value y = norm(graph, in.x, getNorm(path + ".temporal_pre_norm"));
  y = options.attends[in.number] ? attentionBlock(graph, y, in.positions, block)
                                 : recurrentBlock(graph, y, in.shared[0], block);
  Value x = graph.add(in.x, y);
  int64_t hidden = options.llama.hidden, inner = options.llama.inner;
  return graph.add(x, gatedMlp(graph, norm(graph, x, getNorm(path + ".channel_pre_norm")),
                               getLinear(path + ".mlp_block.gate_proj", inner, hidden),
                               getLinear(path + ".mlp_block.up_proj", inner, hidden),
                               getLinear(path + ".mlp_block.down_proj", hidden, inner), options.llama.activation));
}

/// `block_types` repeats over the layers.
static std::vector<bool> readLayers(Config &config, int64_t count) {
  std::vector<std::string> types = {"recurrent", "recurrent", "attention"};
  config.rename("_block_types", "block_types");
  if (config.has("block_types"))
    types = config.getStrings("block_types");
  if (types.empty())
    config.fail("block_types", "but must name a kind of layers");
  std::vector<bool> attends(count, false);
  for (auto [i, type] : llvm::enumerate(types)) {
    if (type != "attention" && type != "recurrent")
      config.fail("block_types", "but only recurrent and attention are supported");
    for (size_t layer = i; layer < attends.size(); layer += types.size())
      attends[layer] = type == "attention";
  }
  return attends;
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  // Texts in training were so long; no configuration says so.
  config.setDefault("max_position_embeddings", 8192);
  config.setDefault("partial_rotary_factor", 0.5);
  config.setDefault("tie_word_embeddings", true);
  config.rename("hidden_activation", "hidden_act");
  config.setDefault("hidden_act", "gelu_pytorch_tanh");
  Options options;
  options.llama = readLlamaOptions(model);
  LlamaOptions &llama = options.llama;
  // The option counts gate and up together.
  if (llama.inner % 2 != 0)
    config.fail("intermediate_size", "but must be even");
  llama.inner = std::max<int64_t>(llama.inner / 2, 1);
  llama.qkvBias = config.getBool("attention_bias", false);
  llama.attention.window = config.getInt("attention_window_size", 1, kMaxContext, 2048);
  options.attends = readLayers(config, llama.layers);
  options.width = config.getInt("lru_width", 1, kMaxWidth, llama.hidden);
  if (options.width % llama.attention.heads != 0)
    config.fail("lru_width", "but num_attention_heads must divide it");
  options.convWidth = config.getInt("conv1d_width", 1, kMaxWidth, 4);
  config.expectBool("embeddings_scale_by_sqrt_dim", true);
  // How the weights were initialised.
  config.ignore({"w_init_variance_scale", "final_w_init_variance_scale"});
  return options;
}

/// sqrt(width) as the library rounds it, to bfloat16.
static double getEmbeddingScale(int64_t width) {
  llvm::APFloat scale(std::sqrt(static_cast<double>(width)));
  bool losesInfo;
  scale.convert(llvm::APFloat::BFloat(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return scale.convertToDouble();
}

ImportedModule importRecurrentGemma(MLIRContext *context, HuggingFaceModel &model) {
  Config &config = model.config;
  Options options = readOptions(model);
  double cap = config.getFloat("logits_soft_cap", 30.0);
  config.checkAllUsed();
  if (llvm::Error error = config.takeError())
    return std::move(error);

  ModelBuilder builder(context, model.weights);
  RecurrentGemma gemma(builder, options);
  ModelInfo info = model.info;
  info.context = options.llama.context;
  info.vocabulary = options.llama.vocabulary;
  Decoder decoder;
  decoder.layers = options.llama.layers;
  decoder.embedding = builder.matrix("model.embed_tokens.weight", info.vocabulary, options.llama.hidden);
  decoder.embeddingScale = getEmbeddingScale(options.llama.hidden);
  decoder.finalNorm = gemma.getNorm("model.final_norm");
  decoder.head = getHead(builder, options.llama.tied, decoder.embedding, "lm_head.weight");
  decoder.logitCap = cap;
  decoder.shared = [&](Graph &graph, Value x) { return SmallVector<Value>{gemma.isLater(graph, x)}; };
  return buildDecoder(builder, info, decoder,
                      [&](Graph &graph, const LayerInputs &in) { return gemma.layer(graph, in); });
}

} // namespace seqc::importer
