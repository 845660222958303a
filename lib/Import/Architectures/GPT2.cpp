// gpt2: learned positions, layer norms, q, k and v in one matrix, all matrices
// stored as [inputs, outputs].

#include "../Blocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  int64_t hidden, inner, layers, heads, positions;
  double eps;
  mlir::seq::Activation activation;
  bool scaled;        ///< scores are divided by sqrt(head width)
  bool scaledByLayer; ///< and by the number of the layer, from 1
};

class GPT2 {
public:
  GPT2(ModelBuilder &model, const Options &options, std::string prefix)
      : model(model), options(options), prefix(std::move(prefix)) {}

  Value layer(Graph &graph, Value x, int64_t number);
  Norm getNorm(const Twine &name) {
    std::string path = (prefix + name).str();
    return {Norm::Layer, model.vector(path + ".weight", options.hidden), model.vector(path + ".bias", options.hidden),
            options.eps};
  }

private:
  Linear getLinear(const std::string &path, int64_t outputs, int64_t inputs) {
    return {model.transposed(path + ".weight", outputs, inputs), model.vector(path + ".bias", outputs)};
  }
  /// Column block `index` of q | k | v.
  Linear getProjection(const std::string &path, StringRef part, int64_t index) {
    int64_t n = options.hidden;
    return {model.view(path + ".weight", {n, 3 * n}, {part, {n, n}, index * n, {n, n}, {1, 3 * n}}),
            model.rows(path + ".bias", {3 * n}, part, index * n, n)};
  }

  ModelBuilder &model;
  const Options &options;
  std::string prefix;
};
} // namespace

Value GPT2::layer(Graph &graph, Value x, int64_t number) {
  std::string block = "h." + std::to_string(number);
  std::string path = prefix + block;
  int64_t hidden = options.hidden;
  AttentionOptions sizes;
  sizes.heads = sizes.kvHeads = options.heads;
  sizes.headDim = hidden / options.heads;
  double scale = options.scaled ? 1.0 / std::sqrt(sizes.headDim) : 1.0;
  if (!options.scaled || options.scaledByLayer)
    sizes.scale = scale / (options.scaledByLayer ? number + 1 : 1);
  AttentionWeights weights;
  weights.q = getProjection(path + ".attn.c_attn", "q", 0);
  weights.k = getProjection(path + ".attn.c_attn", "k", 1);
  weights.v = getProjection(path + ".attn.c_attn", "v", 2);
  weights.out = getLinear(path + ".attn.c_proj", hidden, hidden);
  // Causal masks that older checkpoints store.
  model.weights().ignore(path + ".attn.bias");
  model.weights().ignore(path + ".attn.masked_bias");

  Value y = norm(graph, x, getNorm(block + ".ln_1"));
  x = graph.add(x, attention(graph, y, Value(), sizes, weights));
  y = norm(graph, x, getNorm(block + ".ln_2"));
  return graph.add(x, mlp(graph, y, getLinear(path + ".mlp.c_fc", options.inner, hidden),
                          getLinear(path + ".mlp.c_proj", hidden, options.inner), options.activation));
}

static Options readOptions(Config &config) {
  Options options;
  options.hidden = config.getInt("n_embd", 1, kMaxWidth);
  options.inner = config.getInt("n_inner", 1, kMaxWidth, 4 * options.hidden);
  options.layers = config.getInt("n_layer", 1, kMaxLayers);
  options.heads = config.getInt("n_head", 1, kMaxWidth);
  if (options.hidden % options.heads != 0)
    config.fail("n_head", "but must divide n_embd");
  options.positions = config.getInt("n_positions", 1, kMaxContext);
  options.eps = config.getEps("layer_norm_epsilon", 1e-5);
  auto kind = findActivation(config.getString("activation_function", "gelu_new"));
  if (!kind)
    config.fail("activation_function", "an activation that is not supported");
  options.activation = kind.value_or(mlir::seq::Activation::GeluTanh);
  options.scaled = config.getBool("scale_attn_weights", true);
  options.scaledByLayer = config.getBool("scale_attn_by_inverse_layer_idx", false);
  // The order of f32 operations, training, classification heads; n_ctx repeats
  // n_positions.
  config.ignore({"reorder_and_upcast_attn", "n_ctx", "summary_activation", "summary_first_dropout",
                 "summary_proj_to_labels", "summary_type", "summary_use_proj"});
  config.ignoreBookkeeping();
  return options;
}

ImportedModule importGPT2(MLIRContext *context, HuggingFaceModel &model) {
  Config &config = model.config;
  Options options = readOptions(config);
  ModelInfo info = model.info;
  info.vocabulary = config.getInt("vocab_size", 1, kMaxVocabulary);
  info.context = model.options.maxContext != 0 ? model.options.maxContext : options.positions;
  if (info.context > options.positions)
    config.fail("n_positions", "so the context can not be longer");
  bool tied = config.getBool("tie_word_embeddings", true);
  config.checkAllUsed();
  if (llvm::Error error = config.takeError())
    return std::move(error);

  // Some checkpoints were saved without the language model around them.
  std::string prefix = model.weights.find("wte.weight") ? "" : "transformer.";
  ModelBuilder builder(context, model.weights);
  GPT2 gpt2(builder, options, prefix);
  Decoder decoder;
  decoder.layers = options.layers;
  decoder.rotaryLayers = false;
  decoder.embedding = builder.matrix(prefix + "wte.weight", info.vocabulary, options.hidden);
  decoder.positionTable = builder.matrix(prefix + "wpe.weight", options.positions, options.hidden);
  decoder.finalNorm = gpt2.getNorm("ln_f");
  decoder.head = getHead(builder, tied, decoder.embedding, "lm_head.weight");
  return buildDecoder(builder, info, decoder,
                      [&](Graph &graph, Value x, Value, int64_t number) { return gpt2.layer(graph, x, number); });
}

} // namespace seqc::importer
