// xlstm: matrix memories with exponential input gates (mLSTM), a norm of every head and
// an output gate, and a gated MLP. Beck et al. 2025 (xLSTM 7B).

#include "../Blocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  int64_t hidden, layers, heads;
  int64_t keys, values, inner; ///< widths of q and k, of v, of the MLP
  bool bias;
  double normEps, eps;
  double gateCap, logitCap;
};

class XLSTM {
public:
  XLSTM(ModelBuilder &model, const Options &options) : model(model), options(options) {}

  Value layer(Graph &graph, Value x, int64_t number);
  Norm getNorm(const std::string &path, bool hasBias) {
    Weight bias = hasBias ? model.vector(path + ".bias", options.hidden) : Weight();
    return {Norm::Rms, model.vector(path + ".weight", options.hidden), bias, options.normEps};
  }

private:
  Linear getLinear(const std::string &path, int64_t outputs, int64_t inputs, bool bias) {
    return {model.matrix(path + ".weight", outputs, inputs), bias ? model.vector(path + ".bias", outputs) : Weight()};
  }
  /// A gate of every head before its nonlinearity.
  Value gate(Graph &graph, Value x, const std::string &path) {
    return softCap(graph, linear(graph, x, getLinear(path, options.heads, options.hidden, /*bias=*/true)),
                   options.gateCap);
  }
  Value memory(Graph &graph, Value x, const std::string &path);

  ModelBuilder &model;
  const Options &options;
};
} // namespace

/// S_t = sigmoid(f) S_{t-1} + exp(i) k v^T, read as q S / (max(|q n|, exp(-m)) + eps).
Value XLSTM::memory(Graph &graph, Value x, const std::string &path) {
  int64_t hidden = options.hidden, heads = options.heads;
  auto projected = [&](StringRef name, int64_t outputs) {
    return linear(graph, x, getLinear(path + name.str(), outputs, hidden, options.bias));
  };
  mlir::seq::StateMixParts parts;
  parts.q = graph.splitHeads(projected(".q", options.keys), heads);
  parts.k = graph.splitHeads(projected(".k", options.keys), heads);
  parts.v = graph.splitHeads(projected(".v", options.values), heads);
  // log sigmoid(f) = -softplus(-f)
  Value forget = graph.scale(gate(graph, x, path + ".fgate_preact"), -1);
  parts.g = graph.scale(graph.activation(forget, mlir::seq::Activation::Softplus), -1);
  parts.i = gate(graph, x, path + ".igate_preact");
  parts.decay = mlir::seq::Decay::Head;
  parts.normaliser = mlir::seq::Normaliser::Max;
  int64_t keysOfHead = options.keys / heads;
  parts.scale = 1 / std::sqrt(static_cast<double>(keysOfHead));
  parts.eps = options.eps;
  Value y = mlir::seq::StateMixOp::create(graph.ops(), graph.loc(), parts).getO();
  Weight bias = options.bias ? model.vector(path + ".multihead_norm.bias", options.values) : Weight();
  y = graph.groupNorm(graph.mergeHeads(y), model.vector(path + ".multihead_norm.weight", options.values), bias, heads,
                      options.normEps);
  Value output = graph.activation(projected(".ogate_preact", options.values), mlir::seq::Activation::Sigmoid);
  return linear(graph, graph.mul(output, y), getLinear(path + ".out_proj", hidden, options.values, options.bias));
}

Value XLSTM::layer(Graph &graph, Value x, int64_t number) {
  std::string path = "backbone.blocks." + std::to_string(number);
  x = graph.add(x, memory(graph, norm(graph, x, getNorm(path + ".norm_mlstm", options.bias)), path + ".mlstm_layer"));
  int64_t hidden = options.hidden, inner = options.inner;
  return graph.add(x, gatedMlp(graph, norm(graph, x, getNorm(path + ".norm_ffn", options.bias)),
                               getLinear(path + ".ffn.proj_up_gate", inner, hidden, options.bias),
                               getLinear(path + ".ffn.proj_up", inner, hidden, options.bias),
                               getLinear(path + ".ffn.proj_down", hidden, inner, options.bias),
                               mlir::seq::Activation::Silu));
}

/// A share of the width, which must be whole; `multiple` rounds it up.
static int64_t readWidth(Config &config, StringRef key, int64_t hidden, double absent, int64_t multiple) {
  double width = config.getFloat(key, absent) * static_cast<double>(hidden);
  if (!(width >= 1 && width <= static_cast<double>(kMaxWidth))) {
    config.fail(key, "which gives no sensible width");
    return multiple;
  }
  return llvm::divideCeil(static_cast<int64_t>(width), multiple) * multiple;
}

static Options readOptions(Config &config) {
  config.rename("embedding_dim", "hidden_size");
  config.rename("num_blocks", "num_hidden_layers");
  Options options;
  options.hidden = config.getInt("hidden_size", 1, kMaxWidth);
  options.layers = config.getInt("num_hidden_layers", 1, kMaxLayers);
  options.heads = config.getInt("num_heads", 1, kMaxWidth, 8);
  options.keys = readWidth(config, "qk_dim_factor", options.hidden, 0.5, 1);
  options.values = readWidth(config, "v_dim_factor", options.hidden, 1.0, 1);
  if (options.keys % options.heads != 0 || options.values % options.heads != 0)
    config.fail("num_heads", "but must divide the widths of q and v");
  int64_t multiple = config.getInt("ffn_round_up_to_multiple_of", 1, kMaxWidth, 64);
  options.inner = readWidth(config, "ffn_proj_factor", options.hidden, 2.667, multiple);
  options.bias = config.getBool("use_bias", false);
  options.normEps = config.getEps("norm_eps", 1e-6);
  options.eps = config.getEps("eps", 1e-6);
  options.gateCap = config.getFloat("gate_soft_cap", 15.0);
  options.logitCap = config.getFloat("output_logit_soft_cap", 30.0);
  if (config.getString("weight_mode", "single") != "single")
    config.fail("weight_mode", "which is not supported; only \"single\" is");
  // The library's class has the last norm whatever this says.
  config.ignore({"add_out_norm"});
  // Kernels, their precision and chunks: how the library runs a model.
  config.ignore({"autocast_kernel_dtype", "chunk_size", "chunkwise_kernel", "inference_state_dtype",
                 "max_inference_chunksize", "mode", "norm_reduction_force_float32", "return_last_states",
                 "sequence_kernel", "step_kernel"});
  config.ignoreBookkeeping();
  return options;
}

ImportedModule importXLSTM(MLIRContext *context, HuggingFaceModel &model) {
  Config &config = model.config;
  Options options = readOptions(config);
  ModelInfo info = model.info;
  info.context = model.options.maxContext;
  info.vocabulary = config.getInt("vocab_size", 1, kMaxVocabulary);
  bool tied = config.getBool("tie_word_embeddings", false);
  config.checkAllUsed();
  if (llvm::Error error = config.takeError())
    return std::move(error);

  ModelBuilder builder(context, model.weights);
  XLSTM xlstm(builder, options);
  Decoder decoder;
  decoder.layers = options.layers;
  decoder.rotaryLayers = false;
  decoder.embedding = builder.matrix("backbone.embeddings.weight", info.vocabulary, options.hidden);
  decoder.finalNorm = xlstm.getNorm("backbone.out_norm", /*hasBias=*/false);
  decoder.head = getHead(builder, tied, decoder.embedding, "lm_head.weight");
  decoder.logitCap = options.logitCap;
  return buildDecoder(builder, info, decoder,
                      [&](Graph &graph, const LayerInputs &in) { return xlstm.layer(graph, in.x, in.number); });
}

} // namespace seqc::importer
