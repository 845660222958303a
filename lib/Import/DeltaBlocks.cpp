#include "DeltaBlocks.h"

using namespace mlir;

namespace seqc::importer {

static Value project(ModelBuilder &model, Graph &graph, Value x, const std::string &path, StringRef name, int64_t heads,
                     int64_t channels, const DeltaOptions &options) {
  std::string part = path + "." + name.str();
  Value y = graph.linear(x, model.matrix(part + "_proj.weight", channels, options.hidden));
  StoredConv taps{part + "_conv1d", channels, options.convWidth, /*bias=*/false, options.activation};
  return graph.splitHeads(conv(graph, y, taps.all(model)), heads);
}

DeltaSequences getDeltaSequences(ModelBuilder &model, Graph &graph, Value x, const std::string &path,
                                 const DeltaOptions &options) {
  return {project(model, graph, x, path, "q", options.keyHeads, options.keys(), options),
          project(model, graph, x, path, "k", options.keyHeads, options.keys(), options),
          project(model, graph, x, path, "v", options.valueHeads, options.values(), options)};
}

Value logDecay(Graph &graph, Value x, Value aLog) {
  return graph.mul(graph.activation(x, mlir::seq::Activation::Softplus), graph.negExp(aLog));
}

Value gatedDelta(Graph &graph, const DeltaSequences &sequences, Value g, Value beta) {
  constexpr double kEps = 1e-6; // what all published code has
  mlir::seq::StateMixParts parts;
  parts.q = graph.l2Norm(sequences.q, kEps);
  parts.k = graph.l2Norm(sequences.k, kEps);
  parts.v = sequences.v;
  parts.g = g;
  parts.beta = beta;
  bool ofChannels = cast<RankedTensorType>(g.getType()).getRank() == 4;
  parts.decay = ofChannels ? mlir::seq::Decay::Channel : mlir::seq::Decay::Head;
  parts.update = mlir::seq::Update::Delta;
  int64_t keyDim = cast<RankedTensorType>(sequences.q.getType()).getShape().back();
  parts.scale = 1 / std::sqrt(static_cast<double>(keyDim));
  return mlir::seq::StateMixOp::create(graph.ops(), graph.loc(), parts).getO();
}

} // namespace seqc::importer
