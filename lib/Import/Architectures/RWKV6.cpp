// RWKV 6: matrix states with a decay for each token and channel, and a token
// shift whose shares depend on the token through a low-rank map. Peng et al.
// 2024 (Eagle and Finch), section 4.2.

#include "RWKV.h"

using namespace mlir;

namespace seqc::importer {

namespace {
/// The order in which a checkpoint holds the five low-rank maps.
enum class Mixed { Decay, Key, Value, Receptance, Gate };
constexpr int64_t kMaps = 5;

class RWKV6 : public RWKVLayers {
public:
  using RWKVLayers::RWKVLayers;
  Value time(Graph &graph, Value x, int64_t number, Value &firstValue) override;
  Value channel(Graph &graph, Value x, int64_t number) override;

private:
  Value vector(Graph &graph, const std::string &path) { return graph.use(model.vector(path, options.hidden)); }
  int64_t columns(const std::string &path) {
    const TensorEntry *entry = model.weights().find(path);
    return entry && entry->shape.size() == 2 ? entry->shape.back() : 1;
  }
  Value share(Graph &graph, Value x, const std::string &path, Mixed kind, StringRef letter);
  Value logDecay(Graph &graph, Value x, const std::string &path);
};
} // namespace

/// The share of the token before in one of the five inputs:
///   time_maa_LETTER + tanh(x @ W1) @ W2,
/// where W1 [hidden, 5 rank] and W2 [5, rank, hidden] hold all five maps.
Value RWKV6::share(Graph &graph, Value x, const std::string &path, Mixed kind, StringRef letter) {
  auto index = static_cast<int64_t>(kind);
  int64_t hidden = options.hidden, all = columns(path + ".time_maa_w1"), rank = std::max<int64_t>(all / kMaps, 1);
  View first{letter, {rank, hidden}, index * rank, {rank, hidden}, {1, all}};
  View second{letter, {hidden, rank}, index * rank * hidden, {hidden, rank}, {1, hidden}};
  Value y = graph.linear(x, model.view(path + ".time_maa_w1", {hidden, kMaps * rank}, first));
  y = graph.activation(y, mlir::seq::Activation::Tanh);
  y = graph.linear(y, model.view(path + ".time_maa_w2", {kMaps, rank, hidden}, second));
  return graph.add(y, vector(graph, path + ".time_maa_" + letter.str()));
}

/// -exp(time_decay + tanh(x @ W1) @ W2)
Value RWKV6::logDecay(Graph &graph, Value x, const std::string &path) {
  int64_t hidden = options.hidden, rank = columns(path + ".time_decay_w1");
  Value y = graph.linear(x, model.transposed(path + ".time_decay_w1", rank, hidden));
  y = graph.activation(y, mlir::seq::Activation::Tanh);
  y = graph.linear(y, model.transposed(path + ".time_decay_w2", hidden, rank));
  return graph.negExp(graph.add(y, vector(graph, path + ".time_decay")));
}

Value RWKV6::time(Graph &graph, Value x, int64_t number, Value &) {
  std::string path = timePath(number);
  int64_t hidden = options.hidden, heads = options.heads;
  Value difference = graph.sub(graph.tokenShift(x), x);
  Value base = graph.add(x, graph.mul(difference, vector(graph, path + ".time_maa_x")));
  auto mixed = [&](Mixed kind, StringRef letter) {
    return graph.add(x, graph.mul(difference, share(graph, base, path, kind, letter)));
  };
  auto projected = [&](Mixed kind, StringRef letter, StringRef name) {
    return project(graph, mixed(kind, letter), path + "." + name.str(), hidden, hidden);
  };
  auto split = [&](Value value) { return graph.splitHeads(value, heads); };
  Value g = split(logDecay(graph, mixed(Mixed::Decay, "w"), path));
  Value k = split(projected(Mixed::Key, "k", "key"));
  Value v = split(projected(Mixed::Value, "v", "value"));
  Value r = split(projected(Mixed::Receptance, "r", "receptance"));
  Value gate = graph.activation(projected(Mixed::Gate, "g", "gate"), mlir::seq::Activation::Silu);
  Value u = graph.use(model.tensor(path + ".time_faaaa", {heads, hidden / heads}));
  auto mix = mlir::seq::StateMixOp::create(
      graph.ops(), graph.loc(),
      mlir::seq::StateMixParts{
          .q = r, .k = k, .v = v, .g = g, .u = u, .decay = mlir::seq::Decay::Channel, .read = mlir::seq::Read::Pre});
  Value y = graph.groupNorm(graph.mergeHeads(mix.getO()), model.vector(path + ".ln_x.weight", hidden),
                            model.vector(path + ".ln_x.bias", hidden), heads, options.groupEps);
  return project(graph, graph.mul(y, gate), path + ".output", hidden, hidden);
}

Value RWKV6::channel(Graph &graph, Value x, int64_t number) {
  std::string path = channelPath(number);
  int64_t hidden = options.hidden, inner = options.inner;
  Value difference = graph.sub(graph.tokenShift(x), x);
  auto mixed = [&](StringRef mix) {
    return graph.add(x, graph.mul(difference, vector(graph, path + "." + mix.str())));
  };
  Value k = project(graph, mixed("time_maa_k"), path + ".key", inner, hidden);
  k = graph.activation(k, mlir::seq::Activation::Relu2);
  Value r = project(graph, mixed("time_maa_r"), path + ".receptance", hidden, hidden);
  r = graph.activation(r, mlir::seq::Activation::Sigmoid);
  return graph.mul(r, project(graph, k, path + ".value", hidden, inner));
}

std::unique_ptr<RWKVLayers> makeRWKV6(ModelBuilder &model, const RWKVOptions &options, const RWKVNames &names) {
  return std::make_unique<RWKV6>(model, options, names);
}

} // namespace seqc::importer
