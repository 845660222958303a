// RWKV 7: matrix states with a decay for each token and channel and a diagonal
// plus low-rank transition, values mixed with those of layer 0, and a channel
// mix without receptance.

#include "RWKV.h"

using namespace mlir;

namespace seqc::importer {

namespace {
/// The models were trained with this rounding of exp(-1/2).
constexpr double kDecayLimit = -0.606531;

class RWKV7 : public RWKVLayers {
public:
  using RWKVLayers::RWKVLayers;
  bool sharesValues() const override { return true; }
  Value time(Graph &graph, Value x, int64_t number, Value &firstValue) override;
  Value channel(Graph &graph, Value x, int64_t number) override;

private:
  Value vector(Graph &graph, const std::string &path) { return graph.use(model.vector(path, options.hidden)); }
  /// x + (before - x) * mix
  Value shifted(Graph &graph, Value x, Value difference, const std::string &mix) {
    return graph.add(x, graph.mul(difference, vector(graph, mix)));
  }
  Value lowRank(Graph &graph, Value x, const std::string &path, mlir::seq::Activation between);
  Value sigmoid(Graph &graph, Value x) { return graph.activation(x, mlir::seq::Activation::Sigmoid); }
  Value values(Graph &graph, Value x, Value difference, const std::string &path, int64_t number, Value &firstValue);
  Value bonus(Graph &graph, Value r, Value k, Value v, const std::string &path);
};
} // namespace

/// between(x @ PATH1) @ PATH2, both stored as [inputs, outputs].
Value RWKV7::lowRank(Graph &graph, Value x, const std::string &path, mlir::seq::Activation between) {
  const TensorEntry *entry = model.weights().find(path + "1");
  int64_t rank = entry && entry->shape.size() == 2 ? entry->shape.back() : 1;
  Value y = graph.linear(x, model.transposed(path + "1", rank, options.hidden));
  if (between != mlir::seq::Activation::Identity)
    y = graph.activation(y, between);
  return graph.linear(y, model.transposed(path + "2", options.hidden, rank));
}

/// Layer 0's own values; later layers move theirs towards those.
Value RWKV7::values(Graph &graph, Value x, Value difference, const std::string &path, int64_t number,
                    Value &firstValue) {
  Value mixed = shifted(graph, x, difference, path + ".x_v");
  Value v = project(graph, mixed, path + ".value", options.hidden, options.hidden);
  if (number == 0) {
    // Some checkpoints store what only the other layers use.
    for (StringRef name : {".v0", ".v1", ".v2"})
      model.weights().ignore(path + name.str());
    return firstValue = v;
  }
  Value share = sigmoid(graph, graph.add(lowRank(graph, mixed, path + ".v", mlir::seq::Activation::Identity),
                                         vector(graph, path + ".v0")));
  return graph.add(v, graph.mul(graph.sub(firstValue, v), share));
}

/// (sum over a head of r * k * r_k) * v. The sum is a product with a matrix of
/// ones, which gives it to every channel of the head at once.
Value RWKV7::bonus(Graph &graph, Value r, Value k, Value v, const std::string &path) {
  int64_t heads = options.heads, dim = options.hidden / heads;
  Value weights = graph.use(model.tensor(path + ".r_k", {heads, dim}));
  Value products = graph.mul(graph.splitHeads(graph.mul(r, k), heads), weights);
  Weight ones = model.filled("ones", {dim, dim}, 1.0f);
  Value sums = graph.linear(products, ones);
  return graph.mul(graph.mergeHeads(sums), v);
}

Value RWKV7::time(Graph &graph, Value x, int64_t number, Value &firstValue) {
  std::string path = timePath(number);
  int64_t hidden = options.hidden, heads = options.heads;
  auto split = [&](Value value) { return graph.splitHeads(value, heads); };
  Value difference = graph.sub(graph.tokenShift(x), x);
  auto mixed = [&](StringRef mix) { return shifted(graph, x, difference, path + "." + mix.str()); };

  Value r = project(graph, mixed("x_r"), path + ".receptance", hidden, hidden);
  Value k = project(graph, mixed("x_k"), path + ".key", hidden, hidden);
  Value v = values(graph, x, difference, path, number, firstValue);
  Value decay = sigmoid(graph, graph.add(lowRank(graph, mixed("x_w"), path + ".w", mlir::seq::Activation::Tanh),
                                         vector(graph, path + ".w0")));
  Value g = graph.mul(decay, graph.constant(hidden, kDecayLimit));
  Value rate = sigmoid(graph, graph.add(lowRank(graph, mixed("x_a"), path + ".a", mlir::seq::Activation::Identity),
                                        vector(graph, path + ".a0")));
  Value gate = lowRank(graph, mixed("x_g"), path + ".g", mlir::seq::Activation::Sigmoid);

  OpBuilder &ops = graph.ops();
  Value direction = mlir::seq::L2NormOp::create(ops, graph.loc(), split(graph.mul(k, vector(graph, path + ".k_k"))),
                                                APFloat(1e-12), mlir::seq::EpsMode::Max);
  Value b = graph.mul(direction, split(rate));
  Value a = arith::NegFOp::create(ops, graph.loc(), direction);
  // k (1 + (rate - 1) k_a)
  Value change = graph.sub(graph.mul(k, rate), k);
  k = graph.add(k, graph.mul(change, vector(graph, path + ".k_a")));

  auto mix = mlir::seq::StateMixOp::create(ops, graph.loc(),
                                           mlir::seq::StateMixParts{.q = split(r),
                                                                    .k = split(k),
                                                                    .v = split(v),
                                                                    .g = split(g),
                                                                    .a = a,
                                                                    .b = b,
                                                                    .decay = mlir::seq::Decay::Channel,
                                                                    .update = mlir::seq::Update::Dplr});
  Value y = graph.groupNorm(graph.mergeHeads(mix.getO()), model.vector(path + ".ln_x.weight", hidden),
                            model.vector(path + ".ln_x.bias", hidden), heads, options.groupEps);
  y = graph.add(y, bonus(graph, r, k, v, path));
  return project(graph, graph.mul(y, gate), path + ".output", hidden, hidden);
}

Value RWKV7::channel(Graph &graph, Value x, int64_t number) {
  std::string path = channelPath(number);
  Value difference = graph.sub(graph.tokenShift(x), x);
  Value k = shifted(graph, x, difference, path + ".x_k");
  k = project(graph, k, path + ".key", options.inner, options.hidden);
  k = graph.activation(k, mlir::seq::Activation::Relu2);
  return project(graph, k, path + ".value", options.hidden, options.inner);
}

std::unique_ptr<RWKVLayers> makeRWKV7(ModelBuilder &model, const RWKVOptions &options, const RWKVNames &names) {
  return std::make_unique<RWKV7>(model, options, names);
}

} // namespace seqc::importer
