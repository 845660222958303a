// The time mix of RWKV 5.2: matrix states with a static decay for each channel,
// a norm over each head and a gate.

#include "RWKV.h"

using namespace mlir;

namespace seqc::importer {

namespace {
class RWKV5 : public RWKVLayers {
public:
  using RWKVLayers::RWKVLayers;
  Value time(Graph &graph, Value x, int64_t number, Value &firstValue) override;
};
} // namespace

Value RWKV5::time(Graph &graph, Value x, int64_t number, Value &) {
  std::string path = timePath(number);
  int64_t hidden = options.hidden, heads = options.heads;
  Value before = graph.tokenShift(x);
  auto mixed = [&](StringRef mix, StringRef name) {
    Value y = lerp(graph, x, before, path + "." + mix.str());
    return project(graph, y, path + "." + name.str(), hidden, hidden);
  };
  auto split = [&](Value value) { return graph.splitHeads(value, heads); };
  Value r = split(mixed(names.mixReceptance, "receptance"));
  Value k = split(mixed(names.mixKey, "key"));
  Value v = split(mixed(names.mixValue, "value"));
  Value gate = graph.activation(mixed(names.mixGate, "gate"), mlir::seq::Activation::Silu);

  SmallVector<int64_t, 2> perHead{heads, hidden / heads};
  Value g = graph.negExp(graph.use(model.tensor(path + ".time_decay", perHead)));
  Value u = graph.use(model.tensor(path + ".time_faaaa", perHead));
  auto mix = mlir::seq::StateMixOp::create(
      graph.ops(), graph.loc(),
      mlir::seq::StateMixParts{
          .q = r, .k = k, .v = v, .g = g, .u = u, .decay = mlir::seq::Decay::Static, .read = mlir::seq::Read::Pre});
  Value y = graph.groupNorm(graph.mergeHeads(mix.getO()), model.vector(path + ".ln_x.weight", hidden),
                            model.vector(path + ".ln_x.bias", hidden), heads, options.groupEps);
  return project(graph, graph.mul(y, gate), path + ".output", hidden, hidden);
}

std::unique_ptr<RWKVLayers> makeRWKV5(ModelBuilder &model, const RWKVOptions &options, const RWKVNames &names) {
  return std::make_unique<RWKV5>(model, options, names);
}

} // namespace seqc::importer
