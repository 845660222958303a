#include "LlamaLike.h"

using namespace mlir;

namespace seqc::importer {

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

void readHeads(Config &config, LlamaOptions &options) {
  AttentionOptions &attention = options.attention;
  attention.heads = config.getInt("num_attention_heads", 1, kMaxWidth);
  attention.kvHeads = config.getInt("num_key_value_heads", 1, kMaxWidth, attention.heads);
  if (attention.heads % attention.kvHeads != 0)
    config.fail("num_key_value_heads", "but must divide num_attention_heads");
  if (config.has("head_dim")) {
    attention.headDim = config.getInt("head_dim", 1, kMaxWidth);
    return;
  }
  if (options.hidden % attention.heads != 0)
    config.fail("num_attention_heads", "but must divide hidden_size");
  attention.headDim = std::max<int64_t>(options.hidden / attention.heads, 1);
}

mlir::seq::Activation readActivation(Config &config, StringRef key) {
  std::optional<mlir::seq::Activation> kind = findActivation(config.getString(key, "silu"));
  if (!kind)
    config.fail(key, "an activation that is not supported");
  return kind.value_or(mlir::seq::Activation::Silu);
}

LlamaOptions readLlamaSizes(HuggingFaceModel &model) {
  Config &config = model.config;
  LlamaOptions options;
  options.hidden = config.getInt("hidden_size", 1, kMaxWidth);
  options.inner = config.getInt("intermediate_size", 1, kMaxWidth);
  options.layers = config.getInt("num_hidden_layers", 1, kMaxLayers);
  options.vocabulary = config.getInt("vocab_size", 1, kMaxVocabulary);
  options.eps = config.getEps("rms_norm_eps", 1e-6);
  options.tied = config.getBool("tie_word_embeddings", false);
  options.windows.assign(options.layers, 0);
  options.context = model.options.maxContext != 0 ? model.options.maxContext
                                                  : config.getInt("max_position_embeddings", 1, kMaxContext);
  options.activation = readActivation(config);
  config.ignoreBookkeeping();
  return options;
}

LlamaOptions readLlamaOptions(HuggingFaceModel &model, bool rotates) {
  Config &config = model.config;
  LlamaOptions options = readLlamaSizes(model);
  readHeads(config, options);
  if (rotates)
    options.attention.rotary = readRotary(config, options.attention.headDim, options.context);
  else
    config.ignore(
        {"max_position_embeddings", "partial_rotary_factor", "rope_parameters", "rope_scaling", "rope_theta"});
  return options;
}

void readUniformWindow(Config &config, LlamaOptions &options) {
  int64_t window = config.getInt("sliding_window", 1, kMaxContext, 0);
  options.windows.assign(options.layers, window);
}

void readWindowsByLayer(Config &config, LlamaOptions &options) {
  bool enabled = config.getBool("use_sliding_window", false);
  int64_t window = config.getInt("sliding_window", 1, kMaxContext, 0);
  int64_t first = config.getInt("max_window_layers", 0, kMaxLayers, options.layers);
  if (!enabled)
    window = 0;
  if (!config.has("layer_types")) {
    for (int64_t i = first; i < options.layers; ++i)
      options.windows[i] = window;
    return;
  }
  std::vector<std::string> types = config.getStrings("layer_types");
  if (static_cast<int64_t>(types.size()) != options.layers)
    return config.fail("layer_types", "but must name every layer");
  for (auto [i, type] : llvm::enumerate(types)) {
    if (type == "sliding_attention")
      options.windows[i] = window;
    else if (type != "full_attention")
      config.fail("layer_types", "but only full_attention and "
                                 "sliding_attention are supported");
  }
}

std::vector<bool> readLayerTypes(Config &config, int64_t layers, StringRef other) {
  std::vector<std::string> types = config.getStrings("layer_types");
  std::vector<bool> attends(layers, false);
  if (static_cast<int64_t>(types.size()) != layers) {
    config.fail("layer_types", "but must name every layer");
    return attends;
  }
  for (auto [i, type] : llvm::enumerate(types)) {
    attends[i] = type == "full_attention";
    if (!attends[i] && type != other)
      config.fail("layer_types", "but only full_attention and " + other + " are supported");
  }
  return attends;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

AttentionWeights getAttention(ModelBuilder &model, const std::string &path, const LlamaOptions &options) {
  const AttentionOptions &sizes = options.attention;
  int64_t queries = sizes.heads * sizes.headDim;
  int64_t keys = sizes.kvHeads * sizes.headDim;
  AttentionWeights weights;
  weights.q = getLinear(model, path + ".q_proj", queries, options.hidden, options.qkvBias);
  weights.k = getLinear(model, path + ".k_proj", keys, options.hidden, options.qkvBias);
  weights.v = getLinear(model, path + ".v_proj", keys, options.hidden, options.qkvBias);
  weights.out = getLinear(model, path + ".o_proj", options.hidden, queries, options.outputBias);
  if (options.headNorms) {
    weights.qNorm = {Norm::Rms, model.vector(path + ".q_norm.weight", sizes.headDim), {}, options.eps};
    weights.kNorm = {Norm::Rms, model.vector(path + ".k_norm.weight", sizes.headDim), {}, options.eps};
  }
  return weights;
}

static std::string pathOf(int64_t layer) { return "model.layers." + std::to_string(layer); }

LlamaLayer getLlamaAttention(ModelBuilder &model, const LlamaOptions &options, int64_t number) {
  auto rms = [&](const std::string &name) {
    return Norm{Norm::Rms, model.vector(pathOf(number) + name + ".weight", options.hidden), {}, options.eps};
  };
  LlamaLayer layer;
  layer.attentionNorm = rms(".input_layernorm");
  layer.mlpNorm = rms(".post_attention_layernorm");
  layer.attention = getAttention(model, pathOf(number) + ".self_attn", options);
  return layer;
}

LlamaLayer getLlamaLayer(ModelBuilder &model, const LlamaOptions &options, int64_t number) {
  LlamaLayer layer = getLlamaAttention(model, options, number);
  std::string path = pathOf(number) + ".mlp";
  layer.gate = getLinear(model, path + ".gate_proj", options.inner, options.hidden, options.mlpBias);
  layer.up = getLinear(model, path + ".up_proj", options.inner, options.hidden, options.mlpBias);
  layer.down = getLinear(model, path + ".down_proj", options.hidden, options.inner, options.mlpBias);
  return layer;
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

static Value buildLayer(Graph &graph, Value x, Value positions, const LlamaOptions &options, int64_t number,
                        const LlamaLayer &weights) {
  AttentionOptions attentionOptions = options.attention;
  attentionOptions.window = options.windows[number];
  x = graph.add(
      x, attention(graph, norm(graph, x, weights.attentionNorm), positions, attentionOptions, weights.attention));
  Value y = norm(graph, x, weights.mlpNorm);
  y = weights.mixture ? mixtureOfExperts(graph, y, *weights.mixture)
                      : gatedMlp(graph, y, weights.gate, weights.up, weights.down, options.activation);
  return graph.add(x, y);
}

Decoder getDecoder(ModelBuilder &model, const LlamaOptions &options, const LlamaNames &names, ModelInfo &info) {
  info.context = options.context;
  info.vocabulary = options.vocabulary;
  Decoder decoder;
  decoder.layers = options.layers;
  decoder.embedding = model.matrix(names.embedding, options.vocabulary, options.hidden);
  decoder.finalNorm = {Norm::Rms, model.vector(names.finalNorm, options.hidden), {}, options.eps};
  decoder.head = getHead(model, options.tied, decoder.embedding, names.head);
  return decoder;
}

ImportedModule finishDecoder(MLIRContext *context, HuggingFaceModel &model, const LlamaOptions &options,
                             const LlamaNames &names,
                             llvm::function_ref<Value(ModelBuilder &, Graph &, const LayerInputs &)> layer,
                             llvm::function_ref<void(Decoder &)> complete) {
  model.config.checkAllUsed();
  if (llvm::Error error = model.config.takeError())
    return std::move(error);
  ModelBuilder builder(context, model.weights);
  ModelInfo info = model.info;
  Decoder decoder = getDecoder(builder, options, names, info);
  decoder.rotaryLayers = options.attention.rotary.dims != 0;
  complete(decoder);
  return buildDecoder(builder, info, decoder,
                      [&](Graph &graph, const LayerInputs &in) { return layer(builder, graph, in); });
}

ImportedModule buildLlama(ModelBuilder &model, ModelInfo info, const LlamaOptions &options, const LlamaNames &names,
                          llvm::function_ref<LlamaLayer(ModelBuilder &, int64_t)> layer) {
  Decoder decoder = getDecoder(model, options, names, info);
  return buildDecoder(model, info, decoder, [&](Graph &graph, Value x, Value positions, int64_t number) {
    return buildLayer(graph, x, positions, options, number, layer(model, number));
  });
}

ImportedModule finishLlama(MLIRContext *context, HuggingFaceModel &model, const LlamaOptions &options,
                           llvm::function_ref<LlamaLayer(ModelBuilder &, int64_t)> layer) {
  model.config.checkAllUsed();
  if (llvm::Error error = model.config.takeError())
    return std::move(error);
  ModelBuilder builder(context, model.weights);
  // Older checkpoints store the angles, which follow from the options.
  for (const TensorEntry &entry : model.weights.tensors())
    if (StringRef(entry.name).ends_with(".rotary_emb.inv_freq"))
      model.weights.ignore(entry.name);
  return buildLlama(builder, model.info, options, {}, layer);
}

ImportedModule finishLlama(MLIRContext *context, HuggingFaceModel &model, const LlamaOptions &options) {
  return finishLlama(context, model, options,
                     [&](ModelBuilder &builder, int64_t number) { return getLlamaLayer(builder, options, number); });
}

} // namespace seqc::importer
