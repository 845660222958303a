#include "MambaBlocks.h"

#include "Checkpoint.h"

using namespace mlir;

namespace seqc::importer {

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

Value conv(Graph &graph, Value x, const Conv &conv) {
  Value weight = graph.use(conv.weight);
  return mlir::seq::ConvOp::create(graph.ops(), graph.loc(), x, weight, graph.use(conv.bias), conv.activation).getY();
}

Conv StoredConv::part(ModelBuilder &model, StringRef suffix, int64_t first, int64_t count) const {
  View taps{suffix, {count, width}, first * width, {count, width}, {width, 1}};
  taps.asF32 = true;
  Conv result;
  result.weight = model.view(path + ".weight", {channels, 1, width}, taps);
  if (bias)
    result.bias = model.rows(path + ".bias", {channels}, suffix, first, count);
  result.activation = activation;
  return result;
}

//===----------------------------------------------------------------------===//
// The first mixer
//===----------------------------------------------------------------------===//

static Value normOf(ModelBuilder &model, Graph &graph, Value x, const std::string &path, int64_t size,
                    const MambaOptions &options) {
  using Norms = MambaOptions::Norms;
  if (options.norms == Norms::None)
    return x;
  Weight weight = options.norms == Norms::Weighted ? model.vector(path + ".weight", size) : Weight();
  return graph.rmsNorm(x, weight, options.normEps);
}

Value mamba(ModelBuilder &model, Graph &graph, Value x, const std::string &path, const MambaOptions &options) {
  int64_t inner = options.inner, state = options.state, rank = options.rank;
  LinearParts in(model, path + ".in_proj", 2 * inner, options.hidden, options.projectionBias);
  Value u = linear(graph, x, in.next("x", inner)), z = linear(graph, x, in.next("z", inner));
  StoredConv taps{path + ".conv1d", inner, options.convWidth, options.convBias, options.activation};
  u = conv(graph, u, taps.all(model));

  LinearParts selection(model, path + ".x_proj", rank + 2 * state, inner, /*bias=*/false);
  Value dt = linear(graph, u, selection.next("dt", rank));
  Value b = linear(graph, u, selection.next("b", state)), c = linear(graph, u, selection.next("c", state));
  dt = normOf(model, graph, dt, path + ".dt_layernorm", rank, options);
  b = normOf(model, graph, b, path + ".b_layernorm", state, options);
  c = normOf(model, graph, c, path + ".c_layernorm", state, options);

  mlir::seq::SelectiveScanParts parts;
  parts.x = u;
  parts.dt = graph.linear(dt, model.matrix(path + ".dt_proj.weight", inner, rank));
  parts.dtBias = graph.use(model.vector(path + ".dt_proj.bias", inner));
  parts.dtSoftplus = true;
  parts.a = graph.negExp(graph.use(model.tensor(path + ".A_log", {inner, state})));
  parts.b = graph.splitHeads(b, 1);
  parts.c = graph.splitHeads(c, 1);
  parts.skip = graph.use(model.vector(path + ".D", inner));
  parts.z = z;
  Value y = mlir::seq::SelectiveScanOp::create(graph.ops(), graph.loc(), parts).getY();
  return linear(graph, y, getLinear(model, path + ".out_proj", options.hidden, inner, options.projectionBias));
}

int64_t readTimeStepRank(Config &config, StringRef key, int64_t hidden) {
  if (!config.has(key) || config.isText(key, "auto"))
    return llvm::divideCeil(hidden, 16);
  return config.getInt(key, 1, kMaxWidth);
}

//===----------------------------------------------------------------------===//
// The second mixer
//===----------------------------------------------------------------------===//

/// The scan's output with its gate and norm.
static Value gated(ModelBuilder &model, Graph &graph, Value y, Value z, const std::string &path,
                   const Mamba2Options &options) {
  using Gate = Mamba2Options::Gate;
  if (options.gate == Gate::Plain)
    return graph.glu(z, y, mlir::seq::Activation::Silu);
  Value weight = graph.use(model.vector(path + ".norm.weight", options.inner()));
  return mlir::seq::RmsNormOp::create(graph.ops(), graph.loc(), y, weight, options.normEps, /*weight_offset=*/0.0,
                                      options.normGroups, z, /*gate_first=*/options.gate == Gate::BeforeNorm);
}

Value mamba2(ModelBuilder &model, Graph &graph, Value x, const std::string &path, const Mamba2Options &options) {
  int64_t inner = options.inner(), heads = options.heads, shared = options.groups * options.state;
  LinearParts in(model, path + ".in_proj", 2 * inner + 2 * shared + heads, options.hidden, options.inputBias);
  auto projected = [&](StringRef suffix, int64_t size, int64_t part) {
    return graph.scale(linear(graph, x, in.next(suffix, size)), options.multipliers[part]);
  };
  Value z = projected("z", inner, 0);
  Value u = projected("x", inner, 1), b = projected("b", shared, 2), c = projected("c", shared, 3);
  Value dt = projected("dt", heads, 4);
  StoredConv taps{path + ".conv1d", inner + 2 * shared, options.convWidth, options.convBias, options.activation};
  u = conv(graph, u, taps.part(model, "x", 0, inner));
  b = conv(graph, b, taps.part(model, "b", inner, shared));
  c = conv(graph, c, taps.part(model, "c", inner + shared, shared));

  mlir::seq::SelectiveScanParts parts;
  parts.x = graph.splitHeads(u, heads);
  parts.dt = dt;
  parts.dtBias = graph.use(model.vector(path + ".dt_bias", heads));
  parts.dtSoftplus = true;
  if (options.dtMin > 0)
    parts.dtMin = options.dtMin;
  if (std::isfinite(options.dtMax))
    parts.dtMax = options.dtMax;
  parts.a = graph.negExp(graph.use(model.vector(path + ".A_log", heads)));
  parts.b = graph.splitHeads(b, options.groups);
  parts.c = graph.splitHeads(c, options.groups);
  parts.skip = graph.use(model.vector(path + ".D", heads));
  Value y = mlir::seq::SelectiveScanOp::create(graph.ops(), graph.loc(), parts).getY();
  y = gated(model, graph, graph.mergeHeads(y), z, path, options);
  return linear(graph, y, getLinear(model, path + ".out_proj", options.hidden, inner, options.outputBias));
}

void readTimeStepLimit(Config &config, Mamba2Options &options) {
  if (!config.has("time_step_limit"))
    return;
  std::vector<double> limit = config.getFloats("time_step_limit", /*infinite=*/true);
  if (limit.size() != 2 || limit[0] < 0 || limit[1] < limit[0])
    return config.fail("time_step_limit", "but must be two numbers, 0 or more, the smaller first");
  options.dtMin = limit[0];
  options.dtMax = limit[1];
}

int64_t readExpandedWidth(Config &config, int64_t hidden, StringRef key) {
  double width = std::floor(config.getFloat(key, 2) * static_cast<double>(hidden));
  if (width >= 1 && width <= static_cast<double>(kMaxWidth))
    return static_cast<int64_t>(width);
  config.fail(key, "which gives a mixer without a sensible width");
  return 1;
}

Mamba2Options readMixer(Config &config, const MixerKeys &keys, Mamba2Options defaults, int64_t inner) {
  Mamba2Options options = defaults;
  options.heads = config.getInt(keys.heads, 1, kMaxWidth, defaults.heads);
  int64_t shared = inner == 0 ? defaults.headDim : std::max<int64_t>(inner / options.heads, 1);
  options.headDim = config.isText(keys.headDim, "auto") ? shared : config.getInt(keys.headDim, 1, kMaxWidth, shared);
  if (inner != 0 && options.inner() != inner)
    config.fail(keys.heads, "but " + keys.heads + " times " + keys.headDim + " must be " + Twine(inner) +
                                ", the width of the mixer");
  options.groups = config.getInt(keys.groups, 1, kMaxWidth, defaults.groups);
  if (options.heads % options.groups != 0)
    config.fail(keys.groups, "but must divide " + keys.heads);
  options.normGroups = options.groups;
  options.state = config.getInt(keys.state, 1, kMaxWidth, defaults.state);
  options.convWidth = config.getInt(keys.convWidth, 1, kMaxWidth, 4);
  options.convBias = config.getBool(keys.convBias, true);
  options.inputBias = options.outputBias = config.getBool(keys.bias, false);
  return options;
}

Mamba2Options readHybridMixer(Config &config, const LlamaOptions &model, int64_t inner) {
  Mamba2Options defaults;
  defaults.hidden = model.hidden;
  defaults.activation = model.activation;
  defaults.normEps = model.eps;
  defaults.heads = 128;
  defaults.state = 256;
  Mamba2Options options = readMixer(config, MixerKeys(), defaults, inner);
  readTimeStepLimit(config, options);
  // How the library's kernels run, and how many logits it computes.
  config.ignore({"mamba_chunk_size", "num_logits_to_keep", "use_mamba_kernels"});
  return options;
}

} // namespace seqc::importer
