// retnet: torchscale's RetNetDecoder, retention with a norm of every head and a gate,
// in its recurrent form (the parallel one scales rows in a way that is no recurrence; a
// norm follows, so only its eps sees the difference).

#include "../Blocks.h"
#include "Architectures.h"
#include "seq/Import/Error.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  int64_t hidden, values, heads, inner, layers;
  double eps;
  mlir::seq::Activation activation;
  bool normBefore;
  double residualScale; ///< of x where something is added to it
  bool tied, embeddingNorm;

  int64_t keyDim() const { return hidden / heads; }
  int64_t valueDim() const { return values / heads; }
};

class RetNet {
public:
  RetNet(ModelBuilder &model, const Options &options) : model(model), options(options) { readPositions(); }

  Value layer(Graph &graph, const LayerInputs &in);
  Value rowScale(Graph &graph, Value x);
  Norm getNorm(const std::string &path) {
    return {Norm::Rms, model.vector(path + ".weight", options.hidden), {}, options.eps};
  }

private:
  void readPositions();
  std::optional<std::vector<double>> readBuffer(StringRef name, int64_t size);
  Value project(Graph &graph, Value x, const std::string &path, int64_t outputs, int64_t inputs) {
    return graph.linear(x, model.matrix(path + ".weight", outputs, inputs));
  }
  Value retention(Graph &graph, Value x, const LayerInputs &in, const std::string &path);
  Value mlp(Graph &graph, Value x, const std::string &path);
  Value branch(Graph &graph, Value x, const Norm &around, llvm::function_ref<Value(Value)> body);

  ModelBuilder &model;
  const Options &options;
  Rotary rotary;
  std::vector<double> logDecay; ///< by head
};
} // namespace

/// A buffer of the positions, which not every checkpoint holds.
std::optional<std::vector<double>> RetNet::readBuffer(StringRef name, int64_t size) {
  if (!model.weights().find(name))
    return std::nullopt;
  llvm::Expected<std::vector<double>> values = model.weights().readValues(name, size);
  if (values)
    return std::move(*values);
  model.fail(values.takeError());
  return std::nullopt;
}

void RetNet::readPositions() {
  rotary.dims = options.keyDim();
  for (int64_t i = 0; i < rotary.dims / 2; ++i) // dims / 2 numbers from 0 to 1
    rotary.frequencies.push_back(
        std::pow(10000.0, -static_cast<double>(i) / std::max<int64_t>(rotary.dims / 2 - 1, 1)));
  if (auto angles = readBuffer("retnet_rel_pos.angle", rotary.dims))
    for (int64_t i = 0; i < rotary.dims / 2; ++i) {
      rotary.frequencies[i] = (*angles)[2 * i];
      if ((*angles)[2 * i] != (*angles)[2 * i + 1])
        model.fail(makeError(model.weights().description(), "the angles of retnet_rel_pos.angle are not in pairs"));
    }
  for (int64_t h = 0; h < options.heads; ++h)
    logDecay.push_back(std::log1p(-std::exp2(-5.0 - static_cast<double>(h))));
  if (auto stored = readBuffer("retnet_rel_pos.decay", options.heads))
    logDecay = std::move(*stored);
}

/// The code divides a state by the root of how much the decays of its tokens add up to,
/// the sum of gamma^j over the tokens so far, which is a recurrence of its own. The states here
/// are whole, and queries are multiplied with the reciprocal root: it is returned for every
/// token and query channel.
Value RetNet::rowScale(Graph &graph, Value x) {
  OpBuilder &ops = graph.ops();
  SmallVector<float> decays;
  for (double decay : logDecay)
    decays.append(options.keyDim(), static_cast<float>(decay));
  auto type = RankedTensorType::get({options.hidden}, ops.getF32Type());
  Value g = arith::ConstantOp::create(ops, graph.loc(), DenseElementsAttr::get(type, ArrayRef(decays)));
  Value ones = graph.perToken(graph.constant(options.hidden, 1.0), x);
  Value sums = mlir::seq::ScanOp::create(ops, graph.loc(), ones, g).getH();
  return math::RsqrtOp::create(ops, graph.loc(), sums);
}

Value RetNet::retention(Graph &graph, Value x, const LayerInputs &in, const std::string &path) {
  int64_t hidden = options.hidden, heads = options.heads;
  auto rotated = [&](Value y) {
    return graph.rotary(graph.splitHeads(y, heads), in.positions, rotary, mlir::seq::RotaryLayout::Interleaved);
  };
  Value q = rotated(graph.mul(project(graph, x, path + ".q_proj", hidden, hidden), in.shared[0]));
  Value k = rotated(project(graph, x, path + ".k_proj", hidden, hidden));
  Value v = graph.splitHeads(project(graph, x, path + ".v_proj", options.values, hidden), heads);
  Value gate = project(graph, x, path + ".g_proj", options.values, hidden);
  double scale = 1 / std::sqrt(static_cast<double>(options.keyDim()));
  Value y = mlir::seq::RetentionOp::create(graph.ops(), graph.loc(), q, k, v, scale, logDecay).getO();
  y = graph.mergeHeads(graph.rmsNorm(y, /*weight=*/{}, options.eps));
  return project(graph, graph.glu(gate, y, mlir::seq::Activation::Silu), path + ".out_proj", hidden, options.values);
}

Value RetNet::mlp(Graph &graph, Value x, const std::string &path) {
  Value activated = project(graph, x, path + ".fc1", options.inner, options.hidden);
  Value up = project(graph, x, path + ".gate", options.inner, options.hidden);
  return project(graph, graph.glu(activated, up, options.activation), path + ".fc2", options.hidden, options.inner);
}

/// x with what `body` adds to it; the norm acts on the input of `body`, or on the sum.
Value RetNet::branch(Graph &graph, Value x, const Norm &around, llvm::function_ref<Value(Value)> body) {
  Value y = body(options.normBefore ? norm(graph, x, around) : x);
  y = graph.add(graph.scale(x, options.residualScale), y);
  return options.normBefore ? y : norm(graph, y, around);
}

Value RetNet::layer(Graph &graph, const LayerInputs &in) {
  std::string path = "layers." + std::to_string(in.number);
  Value x = branch(graph, in.x, getNorm(path + ".retention_layer_norm"),
                   [&](Value y) { return retention(graph, y, in, path + ".retention"); });
  return branch(graph, x, getNorm(path + ".final_layer_norm"), [&](Value y) { return mlp(graph, y, path + ".ffn"); });
}

static Options readOptions(Config &config) {
  Options options;
  options.hidden = config.getInt("decoder_embed_dim", 1, kMaxWidth);
  options.values = config.getInt("decoder_value_embed_dim", 1, kMaxWidth);
  options.heads = config.getInt("decoder_retention_heads", 1, kMaxWidth);
  if (options.hidden % (2 * options.heads) != 0)
    config.fail("decoder_retention_heads", "but decoder_embed_dim must be an even number of channels for each");
  if (options.values % options.heads != 0)
    config.fail("decoder_retention_heads", "but must divide decoder_value_embed_dim");
  options.inner = config.getInt("decoder_ffn_embed_dim", 1, kMaxWidth);
  options.layers = config.getInt("decoder_layers", 1, kMaxLayers);
  options.eps = config.getEps("layernorm_eps", 1e-6);
  auto kind = findActivation(config.getString("activation_fn", "gelu"));
  if (!kind)
    config.fail("activation_fn", "an activation that is not supported");
  options.activation = kind.value_or(mlir::seq::Activation::Gelu);
  options.normBefore = config.getBool("decoder_normalize_before", true);
  bool deep = config.getBool("deepnorm", false);
  options.residualScale = deep ? std::pow(2.0 * static_cast<double>(options.layers), 0.25) : 1.0;
  options.tied = config.getBool("share_decoder_input_output_embed", false);
  options.embeddingNorm = config.getBool("layernorm_embedding", false);
  if (config.getInt("moe_freq", 0, kMaxLayers, 0) != 0)
    config.fail("moe_freq", "but experts are not supported");
  config.expectBool("no_output_layer", false);
  // How the code runs a model, and training.
  config.ignore({"recurrent_chunk_size", "chunkwise_recurrent", "dropout", "activation_dropout", "drop_path_rate",
                 "checkpoint_activations", "fsdp", "subln", "use_xmoe", "multiway"});
  config.ignoreBookkeeping();
  return options;
}

ImportedModule importRetNet(MLIRContext *context, HuggingFaceModel &model) {
  Config &config = model.config;
  Options options = readOptions(config);
  ModelInfo info = model.info;
  info.context = model.options.maxContext;
  info.vocabulary = config.getInt("vocab_size", 1, kMaxVocabulary);
  bool scaled = !config.getBool("no_scale_embedding", false);
  config.checkAllUsed();
  if (llvm::Error error = config.takeError())
    return std::move(error);

  ModelBuilder builder(context, model.weights);
  RetNet retnet(builder, options);
  Decoder decoder;
  decoder.layers = options.layers;
  decoder.embedding = builder.matrix("embed_tokens.weight", info.vocabulary, options.hidden);
  decoder.embeddingScale = scaled ? std::sqrt(static_cast<double>(options.hidden)) : 1.0;
  if (options.embeddingNorm)
    decoder.embeddingNorm = retnet.getNorm("layernorm_embedding");
  if (options.normBefore)
    decoder.finalNorm = retnet.getNorm("layer_norm");
  decoder.head = getHead(builder, options.tied, decoder.embedding, "output_projection.weight");
  decoder.shared = [&](Graph &graph, Value x) { return SmallVector<Value>{retnet.rowScale(graph, x)}; };
  return buildDecoder(builder, info, decoder,
                      [&](Graph &graph, const LayerInputs &in) { return retnet.layer(graph, in); });
}

} // namespace seqc::importer
