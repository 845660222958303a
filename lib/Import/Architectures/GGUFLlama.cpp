// llama in GGUF files: also what mistral and others were converted to. The rows
// of attn_q and attn_k are stored permuted, so that the pairs of the rotation
// are neighbours: the rotation is interleaved and the weights stay as they are.

#include "../GGUFOptions.h"
#include "../LlamaLike.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

static void readHeads(GGUFOptions &reader, LlamaOptions &options) {
  AttentionOptions &attention = options.attention;
  attention.layout = mlir::seq::RotaryLayout::Interleaved;
  attention.heads = reader.getInt("attention.head_count", 1, kMaxWidth);
  attention.kvHeads = reader.getInt("attention.head_count_kv", 1, kMaxWidth, attention.heads);
  if (attention.heads % attention.kvHeads != 0)
    reader.fail("attention.head_count_kv",
                Twine(attention.kvHeads) + " does not divide the " + Twine(attention.heads) + " heads");
  if (!reader.has("attention.key_length") && options.hidden % attention.heads != 0)
    reader.fail("attention.head_count",
                Twine(attention.heads) + " does not divide the width of " + Twine(options.hidden));
  int64_t even = std::max<int64_t>(options.hidden / attention.heads, 1);
  attention.headDim = reader.getInt("attention.key_length", 1, kMaxWidth, even);
  int64_t valueDim = reader.getInt("attention.value_length", 1, kMaxWidth, attention.headDim);
  if (valueDim != attention.headDim)
    reader.fail("attention.value_length", "values of another width than keys are not supported");
}

static LlamaOptions readOptions(GGUFOptions &reader, GGUFModel &model) {
  WeightSource &weights = model.file->weights();
  LlamaOptions options;
  options.hidden = reader.getInt("embedding_length", 1, kMaxWidth);
  options.inner = reader.getInt("feed_forward_length", 1, kMaxWidth);
  options.layers = reader.getInt("block_count", 1, kMaxLayers);
  options.windows.assign(options.layers, 0);
  int64_t trained = reader.getInt("context_length", 1, kMaxContext);
  options.context = model.options.maxContext != 0 ? model.options.maxContext : trained;
  options.eps = reader.getEps("attention.layer_norm_rms_epsilon", 1e-5);
  readHeads(reader, options);
  options.attention.rotary = readRotary(reader, weights, options.attention.headDim);
  // Older files leave the size of the vocabulary to the embedding.
  const TensorEntry *embedding = weights.find("token_embd.weight");
  int64_t rows = embedding && embedding->shape.size() == 2 ? embedding->shape.front() : 1;
  options.vocabulary = reader.getInt("vocab_size", 1, kMaxVocabulary, rows);
  options.tied = !weights.find("output.weight");
  if (reader.getInt("expert_count", 0, kMaxWidth, 0) != 0)
    reader.fail("expert_count", "mixtures of experts are not supported");
  // How the weights of the original were laid out.
  reader.ignore({"tensor_data_layout"});
  return options;
}

static LlamaLayer getLayer(ModelBuilder &model, const LlamaOptions &options, int64_t number) {
  std::string prefix = "blk." + std::to_string(number) + ".";
  auto linear = [&](StringRef name, int64_t outputs, int64_t inputs) {
    std::string path = prefix + name.str();
    Linear result;
    result.weight = model.matrix(path + ".weight", outputs, inputs);
    if (model.weights().find(path + ".bias"))
      result.bias = model.vector(path + ".bias", outputs);
    return result;
  };
  auto rms = [&](StringRef name) {
    return Norm{Norm::Rms, model.vector(prefix + name.str() + ".weight", options.hidden), {}, options.eps};
  };
  const AttentionOptions &sizes = options.attention;
  int64_t queries = sizes.heads * sizes.headDim;
  int64_t keys = sizes.kvHeads * sizes.headDim;
  LlamaLayer layer;
  layer.attentionNorm = rms("attn_norm");
  layer.mlpNorm = rms("ffn_norm");
  layer.attention.q = linear("attn_q", queries, options.hidden);
  layer.attention.k = linear("attn_k", keys, options.hidden);
  layer.attention.v = linear("attn_v", keys, options.hidden);
  layer.attention.out = linear("attn_output", options.hidden, queries);
  layer.gate = linear("ffn_gate", options.inner, options.hidden);
  layer.up = linear("ffn_up", options.inner, options.hidden);
  layer.down = linear("ffn_down", options.hidden, options.inner);
  return layer;
}

ImportedModule importGGUFLlama(MLIRContext *context, GGUFModel &model) {
  GGUFOptions reader(*model.file, "llama");
  LlamaOptions options = readOptions(reader, model);
  reader.checkAllUsed();
  if (llvm::Error error = reader.takeError())
    return std::move(error);
  ModelBuilder builder(context, model.file->weights());
  return buildLlama(builder, model.info, options, {"token_embd.weight", "output_norm.weight", "output.weight"},
                    [&](ModelBuilder &layers, int64_t number) { return getLayer(layers, options, number); });
}

} // namespace seqc::importer
