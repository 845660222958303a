// gpt_neox: partial rotary positions, layer norms, attention and MLP side by
// side, q, k and v of each head together in one matrix.

#include "../Blocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  int64_t hidden, inner, layers;
  double eps;
  AttentionOptions attention;
  mlir::seq::Activation activation;
  bool attentionBias;
  bool parallel; ///< x + attention(norm1(x)) + mlp(norm2(x))
};

class GPTNeoX {
public:
  GPTNeoX(ModelBuilder &model, const Options &options) : model(model), options(options) {}

  Value layer(Graph &graph, Value x, Value positions, int64_t number);
  Norm getNorm(const std::string &path) {
    return {Norm::Layer, model.vector(path + ".weight", options.hidden), model.vector(path + ".bias", options.hidden),
            options.eps};
  }

private:
  Linear getLinear(const std::string &path, int64_t outputs, int64_t inputs, bool bias) {
    return {model.matrix(path + ".weight", outputs, inputs), bias ? model.vector(path + ".bias", outputs) : Weight()};
  }
  AttentionWeights getAttention(const std::string &path);
  Linear getProjection(const std::string &path, StringRef part, int64_t index);

  ModelBuilder &model;
  const Options &options;
};
} // namespace

/// Rows of every head: part `index` of its [q, k, v].
Linear GPTNeoX::getProjection(const std::string &path, StringRef part, int64_t index) {
  int64_t hidden = options.hidden;
  int64_t heads = options.attention.heads, dim = options.attention.headDim;
  Linear result;
  result.weight =
      model.view(path + ".weight", {3 * hidden, hidden},
                 {part, {hidden, hidden}, index * dim * hidden, {heads, dim, hidden}, {3 * dim * hidden, hidden, 1}});
  if (options.attentionBias)
    result.bias = model.view(path + ".bias", {3 * hidden}, {part, {hidden}, index * dim, {heads, dim}, {3 * dim, 1}});
  return result;
}

AttentionWeights GPTNeoX::getAttention(const std::string &path) {
  AttentionWeights weights;
  weights.q = getProjection(path + ".query_key_value", "q", 0);
  weights.k = getProjection(path + ".query_key_value", "k", 1);
  weights.v = getProjection(path + ".query_key_value", "v", 2);
  weights.out = getLinear(path + ".dense", options.hidden, options.hidden, options.attentionBias);
  // Causal masks and angles that older checkpoints store.
  for (StringRef buffer : {".bias", ".masked_bias", ".rotary_emb.inv_freq"})
    model.weights().ignore(path + buffer.str());
  return weights;
}

Value GPTNeoX::layer(Graph &graph, Value x, Value positions, int64_t number) {
  std::string path = "gpt_neox.layers." + std::to_string(number);
  Value y = norm(graph, x, getNorm(path + ".input_layernorm"));
  Value attended = graph.add(x, attention(graph, y, positions, options.attention, getAttention(path + ".attention")));
  Value z = norm(graph, options.parallel ? x : attended, getNorm(path + ".post_attention_layernorm"));
  return graph.add(attended, mlp(graph, z,
                                 getLinear(path + ".mlp.dense_h_to_4h", options.inner, options.hidden,
                                           /*bias=*/true),
                                 getLinear(path + ".mlp.dense_4h_to_h", options.hidden, options.inner,
                                           /*bias=*/true),
                                 options.activation));
}

/// The older spellings of the rotary options.
static void modernise(Config &config) {
  config.rename("rotary_pct", "partial_rotary_factor");
  config.rename("rotary_emb_base", "rope_theta");
}

static Options readOptions(Config &config, int64_t context) {
  Options options;
  options.hidden = config.getInt("hidden_size", 1, kMaxWidth);
  options.inner = config.getInt("intermediate_size", 1, kMaxWidth);
  options.layers = config.getInt("num_hidden_layers", 1, kMaxLayers);
  options.eps = config.getEps("layer_norm_eps", 1e-5);
  AttentionOptions &attention = options.attention;
  attention.heads = config.getInt("num_attention_heads", 1, kMaxWidth);
  attention.kvHeads = attention.heads;
  if (options.hidden % attention.heads != 0)
    config.fail("num_attention_heads", "but must divide hidden_size");
  attention.headDim = std::max<int64_t>(options.hidden / attention.heads, 1);
  modernise(config);
  attention.rotary = readRotary(config, attention.headDim, context, /*part=*/0.25);
  auto kind = findActivation(config.getString("hidden_act", "gelu"));
  if (!kind)
    config.fail("hidden_act", "an activation that is not supported");
  options.activation = kind.value_or(mlir::seq::Activation::Gelu);
  options.attentionBias = config.getBool("attention_bias", true);
  options.parallel = config.getBool("use_parallel_residual", true);
  config.ignore({"classifier_dropout"});
  config.ignoreBookkeeping();
  return options;
}

ImportedModule importGPTNeoX(MLIRContext *context, HuggingFaceModel &model) {
  Config &config = model.config;
  ModelInfo info = model.info;
  info.context = model.options.maxContext != 0 ? model.options.maxContext
                                               : config.getInt("max_position_embeddings", 1, kMaxContext);
  Options options = readOptions(config, info.context);
  info.vocabulary = config.getInt("vocab_size", 1, kMaxVocabulary);
  bool tied = config.getBool("tie_word_embeddings", false);
  config.checkAllUsed();
  if (llvm::Error error = config.takeError())
    return std::move(error);

  ModelBuilder builder(context, model.weights);
  GPTNeoX neox(builder, options);
  Decoder decoder;
  decoder.layers = options.layers;
  decoder.embedding = builder.matrix("gpt_neox.embed_in.weight", info.vocabulary, options.hidden);
  decoder.finalNorm = neox.getNorm("gpt_neox.final_layer_norm");
  decoder.head = getHead(builder, tied, decoder.embedding, "embed_out.weight");
  return buildDecoder(builder, info, decoder, [&](Graph &graph, Value x, Value positions, int64_t number) {
    return neox.layer(graph, x, positions, number);
  });
}

} // namespace seqc::importer
