// zamba2: Mamba's second mixer in every layer. Hybrid layers have a transformer block
// before it, which works on x beside the embedded tokens; a few of those blocks take turns,
// each with weights that all its layers share and low-rank adapters of each layer's own.

#include "../MambaBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  LlamaOptions llama; ///< the attention's input is twice as wide as x
  Mamba2Options mixer;
  std::vector<bool> hybrid; ///< by layer
  int64_t blocks = 1;       ///< that take turns
  int64_t rank = 1;         ///< of adapters
  bool adaptsAttention = false;
  bool bias = false; ///< on linear layers of the MLP

  /// The numbers of the hybrid layers.
  std::vector<int64_t> hybridLayers() const {
    std::vector<int64_t> result;
    for (auto [i, isHybrid] : llvm::enumerate(hybrid))
      if (isHybrid)
        result.push_back(i);
    return result;
  }
};

class Zamba2 {
public:
  Zamba2(ModelBuilder &model, const Options &options)
      : model(model), options(options), llama(options.llama), hybridLayers(options.hybridLayers()) {
    findBlocks();
  }

  Value layer(Graph &graph, const LayerInputs &in);

private:
  static std::string getPath(int64_t number) { return "model.layers." + std::to_string(number); }
  Norm getNorm(const std::string &path, int64_t size) {
    return {Norm::Rms, model.vector(path + ".weight", size), {}, llama.eps};
  }
  void findBlocks();
  std::string getAdapter(const std::string &path, const std::string &list, int64_t turn);
  Linear getProjection(const std::string &path, const std::string &name, int64_t outputs, int64_t turn);
  Value attend(Graph &graph, Value x, Value positions, const std::string &path, int64_t turn);
  Value mlp(Graph &graph, Value x, const std::string &path, int64_t turn);
  Value transformer(Graph &graph, const LayerInputs &in);

  ModelBuilder &model;
  const Options &options;
  const LlamaOptions &llama;
  std::vector<int64_t> hybridLayers;
  std::vector<std::string> blocks; ///< where the weights of each hybrid layer's block are
};
} // namespace

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static std::vector<bool> readLayers(Config &config, int64_t count) {
  config.rename("layer_types", "layers_block_type");
  std::vector<std::string> types = config.getStrings("layers_block_type");
  std::vector<bool> hybrid;
  for (const std::string &type : types) {
    hybrid.push_back(type == "hybrid");
    if (type != "hybrid" && type != "linear_attention" && type != "mamba")
      config.fail("layers_block_type", "but only mamba and hybrid are supported");
  }
  if (static_cast<int64_t>(types.size()) != count)
    config.fail("layers_block_type", "but must name every layer");
  hybrid.resize(count);
  return hybrid;
}

/// Numbers that follow from others must be what they follow to.
static void checkDerived(Config &config, StringRef key, int64_t value) {
  if (config.getInt(key, 1, 2 * kMaxWidth, value) != value)
    config.fail(key, "but must be " + Twine(value));
}

static LlamaOptions readModel(HuggingFaceModel &model) {
  Config &config = model.config;
  int64_t hidden = config.getInt("hidden_size", 1, kMaxWidth);
  int64_t heads = config.getInt("num_attention_heads", 1, kMaxWidth);
  if (2 * hidden % heads != 0)
    config.fail("num_attention_heads", "but must divide twice hidden_size");
  checkDerived(config, "attention_hidden_size", 2 * hidden);
  checkDerived(config, "attention_head_dim", std::max<int64_t>(2 * hidden / heads, 1));
  config.setDefault("head_dim", std::max<int64_t>(2 * hidden / heads, 1));
  config.setDefault("hidden_act", "gelu");
  config.setDefault("intermediate_size", 4 * hidden);
  config.setDefault("rms_norm_eps", 1e-5);
  config.setDefault("tie_word_embeddings", true);
  LlamaOptions options = readLlamaOptions(model, config.getBool("use_mem_rope", false));
  options.attention.scale = 1 / std::sqrt(static_cast<double>(options.attention.headDim) / 2);
  if (config.getBool("use_long_context", false) && model.options.maxContext == 0)
    options.context = 16384;
  return options;
}

static constexpr MixerKeys kKeys{"n_mamba_heads", "mamba_headdim", "mamba_ngroups",  "mamba_d_state",
                                 "mamba_d_conv",  "use_conv_bias", "add_bias_linear"};

static Mamba2Options readMixer(Config &config, int64_t hidden) {
  Mamba2Options defaults;
  defaults.hidden = hidden;
  defaults.heads = 8;
  defaults.state = 64;
  // The activation, the eps and the bias of the convolution are the class's own: no option
  // changes them. Nor does one bound dt from above.
  defaults.normEps = 1e-5;
  Mamba2Options options = readMixer(config, kKeys, defaults, readExpandedWidth(config, hidden));
  options.convBias = true;
  options.dtMin = config.getFloat("time_step_min", 0.001);
  config.ignore({"time_step_limit"});
  return options;
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  Options options;
  options.llama = readModel(model);
  const LlamaOptions &llama = options.llama;
  options.mixer = readMixer(config, llama.hidden);
  options.hybrid = readLayers(config, llama.layers);
  options.blocks = config.getInt("num_mem_blocks", 1, kMaxLayers, 1);
  options.rank = config.getInt("adapter_rank", 1, kMaxWidth, 128);
  options.bias = config.getBool("add_bias_linear", false);
  options.adaptsAttention = config.getBool("use_shared_attention_adapter", false);
  if (options.adaptsAttention && llama.attention.kvHeads != llama.attention.heads)
    config.fail("num_key_value_heads", "but adapters of attention need as many as num_attention_heads");
  // What the class computes from other options; how the weights were initialised, how
  // kernels run, and how many logits are computed.
  config.ignore({"hybrid_layer_ids", "kv_channels", "num_query_groups"});
  config.ignore({"chunk_size", "num_logits_to_keep", "time_step_floor", "time_step_max", "use_mamba_kernels",
                 "use_mem_eff_path"});
  return options;
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

/// The K-th hybrid layer takes the weights of the layer that its block comes first in,
/// unless it has its own: the library does not tie what a checkpoint stores apart.
void Zamba2::findBlocks() {
  for (auto [turn, layer] : llvm::enumerate(hybridLayers)) {
    std::string own = getPath(layer) + ".shared_transformer";
    bool isStored = llvm::any_of(model.weights().tensors(), [&](const TensorEntry &entry) {
      return StringRef(entry.name).starts_with(own + ".");
    });
    blocks.push_back(isStored ? own : getPath(hybridLayers[turn % options.blocks]) + ".shared_transformer");
  }
}

/// The adapter of a hybrid layer. Beside it are those of all layers that are meant to share
/// the block; what is there for one that has a block of its own all the same means nothing.
std::string Zamba2::getAdapter(const std::string &path, const std::string &list, int64_t turn) {
  std::string prefix = path + list + ".";
  for (int64_t other = turn % options.blocks; other < static_cast<int64_t>(blocks.size()); other += options.blocks)
    if (blocks[other] != blocks[turn])
      for (const char *part : {".0.weight", ".1.weight"})
        model.weights().ignore(prefix + std::to_string(other) + part);
  return prefix + std::to_string(turn);
}

/// A projection of attention in the layer of turn `turn`.
Linear Zamba2::getProjection(const std::string &path, const std::string &name, int64_t outputs, int64_t turn) {
  int64_t inputs = 2 * llama.hidden;
  Linear result = getLinear(model, path + "." + name + "_proj", outputs, inputs);
  if (options.adaptsAttention) {
    std::string adapter = getAdapter(path, ".linear_" + name + "_adapter_list", turn);
    result.adapterA = model.matrix(adapter + ".0.weight", options.rank, inputs);
    result.adapterB = model.matrix(adapter + ".1.weight", outputs, options.rank);
  }
  return result;
}

Value Zamba2::attend(Graph &graph, Value x, Value positions, const std::string &path, int64_t turn) {
  const AttentionOptions &sizes = llama.attention;
  int64_t queries = sizes.heads * sizes.headDim, keys = sizes.kvHeads * sizes.headDim;
  AttentionWeights weights;
  weights.q = getProjection(path, "q", queries, turn);
  weights.k = getProjection(path, "k", keys, turn);
  weights.v = getProjection(path, "v", keys, turn);
  weights.out = getLinear(model, path + ".o_proj", llama.hidden, queries);
  return attention(graph, x, positions, sizes, weights);
}

/// A gated MLP whose gate and up lie in one matrix, and so do their adapters.
Value Zamba2::mlp(Graph &graph, Value x, const std::string &path, int64_t turn) {
  int64_t hidden = llama.hidden, inner = llama.inner;
  std::string adapter = getAdapter(path, ".gate_up_proj_adapter_list", turn);
  LinearParts in(model, path + ".gate_up_proj", 2 * inner, hidden, options.bias);
  LinearParts adapterB(model, adapter + ".1", 2 * inner, options.rank);
  auto next = [&](StringRef name) {
    Linear result = in.next(name, inner);
    result.adapterA = model.matrix(adapter + ".0.weight", options.rank, hidden);
    result.adapterB = adapterB.next(name, inner).weight;
    return result;
  };
  Linear gate = next("gate"), up = next("up");
  return gatedMlp(graph, x, gate, up, getLinear(model, path + ".down_proj", hidden, inner, options.bias),
                  llama.activation);
}

/// The transformer block of a hybrid layer, with the adapters of that layer.
Value Zamba2::transformer(Graph &graph, const LayerInputs &in) {
  int64_t turn = llvm::find(hybridLayers, in.number) - hybridLayers.begin();
  const std::string &path = blocks[turn];
  int64_t hidden = llama.hidden;
  Value y = norm(graph, graph.concat({in.x, in.shared[0]}), getNorm(path + ".input_layernorm", 2 * hidden));
  y = attend(graph, y, in.positions, path + ".self_attn", turn);
  y = mlp(graph, norm(graph, y, getNorm(path + ".pre_ff_layernorm", hidden)), path + ".feed_forward", turn);
  return linear(graph, y, getLinear(model, getPath(in.number) + ".linear", hidden, hidden));
}

Value Zamba2::layer(Graph &graph, const LayerInputs &in) {
  std::string path = getPath(in.number);
  Value y = in.x;
  if (options.hybrid[in.number]) {
    y = graph.add(y, transformer(graph, in));
    path += ".mamba_decoder";
  }
  y = norm(graph, y, getNorm(path + ".input_layernorm", llama.hidden));
  return graph.add(in.x, mamba2(model, graph, y, path + ".mamba", options.mixer));
}

ImportedModule importZamba2(MLIRContext *context, HuggingFaceModel &model) {
  Options options = readOptions(model);
  model.config.checkAllUsed();
  if (llvm::Error error = model.config.takeError())
    return std::move(error);

  ModelInfo info = model.info;
  ModelBuilder builder(context, model.weights);
  Zamba2 zamba(builder, options);
  Decoder decoder = getDecoder(builder, options.llama, {.finalNorm = "model.final_layernorm.weight"}, info);
  decoder.rotaryLayers = options.llama.attention.rotary.dims != 0;
  decoder.shared = [](Graph &, Value x) { return SmallVector<Value>{x}; };
  return buildDecoder(builder, info, decoder,
                      [&](Graph &graph, const LayerInputs &in) { return zamba.layer(graph, in); });
}

} // namespace seqc::importer
