#include "Blocks.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace seqc::importer {

Linear getLinear(ModelBuilder &model, const std::string &path, int64_t outputs, int64_t inputs, bool bias) {
  return {model.matrix(path + ".weight", outputs, inputs), bias ? model.vector(path + ".bias", outputs) : Weight()};
}

Linear LinearParts::next(StringRef suffix, int64_t count) {
  Linear result{model.rows(path + ".weight", {outputs, inputs}, suffix, first, count),
                bias ? model.rows(path + ".bias", {outputs}, suffix, first, count) : Weight()};
  first += count;
  return result;
}

Value linear(Graph &graph, Value x, const Linear &layer) {
  Value y = graph.linear(x, layer.weight, layer.bias);
  if (!layer.adapterA)
    return y;
  return graph.add(y, graph.linear(graph.linear(x, layer.adapterA), layer.adapterB));
}

Value norm(Graph &graph, Value x, const Norm &norm) {
  if (!norm.weight)
    return x;
  if (norm.kind == Norm::Rms) {
    Value y = graph.rmsNorm(x, norm.weight, norm.eps, norm.weightOffset);
    return norm.bias ? graph.add(y, graph.use(norm.bias)) : y;
  }
  return graph.layerNorm(x, norm.weight, norm.bias, norm.eps);
}

/// A projection split into heads, normed and rotated where the model does so.
static Value project(Graph &graph, Value x, Value positions, const AttentionOptions &options, int64_t heads,
                     const Linear &projection, const Norm &headNorm) {
  Value y = linear(graph, x, projection);
  if (options.wideNorms)
    y = norm(graph, y, headNorm);
  y = graph.splitHeads(y, heads);
  if (!options.wideNorms)
    y = norm(graph, y, headNorm);
  if (options.rotary.dims == 0)
    return y;
  return graph.rotary(y, positions, options.rotary, options.layout);
}

Value attend(Graph &graph, Value q, Value k, Value v, const AttentionOptions &options) {
  OpBuilder &ops = graph.ops();
  FloatAttr scale;
  if (options.scale)
    scale = ops.getF64FloatAttr(*options.scale);
  auto attention = mlir::seq::AttentionOp::create(ops, graph.loc(), q, ValueRange{k, v}, /*sink=*/Value(),
                                                  /*positions=*/Value(), scale, /*causal=*/ops.getUnitAttr(),
                                                  ops.getI64IntegerAttr(options.window), ops.getF64FloatAttr(0.0),
                                                  /*lse=*/UnitAttr());
  return graph.mergeHeads(attention.getO());
}

Value attention(Graph &graph, Value x, Value positions, const AttentionOptions &options,
                const AttentionWeights &weights) {
  Value q = project(graph, x, positions, options, options.heads, weights.q, weights.qNorm);
  Value k = project(graph, x, positions, options, options.kvHeads, weights.k, weights.kNorm);
  Value v = graph.splitHeads(linear(graph, x, weights.v), options.kvHeads);
  Value o = attend(graph, q, k, v, options);
  if (weights.outputGate.weight)
    o = graph.glu(linear(graph, x, weights.outputGate), o, mlir::seq::Activation::Sigmoid);
  return linear(graph, o, weights.out);
}

Value mlp(Graph &graph, Value x, const Linear &up, const Linear &down, mlir::seq::Activation kind) {
  return linear(graph, graph.activation(linear(graph, x, up), kind), down);
}

Value gatedMlp(Graph &graph, Value x, const Linear &gate, const Linear &up, const Linear &down,
               mlir::seq::Activation kind) {
  Value gated = linear(graph, x, gate);
  return linear(graph, graph.glu(gated, linear(graph, x, up), kind), down);
}

Value softCap(Graph &graph, Value x, double cap) {
  if (cap == 0)
    return x;
  return graph.scale(graph.activation(graph.scale(x, 1 / cap), mlir::seq::Activation::Tanh), cap);
}

Weight getHead(ModelBuilder &model, bool tied, const Weight &embedding, StringRef name) {
  WeightSource &weights = model.weights();
  const TensorEntry *own = weights.find(name), *table = weights.find(embedding.symbol);
  bool same = !own || (table && weights.bytes(*own) == weights.bytes(*table));
  if (!tied || !same)
    return model.matrix(name, embedding.type.getDimSize(0), embedding.type.getDimSize(1));
  weights.ignore(name);
  return embedding;
}

llvm::Expected<OwningOpRef<ModuleOp>> buildDecoder(ModelBuilder &model, const ModelInfo &info, const Decoder &decoder,
                                                   llvm::function_ref<Value(Graph &, const LayerInputs &)> layer) {
  Graph graph = model.startForward();
  Value x = graph.scale(graph.embedding(graph.ids(), decoder.embedding), decoder.embeddingScale);
  x = norm(graph, x, decoder.embeddingNorm);
  Value positions = graph.positions(graph.ids());
  if (decoder.positionTable)
    x = graph.add(x, graph.embedding(positions, decoder.positionTable));
  SmallVector<Value> shared = decoder.shared ? decoder.shared(graph, x) : SmallVector<Value>();
  // Corrupted files can claim any number of layers: stop at the first that is
  // not there.
  for (int64_t i = 0; i < decoder.layers && !model.failed(); ++i) {
    SmallVector<Value> inputs{x};
    if (decoder.rotaryLayers)
      inputs.push_back(positions);
    llvm::append_range(inputs, shared);
    auto body = [&](Graph &g, ValueRange in) -> SmallVector<Value> {
      Value ownPositions = decoder.rotaryLayers ? in[1] : Value();
      return {layer(g, {in[0], ownPositions, in.take_back(shared.size()), i})};
    };
    x = model.block(graph, "layer", inputs, body).front();
  }
  x = norm(graph, x, decoder.finalNorm);
  Value logits = graph.scale(graph.linear(x, decoder.head), decoder.logitScale);
  return model.finish(graph, softCap(graph, logits, decoder.logitCap), info);
}

llvm::Expected<OwningOpRef<ModuleOp>> buildDecoder(ModelBuilder &model, const ModelInfo &info, const Decoder &decoder,
                                                   llvm::function_ref<Value(Graph &, Value, Value, int64_t)> layer) {
  return buildDecoder(model, info, decoder,
                      [&](Graph &graph, const LayerInputs &in) { return layer(graph, in.x, in.positions, in.number); });
}

std::optional<mlir::seq::Activation> findActivation(StringRef name) {
  using mlir::seq::Activation;
  return llvm::StringSwitch<std::optional<Activation>>(name)
      .Cases({"silu", "swish"}, Activation::Silu)
      .Cases({"gelu", "gelu_python"}, Activation::Gelu)
      .Cases({"gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate"}, Activation::GeluTanh)
      .Case("relu", Activation::Relu)
      .Case("relu2", Activation::Relu2)
      .Case("sigmoid", Activation::Sigmoid)
      .Case("tanh", Activation::Tanh)
      .Cases({"linear", "identity"}, Activation::Identity)
      .Default(std::nullopt);
}

} // namespace seqc::importer
