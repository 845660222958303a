// qwen3_next: gated delta nets, and attention with an output gate in some layers; every layer has
// experts, or a gated MLP.

#include "../DeltaBlocks.h"
#include "../LlamaLike.h"
#include "../MoeBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {

struct Options {
  LlamaOptions llama;
  std::vector<bool> attends; ///< by layer
  DeltaOptions delta;
  // Of the experts:
  std::vector<bool> sparse; ///< by layer
  int64_t experts = 0;
  RouterOptions router;
  int64_t expertInner = 0, sharedInner = 0;
};

class Qwen3Next {
public:
  Qwen3Next(ModelBuilder &model, const Options &options)
      : model(model), options(options), hidden(options.llama.hidden) {}

  /// Gains are 1 + weight.
  Norm getNorm(const std::string &path, int64_t size) {
    return {Norm::Rms, model.vector(path + ".weight", size), {}, options.llama.eps, 1.0};
  }

  Value layer(Graph &graph, const LayerInputs &in) {
    std::string path = "model.layers." + std::to_string(in.number);
    Value y = norm(graph, in.x, getNorm(path + ".input_layernorm", hidden));
    y = options.attends[in.number]
            ? attention(graph, y, in.positions, options.llama.attention, getAttention(path + ".self_attn"))
            : deltaNet(graph, y, path + ".linear_attn");
    Value x = graph.add(in.x, y);
    y = norm(graph, x, getNorm(path + ".post_attention_layernorm", hidden));
    y = options.sparse[in.number] ? mixtureOfExperts(graph, y, getMixture(path + ".mlp"))
                                  : gatedMlp(graph, y, path + ".mlp", options.llama.inner);
    return graph.add(x, y);
  }

private:
  //--- Parts of matrices

  Linear getLinear(const std::string &path, int64_t outputs, int64_t inputs, bool bias = false) {
    return {model.matrix(path + ".weight", outputs, inputs), bias ? model.vector(path + ".bias", outputs) : Weight()};
  }

  /// The rows [first, first + count) of each of `groups` equal runs of the rows of a matrix.
  Weight rowsOfGroups(const std::string &name, StringRef suffix, int64_t groups, int64_t size, int64_t first,
                      int64_t count, bool isVector = false) {
    int64_t inputs = isVector ? 1 : hidden;
    View view{suffix, {groups * count}, first * inputs, {groups, count}, {size * inputs, inputs}};
    SmallVector<int64_t> stored{groups * size};
    if (!isVector) {
      stored.push_back(inputs);
      view.shape.push_back(inputs);
      view.counts.push_back(inputs);
      view.strides.push_back(1);
    }
    return model.view(name, stored, view);
  }

  //--- Attention

  /// q_proj holds a query and a gate for each head.
  Linear getHalf(const std::string &path, StringRef suffix, int64_t half) {
    const AttentionOptions &sizes = options.llama.attention;
    int64_t dim = sizes.headDim;
    auto part = [&](StringRef name, bool isVector) {
      return rowsOfGroups(path + name.str(), suffix, sizes.heads, 2 * dim, half * dim, dim, isVector);
    };
    return {part(".weight", false), options.llama.qkvBias ? part(".bias", true) : Weight()};
  }

  AttentionWeights getAttention(const std::string &path) {
    const AttentionOptions &sizes = options.llama.attention;
    int64_t keys = sizes.kvHeads * sizes.headDim;
    bool bias = options.llama.qkvBias;
    AttentionWeights weights;
    weights.q = getHalf(path + ".q_proj", "query", 0);
    weights.outputGate = getHalf(path + ".q_proj", "gate", 1);
    weights.k = getLinear(path + ".k_proj", keys, hidden, bias);
    weights.v = getLinear(path + ".v_proj", keys, hidden, bias);
    weights.out = getLinear(path + ".o_proj", hidden, sizes.heads * sizes.headDim, bias);
    weights.qNorm = getNorm(path + ".q_norm", sizes.headDim);
    weights.kNorm = getNorm(path + ".k_norm", sizes.headDim);
    return weights;
  }

  //--- Delta nets

  /// The matrices hold, for each key head, what belongs to it and to the value heads that share it.
  Value deltaNet(Graph &graph, Value x, const std::string &path) {
    const DeltaOptions &sizes = options.delta;
    int64_t share = sizes.valueHeads / sizes.keyHeads, keyDim = sizes.keyDim, values = share * sizes.valueDim;
    auto project = [&](StringRef part, int64_t first, int64_t count) {
      return graph.linear(
          x, rowsOfGroups(path + ".in_proj_qkvz.weight", part, sizes.keyHeads, 2 * (keyDim + values), first, count));
    };
    auto projectNumbers = [&](StringRef part, int64_t first) {
      return graph.linear(x, rowsOfGroups(path + ".in_proj_ba.weight", part, sizes.keyHeads, 2 * share, first, share));
    };
    StoredConv taps{path + ".conv1d", 2 * sizes.keys() + sizes.values(), sizes.convWidth, /*bias=*/false,
                    sizes.activation};
    auto mixed = [&](StringRef part, Value y, int64_t first, int64_t count, int64_t heads) {
      return graph.splitHeads(conv(graph, y, taps.part(model, part, first, count)), heads);
    };
    DeltaSequences sequences;
    sequences.q = mixed("q", project("q", 0, keyDim), 0, sizes.keys(), sizes.keyHeads);
    sequences.k = mixed("k", project("k", keyDim, keyDim), sizes.keys(), sizes.keys(), sizes.keyHeads);
    sequences.v = mixed("v", project("v", 2 * keyDim, values), 2 * sizes.keys(), sizes.values(), sizes.valueHeads);
    Value beta = graph.activation(projectNumbers("b", 0), mlir::seq::Activation::Sigmoid);
    Value a = graph.add(projectNumbers("a", share), graph.use(model.vector(path + ".dt_bias", sizes.valueHeads)));
    Value g = logDecay(graph, a, graph.use(model.vector(path + ".A_log", sizes.valueHeads)));
    Value y = gatedDelta(graph, sequences, g, beta);

    Value z = graph.splitHeads(project("z", 2 * keyDim + values, values), sizes.valueHeads);
    Weight gain = model.vector(path + ".norm.weight", sizes.valueDim);
    y = mlir::seq::RmsNormOp::create(graph.ops(), graph.loc(), y, graph.use(gain), options.llama.eps,
                                     /*weight_offset=*/0.0, /*groups=*/1, z);
    return linear(graph, graph.mergeHeads(y), getLinear(path + ".out_proj", hidden, sizes.values()));
  }

  //--- MLPs

  Value gatedMlp(Graph &graph, Value x, const std::string &path, int64_t inner) {
    return importer::gatedMlp(graph, x, getLinear(path + ".gate_proj", inner, hidden),
                              getLinear(path + ".up_proj", inner, hidden),
                              getLinear(path + ".down_proj", hidden, inner), options.llama.activation);
  }

  Mixture getMixture(const std::string &path) {
    Mixture mixture;
    mixture.router = options.router;
    mixture.routerLayer = getLinear(path + ".gate", options.experts, hidden);
    mixture.activation = options.llama.activation;
    mixture.experts = stackExperts(model, path + ".experts", {"gate_proj", "up_proj", "down_proj"}, options.experts,
                                   hidden, options.expertInner);
    std::string shared = path + ".shared_expert";
    mixture.shared.gate = getLinear(shared + ".gate_proj", options.sharedInner, hidden);
    mixture.shared.up = getLinear(shared + ".up_proj", options.sharedInner, hidden);
    mixture.shared.down = model.stacked(shared + ".down_proj.weight", 1, hidden, options.sharedInner);
    mixture.shared.outputGate = model.matrix(path + ".shared_expert_gate.weight", 1, hidden);
    return mixture;
  }

  ModelBuilder &model;
  const Options &options;
  int64_t hidden;
};

} // namespace

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static std::vector<bool> readAttention(Config &config, int64_t layers) {
  int64_t interval = config.getInt("full_attention_interval", 1, kMaxLayers, 4);
  if (config.has("layer_types"))
    return readLayerTypes(config, layers, "linear_attention");
  std::vector<bool> attends(layers);
  for (int64_t i = 0; i < layers; ++i)
    attends[i] = (i + 1) % interval == 0;
  return attends;
}

static DeltaOptions readDelta(Config &config, const LlamaOptions &llama) {
  DeltaOptions delta;
  delta.hidden = llama.hidden;
  delta.activation = llama.activation;
  delta.keyHeads = config.getInt("linear_num_key_heads", 1, kMaxWidth, 16);
  delta.valueHeads = config.getInt("linear_num_value_heads", 1, kMaxWidth, 32);
  if (delta.valueHeads % delta.keyHeads != 0)
    config.fail("linear_num_value_heads", "but linear_num_key_heads must divide it");
  delta.keyDim = config.getInt("linear_key_head_dim", 1, kMaxWidth, 128);
  delta.valueDim = config.getInt("linear_value_head_dim", 1, kMaxWidth, 128);
  delta.convWidth = config.getInt("linear_conv_kernel_dim", 1, kMaxWidth, 4);
  return delta;
}

/// Which layers have experts.
static void readSparseLayers(Config &config, Options &options) {
  int64_t layers = options.llama.layers, step = config.getInt("decoder_sparse_step", 1, kMaxLayers, 1);
  for (int64_t i = 0; i < layers; ++i)
    options.sparse.push_back(options.experts > 0 && (i + 1) % step == 0);
  for (int64_t layer : config.getIntOrInts("mlp_only_layers"))
    if (layer >= 0 && layer < layers)
      options.sparse[layer] = false;
}

static void readExperts(Config &config, Options &options) {
  options.experts = config.getInt("num_experts", 0, kMaxWidth, 512);
  options.router.top = config.getInt("num_experts_per_tok", 1, kMaxWidth, 10);
  options.router.renormalise = config.getBool("norm_topk_prob", true);
  options.expertInner = config.getInt("moe_intermediate_size", 1, kMaxWidth, 512);
  options.sharedInner = config.getInt("shared_expert_intermediate_size", 1, kMaxWidth, 512);
  readSparseLayers(config, options);
  if (!llvm::is_contained(options.sparse, true))
    return;
  if (std::string why = checkRouter(options.router, options.experts); !why.empty())
    config.fail("num_experts_per_tok", "but " + why);
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  config.setDefault("head_dim", 256);
  config.setDefault("partial_rotary_factor", 0.25);
  Options options;
  options.llama = readLlamaOptions(model);
  options.llama.qkvBias = config.getBool("attention_bias", false);
  config.expectBool("use_sliding_window", false);
  options.attends = readAttention(config, options.llama.layers);
  options.delta = readDelta(config, options.llama);
  readExperts(config, options);
  // Training, and what the library returns besides logits.
  config.ignore({"output_router_logits", "router_aux_loss_coef"});
  return options;
}

ImportedModule importQwen3Next(MLIRContext *context, HuggingFaceModel &model) {
  Options options = readOptions(model);
  model.config.checkAllUsed();
  if (llvm::Error error = model.config.takeError())
    return std::move(error);

  // A head that predicts further tokens, which the library's class does not have.
  for (const TensorEntry &entry : model.weights.tensors())
    if (StringRef(entry.name).starts_with("mtp."))
      model.weights.ignore(entry.name);
  const LlamaOptions &llama = options.llama;
  ModelInfo info = model.info;
  info.context = llama.context;
  info.vocabulary = llama.vocabulary;
  ModelBuilder builder(context, model.weights);
  Qwen3Next next(builder, options);
  Decoder decoder;
  decoder.layers = llama.layers;
  decoder.embedding = builder.matrix("model.embed_tokens.weight", llama.vocabulary, llama.hidden);
  decoder.finalNorm = next.getNorm("model.norm", llama.hidden);
  decoder.head = getHead(builder, llama.tied, decoder.embedding, "lm_head.weight");
  return buildDecoder(builder, info, decoder,
                      [&](Graph &graph, const LayerInputs &in) { return next.layer(graph, in); });
}

} // namespace seqc::importer
