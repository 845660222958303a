#include "MoeBlocks.h"

using namespace mlir;

namespace seqc::importer {

std::string checkRouter(const RouterOptions &router, int64_t experts) {
  if (router.groups <= 0 || experts % router.groups != 0)
    return "the groups must divide the experts";
  if (router.keptGroups <= 0 || router.keptGroups > router.groups)
    return "more groups take part than there are";
  int64_t size = experts / router.groups;
  if (router.groupTop <= 0 || router.groupTop > size)
    return "a group has fewer experts than it is judged by";
  if (router.top <= 0 || router.top > router.keptGroups * size)
    return "more experts are chosen than take part";
  return "";
}

Experts stackExperts(ModelBuilder &model, StringRef path, const ExpertNames &names, int64_t experts, int64_t hidden,
                     int64_t inner) {
  auto stack = [&](StringRef name, int64_t outputs, int64_t inputs) {
    SmallVector<Weight> parts;
    // Corrupted files can claim any number of experts: stop at the first that is not there.
    for (int64_t e = 0; e < experts && (e == 0 || !model.failed()); ++e)
      parts.push_back(model.matrix((path + "." + Twine(e) + "." + name + ".weight").str(), outputs, inputs));
    return model.stack((path + "." + name + ".weight").str(), parts);
  };
  Experts result;
  if (!names.gate.empty())
    result.gate = stack(names.gate, inner, hidden);
  result.up = stack(names.up, inner, hidden);
  result.down = stack(names.down, hidden, inner);
  return result;
}

Weight rowsOfStack(ModelBuilder &model, StringRef name, StringRef suffix, ArrayRef<int64_t> stored, int64_t first,
                   int64_t count) {
  int64_t experts = stored[0], rows = stored[1], inputs = stored[2];
  return model.view(
      name, stored,
      {suffix, {experts, count, inputs}, first * inputs, {experts, count, inputs}, {rows * inputs, inputs, 1}});
}

static std::pair<Value, Value> route(Graph &graph, Value logits, const RouterOptions &options, const Weight &bias) {
  OpBuilder &ops = graph.ops();
  auto op = mlir::seq::RouteOp::create(
      ops, graph.loc(), logits, graph.use(bias), options.scores, static_cast<uint64_t>(options.top),
      options.renormalise, APFloat(options.eps), APFloat(options.scale), static_cast<uint64_t>(options.groups),
      static_cast<uint64_t>(options.keptGroups), static_cast<uint64_t>(options.groupTop));
  return {op.getIndices(), op.getWeights()};
}

static Value expertLinear(Graph &graph, Value x, Value indices, const Weight &weight, const Weight &bias,
                          Value combine = {}) {
  Value matrices = graph.use(weight);
  return mlir::seq::ExpertLinearOp::create(graph.ops(), graph.loc(), x, indices, matrices, graph.use(bias), combine);
}

static Value sharedExpert(Graph &graph, Value x, const SharedExpert &shared, mlir::seq::Activation kind) {
  Value y = linear(graph, x, shared.up);
  y = shared.gate.weight ? graph.glu(linear(graph, x, shared.gate), y, kind) : graph.activation(y, kind);
  if (!shared.outputGate)
    return graph.linear(y, shared.down);
  // One expert, which weighs sigmoid of its logit.
  auto [indices, weights] =
      route(graph, graph.linear(x, shared.outputGate), {.top = 1, .scores = mlir::seq::Scores::Sigmoid}, {});
  return expertLinear(graph, y, indices, shared.down, {}, weights);
}

Value mixtureOfExperts(Graph &graph, Value x, const Mixture &mixture) {
  const Experts &experts = mixture.experts;
  auto [indices, weights] = route(graph, linear(graph, x, mixture.routerLayer), mixture.router, mixture.selectionBias);
  Value seen = mixture.narrow.weight ? linear(graph, x, mixture.narrow) : x;
  Value y = expertLinear(graph, seen, indices, experts.up, experts.upBias);
  y = experts.gate
          ? graph.glu(expertLinear(graph, seen, indices, experts.gate, experts.gateBias), y, mixture.activation)
          : graph.activation(y, mixture.activation);
  y = expertLinear(graph, y, indices, experts.down, experts.downBias, weights);
  if (mixture.widen.weight)
    y = linear(graph, y, mixture.widen);
  if (!mixture.shared.up.weight)
    return y;
  return graph.add(y, sharedExpert(graph, x, mixture.shared, mixture.activation));
}

} // namespace seqc::importer
