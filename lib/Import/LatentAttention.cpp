#include "LatentAttention.h"

#include "Checkpoint.h"

using namespace mlir;

namespace seqc::importer {

LatentAttentionOptions readLatentAttention(Config &config, int64_t hidden) {
  LatentAttentionOptions latent;
  latent.hidden = hidden;
  latent.heads = config.getInt("num_attention_heads", 1, kMaxWidth);
  if (config.getInt("num_key_value_heads", 1, kMaxWidth, latent.heads) != latent.heads)
    config.fail("num_key_value_heads", "but must be num_attention_heads: each head has keys of its own");
  latent.keyDim = config.getInt("qk_nope_head_dim", 1, kMaxWidth);
  latent.sharedDim = config.getInt("qk_rope_head_dim", 1, kMaxWidth);
  latent.valueDim = config.getInt("v_head_dim", 1, kMaxWidth);
  latent.keyRank = config.getInt("kv_lora_rank", 1, kMaxWidth);
  latent.queryRank = config.getInt("q_lora_rank", 1, kMaxWidth, 0);
  latent.bias = config.getBool("attention_bias", false);
  if (int64_t width = latent.keyDim + latent.sharedDim; config.getInt("qk_head_dim", 1, 2 * kMaxWidth, width) != width)
    config.fail("qk_head_dim", "but must be qk_nope_head_dim and qk_rope_head_dim together");
  return latent;
}

namespace {
class LatentAttention {
public:
  LatentAttention(ModelBuilder &model, Graph &graph, Value positions, const std::string &path,
                  const LatentAttentionOptions &options)
      : model(model), graph(graph), positions(positions), path(path), options(options) {}

  Value queries(Value x);
  std::pair<Value, Value> keysAndValues(Value x);

private:
  Weight getBias(StringRef name, int64_t size) {
    return options.bias ? model.vector(path + name.str() + ".bias", size) : Weight();
  }
  Value normed(Value x, StringRef name, int64_t size) {
    return graph.rmsNorm(x, model.vector(path + name.str() + ".weight", size), options.normEps);
  }
  Value rotated(Value x) {
    return options.rotary.dims == 0 ? x : graph.rotary(x, positions, options.rotary, options.layout);
  }
  Value headsPart(Value x, StringRef name, StringRef suffix, int64_t stride, int64_t first, int64_t count);

  ModelBuilder &model;
  Graph &graph;
  Value positions;
  const std::string &path;
  const LatentAttentionOptions &options;
};
} // namespace

/// The outputs [first, first + count) of each head, where a head has `stride` of them.
Value LatentAttention::headsPart(Value x, StringRef name, StringRef suffix, int64_t stride, int64_t first,
                                 int64_t count) {
  int64_t inputs = cast<RankedTensorType>(x.getType()).getShape().back(), heads = options.heads;
  std::string tensor = path + name.str() + ".weight";
  View part{suffix, {heads * count, inputs}, first * inputs, {heads, count, inputs}, {stride * inputs, inputs, 1}};
  Weight weight = count == stride ? model.matrix(tensor, heads * stride, inputs)
                                  : model.view(tensor, {heads * stride, inputs}, part);
  return graph.splitHeads(graph.linear(x, weight), heads);
}

Value LatentAttention::queries(Value x) {
  StringRef name = ".q_proj";
  if (options.queryRank != 0) {
    Weight weight = model.matrix(path + ".q_a_proj.weight", options.queryRank, options.hidden);
    x = normed(graph.linear(x, weight, getBias(".q_a_proj", options.queryRank)), ".q_a_layernorm", options.queryRank);
    name = ".q_b_proj";
  }
  int64_t own = options.keyDim, all = own + options.sharedDim;
  if (options.rotary.dims == 0)
    return headsPart(x, name, "all", all, 0, all);
  Value part = rotated(headsPart(x, name, "shared", all, own, options.sharedDim));
  return graph.concat({headsPart(x, name, "own", all, 0, own), part});
}

std::pair<Value, Value> LatentAttention::keysAndValues(Value x) {
  int64_t rank = options.keyRank, shared = options.sharedDim, own = options.keyDim;
  auto part = [&](StringRef suffix, int64_t first, int64_t count) {
    std::string name = path + ".kv_a_proj_with_mqa";
    Weight bias;
    if (options.bias)
      bias = model.rows(name + ".bias", {rank + shared}, suffix, first, count);
    return graph.linear(x, model.rows(name + ".weight", {rank + shared, options.hidden}, suffix, first, count), bias);
  };
  Value latent = normed(part("latent", 0, rank), ".kv_a_layernorm", rank);
  Value common = graph.mergeHeads(rotated(graph.splitHeads(part("shared", rank, shared), 1)));
  int64_t stride = own + options.valueDim;
  Value keys = headsPart(latent, ".kv_b_proj", "keys", stride, 0, own);
  Value values = headsPart(latent, ".kv_b_proj", "values", stride, own, options.valueDim);
  return {graph.concat({keys, graph.forHeads(common, options.heads)}), values};
}

Value latentAttention(ModelBuilder &model, Graph &graph, Value x, Value positions, const std::string &path,
                      const LatentAttentionOptions &options) {
  LatentAttention latent(model, graph, positions, path, options);
  Value q = latent.queries(x);
  auto [k, v] = latent.keysAndValues(x);
  AttentionOptions attention;
  attention.scale = options.scale;
  Value o = attend(graph, q, k, v, attention);
  Weight bias = options.bias ? model.vector(path + ".o_proj.bias", options.hidden) : Weight();
  return graph.linear(o, model.matrix(path + ".o_proj.weight", options.hidden, options.heads * options.valueDim), bias);
}

} // namespace seqc::importer
