// olmo_hybrid: Gated DeltaNet in most layers, attention in the others, and a gated MLP in
// all. Layers of the delta rule norm what goes into a block, layers of attention what comes
// out of it. Attention norms q and k over all heads together.

#include "../DeltaBlocks.h"
#include "../LlamaLike.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  LlamaOptions llama;
  DeltaOptions delta;
  std::vector<bool> attends; ///< by layer
  bool negative;             ///< beta reaches 2: eigenvalues of the transition may be negative
};

class OlmoHybrid {
public:
  OlmoHybrid(ModelBuilder &model, const Options &options) : model(model), options(options) {}

  Value layer(Graph &graph, const LayerInputs &in) {
    return options.attends[in.number] ? attentionLayer(graph, in) : deltaLayer(graph, in);
  }
  Norm getNorm(const std::string &path, int64_t size) {
    return {Norm::Rms, model.vector(path + ".weight", size), {}, options.llama.eps};
  }

private:
  /// A norm of the model's width by its name in published checkpoints, or by the library's own.
  Norm getNorm(const std::string &path, StringRef published, StringRef own) {
    std::string name = path + published.str();
    bool found = model.weights().find(name + ".weight") != nullptr;
    return getNorm(found ? name : path + own.str(), options.llama.hidden);
  }
  Value deltaLayer(Graph &graph, const LayerInputs &in);
  Value attentionLayer(Graph &graph, const LayerInputs &in);
  Value deltaNet(Graph &graph, Value x, const std::string &path);
  AttentionWeights getAttention(const std::string &path);
  Value mlp(Graph &graph, Value x, const std::string &path);

  ModelBuilder &model;
  const Options &options;
};
} // namespace

Value OlmoHybrid::deltaNet(Graph &graph, Value x, const std::string &path) {
  const DeltaOptions &sizes = options.delta;
  auto projected = [&](StringRef name, int64_t outputs) {
    return graph.linear(x, model.matrix(path + name.str(), outputs, sizes.hidden));
  };
  DeltaSequences sequences = getDeltaSequences(model, graph, x, path, sizes);
  Value beta = graph.activation(projected(".b_proj.weight", sizes.valueHeads), mlir::seq::Activation::Sigmoid);
  beta = graph.scale(beta, options.negative ? 2 : 1);
  Value a = graph.add(projected(".a_proj.weight", sizes.valueHeads),
                      graph.use(model.vector(path + ".dt_bias", sizes.valueHeads)));
  Value g = logDecay(graph, a, graph.use(model.vector(path + ".A_log", sizes.valueHeads)));
  Value o = gatedDelta(graph, sequences, g, beta);
  constexpr double kEps = 1e-5; // whatever rms_norm_eps says
  Value gate = graph.splitHeads(projected(".g_proj.weight", sizes.values()), sizes.valueHeads);
  Value weight = graph.use(model.vector(path + ".o_norm.weight", sizes.valueDim));
  o = mlir::seq::RmsNormOp::create(graph.ops(), graph.loc(), o, weight, kEps, /*weight_offset=*/0.0, /*groups=*/1,
                                   gate);
  return graph.linear(graph.mergeHeads(o), model.matrix(path + ".o_proj.weight", sizes.hidden, sizes.values()));
}

AttentionWeights OlmoHybrid::getAttention(const std::string &path) {
  const LlamaOptions &llama = options.llama;
  const AttentionOptions &sizes = llama.attention;
  int64_t queries = sizes.heads * sizes.headDim, keys = sizes.kvHeads * sizes.headDim;
  auto linear = [&](StringRef name, int64_t outputs, int64_t inputs) {
    std::string part = path + name.str();
    return Linear{model.matrix(part + ".weight", outputs, inputs),
                  llama.qkvBias ? model.vector(part + ".bias", outputs) : Weight()};
  };
  AttentionWeights weights;
  weights.q = linear(".q_proj", queries, llama.hidden);
  weights.k = linear(".k_proj", keys, llama.hidden);
  weights.v = linear(".v_proj", keys, llama.hidden);
  weights.out = linear(".o_proj", llama.hidden, queries);
  weights.qNorm = getNorm(path + ".q_norm", queries);
  weights.kNorm = getNorm(path + ".k_norm", keys);
  return weights;
}

Value OlmoHybrid::mlp(Graph &graph, Value x, const std::string &path) {
  int64_t hidden = options.llama.hidden, inner = options.llama.inner;
  auto matrix = [&](StringRef name, int64_t outputs, int64_t inputs) {
    return Linear{model.matrix(path + name.str(), outputs, inputs), {}};
  };
  return gatedMlp(graph, x, matrix(".gate_proj.weight", inner, hidden), matrix(".up_proj.weight", inner, hidden),
                  matrix(".down_proj.weight", hidden, inner), options.llama.activation);
}

Value OlmoHybrid::deltaLayer(Graph &graph, const LayerInputs &in) {
  std::string path = "model.layers." + std::to_string(in.number);
  Norm first = getNorm(path, ".attention_layer_norm", ".input_layernorm");
  Norm second = getNorm(path, ".feedforward_layer_norm", ".post_attention_layernorm");
  Value x = graph.add(in.x, deltaNet(graph, norm(graph, in.x, first), path + ".linear_attn"));
  return graph.add(x, mlp(graph, norm(graph, x, second), path + ".mlp"));
}

Value OlmoHybrid::attentionLayer(Graph &graph, const LayerInputs &in) {
  std::string path = "model.layers." + std::to_string(in.number);
  Norm first = getNorm(path, ".feedforward_layer_norm", ".post_attention_layernorm");
  Norm second = getNorm(path + ".post_feedforward_layernorm", options.llama.hidden);
  Value y = attention(graph, in.x, in.positions, options.llama.attention, getAttention(path + ".self_attn"));
  Value x = graph.add(in.x, norm(graph, y, first));
  return graph.add(x, norm(graph, mlp(graph, x, path + ".mlp"), second));
}

/// Positions rotate unless the base is null, as published models have it. Without any base
/// the library would rotate by one of its own, which nobody can have meant.
static void readPositions(Config &config, LlamaOptions &options) {
  Config *inner = config.getObject("rope_parameters");
  bool decides = inner && (inner->has("rope_theta") || inner->isNull("rope_theta"));
  Config &where = decides ? *inner : config;
  if (where.has("rope_theta")) {
    options.attention.rotary = readRotary(config, options.attention.headDim, options.context);
    return;
  }
  if (!where.isNull("rope_theta"))
    config.fail("rope_theta", "but must be a number, or null for no positions");
  config.ignore({"rope_theta"});
  if (inner)
    inner->ignore({"rope_theta", "rope_type", "type"});
}

static DeltaOptions readDelta(Config &config, const LlamaOptions &llama) {
  DeltaOptions delta;
  delta.hidden = llama.hidden;
  int64_t heads = llama.attention.heads;
  delta.keyHeads = config.getInt("linear_num_key_heads", 1, kMaxWidth, heads);
  delta.valueHeads = config.getInt("linear_num_value_heads", 1, kMaxWidth, heads);
  if (delta.valueHeads % delta.keyHeads != 0)
    config.fail("linear_num_key_heads", "but must divide linear_num_value_heads");
  int64_t absent = std::max<int64_t>(3 * llama.hidden / (4 * delta.keyHeads), 1);
  delta.keyDim = config.getInt("linear_key_head_dim", 1, kMaxWidth, absent);
  delta.valueDim = config.getInt("linear_value_head_dim", 1, kMaxWidth, 2 * delta.keyDim);
  delta.convWidth = config.getInt("linear_conv_kernel_dim", 1, kMaxWidth, 4);
  delta.activation = llama.activation;
  config.expectBool("linear_use_gate", true);
  // How the weights were initialised.
  config.ignore({"linear_a_log_max", "linear_a_log_min", "linear_dt_init_floor", "linear_dt_max", "linear_dt_min"});
  return delta;
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  Options options;
  options.llama = readLlamaSizes(model);
  readHeads(config, options.llama);
  readPositions(config, options.llama);
  options.llama.attention.wideNorms = true;
  options.llama.qkvBias = config.getBool("attention_bias", false);
  options.delta = readDelta(config, options.llama);
  options.negative = config.getBool("linear_allow_neg_eigval", true);
  options.attends = readLayerTypes(config, options.llama.layers, "linear_attention");
  return options;
}

ImportedModule importOlmoHybrid(MLIRContext *context, HuggingFaceModel &model) {
  Options options = readOptions(model);
  return finishDecoder(context, model, options.llama, {},
                       [&](ModelBuilder &builder, Graph &graph, const LayerInputs &in) {
                         return OlmoHybrid(builder, options).layer(graph, in);
                       });
}

} // namespace seqc::importer
