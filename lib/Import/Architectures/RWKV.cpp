// rwkv: versions 4, 5.2, 6 and 7 in the names of the original checkpoints
// (blocks.N.att, blocks.N.ffn), and version 4 in those of its Hugging Face
// class.

#include "RWKV.h"
#include "Architectures.h"
#include "seq/Import/Error.h"

using namespace mlir;

namespace seqc::importer {

static constexpr RWKVNames kOriginalNames = {"",           "emb.weight", "ln0",        "att",       "ffn",
                                             "time_mix_k", "time_mix_v", "time_mix_r", "time_mix_g"};
static constexpr RWKVNames kLibraryNames = {"rwkv.",          "embeddings.weight",   "pre_ln",
                                            "attention",      "feed_forward",        "time_mix_key",
                                            "time_mix_value", "time_mix_receptance", ""};

//===----------------------------------------------------------------------===//
// What the versions share
//===----------------------------------------------------------------------===//

std::string RWKVLayers::blockPath(int64_t number) const {
  return names.prefix.str() + "blocks." + std::to_string(number);
}
std::string RWKVLayers::timePath(int64_t number) const { return blockPath(number) + "." + names.attention.str(); }
std::string RWKVLayers::channelPath(int64_t number) const { return blockPath(number) + "." + names.mlp.str(); }

Value RWKVLayers::lerp(Graph &graph, Value x, Value before, const std::string &mix) {
  Value share = graph.use(model.vector(mix, options.hidden));
  return graph.add(before, graph.mul(graph.sub(x, before), share));
}

Value RWKVLayers::project(Graph &graph, Value x, const std::string &path, int64_t outputs, int64_t inputs) {
  return graph.linear(x, model.matrix(path + ".weight", outputs, inputs));
}

Value RWKVLayers::channel(Graph &graph, Value x, int64_t number) {
  std::string path = channelPath(number);
  int64_t hidden = options.hidden, inner = options.inner;
  Value before = graph.tokenShift(x);
  Value k = lerp(graph, x, before, path + "." + names.mixKey.str());
  Value r = lerp(graph, x, before, path + "." + names.mixReceptance.str());
  k = project(graph, k, path + ".key", inner, hidden);
  k = graph.activation(k, mlir::seq::Activation::Relu2);
  r = project(graph, r, path + ".receptance", hidden, hidden);
  r = graph.activation(r, mlir::seq::Activation::Sigmoid);
  return graph.mul(r, project(graph, k, path + ".value", hidden, inner));
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

namespace {
class Importer {
public:
  Importer(MLIRContext *context, HuggingFaceModel &model)
      : config(model.config), model(model), builder(context, model.weights) {}

  ImportedModule run();

private:
  void readOptions();
  void readVersion();
  void readHeads();
  void readHeadsOfBonus();
  Norm getNorm(const std::string &path, int64_t number, double eps);
  Value buildLayer(Graph &graph, Value x, int64_t number, Value &firstValue);
  ImportedModule build();

  Config &config;
  HuggingFaceModel &model;
  ModelBuilder builder;
  RWKVOptions options;
  const RWKVNames *names = &kOriginalNames;
  std::unique_ptr<RWKVLayers> (*makeLayers)(ModelBuilder &, const RWKVOptions &, const RWKVNames &) = makeRWKV4;
  bool hasHeads = false;
  std::unique_ptr<RWKVLayers> layers;
};
} // namespace

void Importer::readVersion() {
  StringRef key = config.has("rwkv_version") ? "rwkv_version" : "version";
  if (!config.has(key)) { // the library's class, which is version 4 only
    names = &kLibraryNames;
    options.rescaleEvery = config.getInt("rescale_every", 0, kMaxLayers, 6);
    return;
  }
  std::string version = config.getString(key);
  hasHeads = true;
  if (version == "5.2")
    makeLayers = makeRWKV5;
  else if (version == "6.0" || version == "6")
    makeLayers = makeRWKV6;
  else if (version == "7.0" || version == "7")
    makeLayers = makeRWKV7;
  else if (version == "4.0" || version == "4")
    hasHeads = false;
  else
    config.fail(key, "which is not supported; 4, 5.2, 6 and 7 are");
}

/// Version 7 stores r_k as [heads, head size]: that is what a checkpoint was
/// trained with, and counts where a converted configuration says otherwise.
void Importer::readHeadsOfBonus() {
  const TensorEntry *entry = model.weights.find("blocks.0.att.r_k");
  if (makeLayers != makeRWKV7 || !entry || entry->shape.size() != 2)
    return;
  int64_t heads = entry->shape.front(), dim = entry->shape.back();
  if (heads >= 1 && heads <= options.hidden && dim <= options.hidden && heads * dim == options.hidden)
    options.heads = heads;
}

void Importer::readHeads() {
  options.heads = 1;
  if (!hasHeads)
    return;
  int64_t headSize = config.getInt("head_size", 1, options.hidden);
  if (options.hidden % headSize != 0)
    return config.fail("head_size", "but must divide hidden_size");
  options.heads = options.hidden / headSize;
  readHeadsOfBonus();
  if (config.getInt("num_heads", 1, kMaxWidth, options.heads) != options.heads)
    config.fail("num_heads", "but hidden_size and head_size give another "
                             "number");
  options.groupEps = config.getEps("group_norm_epsilon");
  // What the tensors say themselves.
  config.ignore({"lora_rank_mix", "lora_rank_decay", "lora_rank_iclr", "lora_rank_value_residual", "lora_rank_gate"});
}

void Importer::readOptions() {
  options.hidden = config.getInt("hidden_size", 1, kMaxWidth);
  options.layers = config.getInt("num_hidden_layers", 1, kMaxLayers);
  options.vocabulary = config.getInt("vocab_size", 1, kMaxVocabulary);
  options.eps = config.getEps("layer_norm_epsilon", 1e-5);
  options.tied = config.getBool("tie_word_embeddings", false);
  readVersion();
  readHeads();
  options.attention = config.getInt("attention_hidden_size", 1, kMaxWidth, options.hidden);
  if (hasHeads && options.attention != options.hidden)
    config.fail("attention_hidden_size", "but must be hidden_size");
  model.info.context =
      model.options.maxContext != 0 ? model.options.maxContext : config.getInt("context_length", 0, kMaxContext, 0);
  model.info.vocabulary = options.vocabulary;
  if (config.getString("tokenizer", "") == "bytes")
    model.info.tokenizer = config.path().str();
  else if (config.has("tokenizer"))
    config.fail("tokenizer", "which is not supported; only \"bytes\" is");
  config.ignoreBookkeeping();

  // Not every file says how wide the channel mix is.
  std::string key = names->prefix.str() + "blocks.0." + names->mlp.str() + ".key.weight";
  const TensorEntry *entry = model.weights.find(key);
  int64_t rows = entry && entry->shape.size() == 2 ? entry->shape.front() : 1;
  options.inner = config.getInt("intermediate_size", 1, kMaxWidth, rows);
}

/// Version 4 in the library's format halves x every few layers and divides the
/// output weights to match. A norm sees that only in its eps: the norm of
/// x / s with eps is the norm of x with s^2 eps. So x stays whole here.
Norm Importer::getNorm(const std::string &path, int64_t number, double eps) {
  double scale = options.rescaleEvery ? std::exp2(number / options.rescaleEvery) : 1.0;
  return {Norm::Layer, builder.vector(path + ".weight", options.hidden), builder.vector(path + ".bias", options.hidden),
          eps * scale * scale};
}

Value Importer::buildLayer(Graph &graph, Value x, int64_t number, Value &firstValue) {
  std::string path = layers->blockPath(number);
  Value y = norm(graph, x, getNorm(path + ".ln1", number, options.eps));
  x = graph.add(x, layers->time(graph, y, number, firstValue));
  y = norm(graph, x, getNorm(path + ".ln2", number, options.eps));
  return graph.add(x, layers->channel(graph, y, number));
}

ImportedModule Importer::build() {
  std::string prefix = names->prefix.str();
  Graph graph = builder.startForward();
  Weight embedding = builder.matrix(prefix + names->embedding.str(), options.vocabulary, options.hidden);
  Value x = graph.embedding(graph.ids(), embedding);
  x = norm(graph, x, getNorm(layers->blockPath(0) + "." + names->firstNorm.str(), 0, options.eps));
  Value firstValue;
  for (int64_t i = 0; i < options.layers && !builder.failed(); ++i) {
    SmallVector<Value> inputs{x};
    if (firstValue)
      inputs.push_back(firstValue);
    auto body = [&](Graph &g, ValueRange in) {
      Value shared = in.size() == 2 ? in[1] : Value();
      SmallVector<Value> results{buildLayer(g, in[0], i, shared)};
      if (i == 0 && layers->sharesValues())
        results.push_back(shared);
      return results;
    };
    SmallVector<Value> results = builder.block(graph, "layer", inputs, body);
    x = results.front();
    if (results.size() == 2)
      firstValue = results.back();
  }
  // The library's class gives its last norm no eps.
  double eps = names == &kLibraryNames ? 1e-5 : options.eps;
  x = norm(graph, x, getNorm(prefix + "ln_out", options.layers, eps));
  Weight head = getHead(builder, options.tied, embedding, "head.weight");
  return builder.finish(graph, graph.linear(x, head), model.info);
}

ImportedModule Importer::run() {
  readOptions();
  config.checkAllUsed();
  if (llvm::Error error = config.takeError())
    return std::move(error);
  layers = makeLayers(builder, options, *names);
  return build();
}

ImportedModule importRWKV(MLIRContext *context, HuggingFaceModel &model) { return Importer(context, model).run(); }

} // namespace seqc::importer
