// The time mix of RWKV 4: a decaying average of values for each channel,
//   (sum_s e^(k_s - (t-1-s) w) v_s + e^(u + k_t) v_t) / (the same without v),
// which is a matrix state of 1 x 1 for each channel with k as the logarithm of
// an input gate and a ratio as normaliser.

#include "RWKV.h"

using namespace mlir;

namespace seqc::importer {

namespace {
class RWKV4 : public RWKVLayers {
public:
  using RWKVLayers::RWKVLayers;
  Value time(Graph &graph, Value x, int64_t number, Value &firstValue) override;

private:
  Value average(Graph &graph, const std::string &path, Value k, Value v);
};
} // namespace

Value RWKV4::average(Graph &graph, const std::string &path, Value k, Value v) {
  int64_t channels = options.attention;
  OpBuilder &ops = graph.ops();
  Value g = graph.negExp(graph.use(model.vector(path + ".time_decay", channels)));
  Value u = graph.splitHeads(graph.use(model.vector(path + ".time_first", channels)), channels);
  Value values = graph.splitHeads(v, channels);
  Value ones = mlir::seq::BroadcastOp::create(ops, graph.loc(), graph.constant(1, 1.0), values);
  auto mix = mlir::seq::StateMixOp::create(ops, graph.loc(),
                                           mlir::seq::StateMixParts{.q = ones,
                                                                    .k = ones,
                                                                    .v = values,
                                                                    .g = g,
                                                                    .u = u,
                                                                    .i = k,
                                                                    .decay = mlir::seq::Decay::Static,
                                                                    .read = mlir::seq::Read::Pre,
                                                                    .normaliser = mlir::seq::Normaliser::Ratio,
                                                                    .uExp = true});
  return graph.mergeHeads(mix.getO());
}

Value RWKV4::time(Graph &graph, Value x, int64_t number, Value &) {
  std::string path = timePath(number);
  Value before = graph.tokenShift(x);
  auto mixed = [&](StringRef mix, StringRef name) {
    Value y = lerp(graph, x, before, path + "." + mix.str());
    return project(graph, y, path + "." + name.str(), options.attention, options.hidden);
  };
  Value k = mixed(names.mixKey, "key");
  Value v = mixed(names.mixValue, "value");
  Value r = graph.activation(mixed(names.mixReceptance, "receptance"), mlir::seq::Activation::Sigmoid);
  Value y = graph.mul(r, average(graph, path, k, v));
  return project(graph, y, path + ".output", options.hidden, options.attention);
}

std::unique_ptr<RWKVLayers> makeRWKV4(ModelBuilder &model, const RWKVOptions &options, const RWKVNames &names) {
  return std::make_unique<RWKV4>(model, options, names);
}

} // namespace seqc::importer
