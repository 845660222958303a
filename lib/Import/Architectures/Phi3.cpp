// phi3: llama with q, k and v in one matrix, gate and up in another, and a
// window on every layer.

#include "../LlamaLike.h"
#include "Architectures.h"

namespace seqc::importer {

static LlamaLayer getLayer(ModelBuilder &model, const LlamaOptions &options, int64_t number) {
  std::string prefix = "model.layers." + std::to_string(number) + ".";
  int64_t hidden = options.hidden, inner = options.inner;
  const AttentionOptions &sizes = options.attention;
  int64_t queries = sizes.heads * sizes.headDim;
  int64_t keys = sizes.kvHeads * sizes.headDim;
  auto rms = [&](llvm::StringRef name) {
    return Norm{Norm::Rms, model.vector(prefix + name.str(), hidden), {}, options.eps};
  };

  LlamaLayer layer;
  layer.attentionNorm = rms("input_layernorm.weight");
  layer.mlpNorm = rms("post_attention_layernorm.weight");
  auto projection = [&](llvm::StringRef part, int64_t first, int64_t count) {
    return Linear{model.rows(prefix + "self_attn.qkv_proj.weight", {queries + 2 * keys, hidden}, part, first, count),
                  {}};
  };
  layer.attention.q = projection("q", 0, queries);
  layer.attention.k = projection("k", queries, keys);
  layer.attention.v = projection("v", queries + keys, keys);
  layer.attention.out.weight = model.matrix(prefix + "self_attn.o_proj.weight", hidden, queries);
  auto half = [&](llvm::StringRef part, int64_t first) {
    return Linear{model.rows(prefix + "mlp.gate_up_proj.weight", {2 * inner, hidden}, part, first, inner), {}};
  };
  layer.gate = half("gate", 0);
  layer.up = half("up", inner);
  layer.down.weight = model.matrix(prefix + "mlp.down_proj.weight", hidden, inner);
  return layer;
}

ImportedModule importPhi3(mlir::MLIRContext *context, HuggingFaceModel &model) {
  Config &config = model.config;
  LlamaOptions options = readLlamaOptions(model);
  readUniformWindow(config, options);
  config.expectBool("attention_bias", false);
  // Read with the rotary scaling where there is one.
  config.ignore({"original_max_position_embeddings"});
  return finishLlama(context, model, options,
                     [&](ModelBuilder &builder, int64_t number) { return getLayer(builder, options, number); });
}

} // namespace seqc::importer
