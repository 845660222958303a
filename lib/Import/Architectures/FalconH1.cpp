// falcon_h1: attention and Mamba's second mixer beside each other in every layer, on the
// same input; then a gated MLP. Nearly everything has a multiplier.

#include "../MambaBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  LlamaOptions llama;
  Mamba2Options mixer;
  // Multipliers.
  double embedding, head;
  double attentionIn, attentionOut;
  double mixerIn, mixerOut;
  double gate, down;
};
} // namespace

static Mamba2Options readMixer(Config &config, const LlamaOptions &llama) {
  // The library has a number for a missing key, but null is twice the width.
  int64_t width = readExpandedWidth(config, llama.hidden);
  if (!config.isNull("mamba_d_ssm"))
    width = config.getInt("mamba_d_ssm", 1, kMaxWidth, 1024);
  Mamba2Options mixer = readHybridMixer(config, llama, width);
  mixer.outputBias = config.getBool("projectors_bias", false);
  bool norms = config.getBool("mamba_rms_norm", false), first = config.getBool("mamba_norm_before_gate", true);
  using Gate = Mamba2Options::Gate;
  mixer.gate = !norms ? Gate::Plain : first ? Gate::AfterNorm : Gate::BeforeNorm;
  return mixer;
}

/// An array of `count` numbers; ones if the key is missing.
static std::vector<double> readMultipliers(Config &config, StringRef key, size_t count) {
  std::vector<double> result(count, 1.0);
  if (!config.has(key))
    return result;
  std::vector<double> values = config.getFloats(key);
  if (values.size() == count)
    return values;
  config.fail(key, "but must be " + Twine(count) + " numbers");
  return result;
}

static void readMultipliers(Config &config, Options &options) {
  options.embedding = config.getFloat("embedding_multiplier", 1.0);
  options.head = config.getFloat("lm_head_multiplier", 1.0);
  options.attentionIn = config.getFloat("attention_in_multiplier", 1.0);
  options.attentionOut = config.getFloat("attention_out_multiplier", 1.0);
  options.mixerIn = config.getFloat("ssm_in_multiplier", 1.0);
  options.mixerOut = config.getFloat("ssm_out_multiplier", 1.0);
  std::vector<double> mlp = readMultipliers(config, "mlp_multipliers", 2);
  options.gate = mlp[0];
  options.down = mlp[1];
  llvm::copy(readMultipliers(config, "ssm_multipliers", 5), options.mixer.multipliers.begin());
  // Keys times a number give scores times it.
  AttentionOptions &attention = options.llama.attention;
  attention.scale = config.getFloat("key_multiplier", 1.0) / std::sqrt(static_cast<double>(attention.headDim));
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  config.setDefault("rms_norm_eps", 1e-5);
  Options options;
  options.llama = readLlamaOptions(model);
  options.llama.qkvBias = options.llama.outputBias = config.getBool("attention_bias", false);
  options.llama.mlpBias = config.getBool("mlp_bias", false);
  options.mixer = readMixer(config, options.llama);
  readMultipliers(config, options);
  config.expectBool("mamba_use_mlp", true);
  config.ignore({"mlp_expansion_factor"}); // intermediate_size says it
  return options;
}

static Value buildMlp(ModelBuilder &model, Graph &graph, Value x, const std::string &path, const Options &options) {
  const LlamaOptions &llama = options.llama;
  auto projected = [&](Value input, const std::string &name, int64_t outputs, int64_t inputs) {
    return linear(graph, input, getLinear(model, path + name, outputs, inputs, llama.mlpBias));
  };
  Value gate = graph.scale(projected(x, ".gate_proj", llama.inner, llama.hidden), options.gate);
  Value y = graph.glu(gate, projected(x, ".up_proj", llama.inner, llama.hidden), llama.activation);
  return graph.scale(projected(y, ".down_proj", llama.hidden, llama.inner), options.down);
}

static Value buildLayer(ModelBuilder &model, Graph &graph, const LayerInputs &in, const Options &options) {
  const LlamaOptions &llama = options.llama;
  std::string path = "model.layers." + std::to_string(in.number);
  auto rms = [&](const std::string &name) {
    return Norm{Norm::Rms, model.vector(path + name + ".weight", llama.hidden), {}, llama.eps};
  };
  Value y = norm(graph, in.x, rms(".input_layernorm"));
  Value mixed = mamba2(model, graph, graph.scale(y, options.mixerIn), path + ".mamba", options.mixer);
  Value attended = attention(graph, graph.scale(y, options.attentionIn), in.positions, llama.attention,
                             getAttention(model, path + ".self_attn", llama));
  Value x =
      graph.add(in.x, graph.add(graph.scale(mixed, options.mixerOut), graph.scale(attended, options.attentionOut)));
  return graph.add(x,
                   buildMlp(model, graph, norm(graph, x, rms(".pre_ff_layernorm")), path + ".feed_forward", options));
}

ImportedModule importFalconH1(MLIRContext *context, HuggingFaceModel &model) {
  Options options = readOptions(model);
  return finishDecoder(
      context, model, options.llama, {.finalNorm = "model.final_layernorm.weight"},
      [&](ModelBuilder &builder, Graph &graph, const LayerInputs &in) {
        return buildLayer(builder, graph, in, options);
      },
      [&](Decoder &decoder) {
        decoder.embeddingScale = options.embedding;
        decoder.logitScale = options.head;
      });
}

} // namespace seqc::importer
