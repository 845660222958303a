// bamba: Mamba's second mixer in most layers, attention in those that are named; every
// layer has a gated MLP.

#include "../MambaBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

namespace {
struct Options {
  LlamaOptions llama;
  Mamba2Options mixer;
  std::vector<bool> attends; ///< by layer
};
} // namespace

static std::vector<bool> readLayers(Config &config, int64_t count) {
  std::vector<bool> attends(count, false);
  for (int64_t layer : config.getIntOrInts("attn_layer_indices")) {
    if (layer < 0 || layer >= count)
      config.fail("attn_layer_indices", "but must be numbers of layers");
    else
      attends[layer] = true;
  }
  return attends;
}

static Options readOptions(HuggingFaceModel &model) {
  Config &config = model.config;
  config.setDefault("rms_norm_eps", 1e-5);
  // The library's class says so itself, wherever rope_parameters does not.
  config.setDefault("partial_rotary_factor", 0.5);
  if (config.getFloat("partial_rotary_factor") != 0.5)
    config.fail("partial_rotary_factor", "but half of each head rotates in these models");
  Options options;
  options.llama = readLlamaOptions(model);
  LlamaOptions &llama = options.llama;
  llama.qkvBias = llama.outputBias = config.getBool("attention_bias", false);
  llama.mlpBias = config.getBool("mlp_bias", false);
  int64_t rotated = llama.attention.rotary.dims;
  if (config.getInt("attn_rotary_emb", 1, kMaxWidth, rotated) != rotated)
    config.fail("attn_rotary_emb", "but " + Twine(rotated) + " channels of a head rotate");
  options.mixer = readHybridMixer(config, llama, readExpandedWidth(config, llama.hidden));
  options.attends = readLayers(config, llama.layers);
  config.ignore({"z_loss_coefficient"}); // of training
  return options;
}

static Value buildLayer(ModelBuilder &model, Graph &graph, const LayerInputs &in, const Options &options) {
  const LlamaOptions &llama = options.llama;
  std::string path = "model.layers." + std::to_string(in.number);
  auto rms = [&](const std::string &name) {
    return Norm{Norm::Rms, model.vector(path + name + ".weight", llama.hidden), {}, llama.eps};
  };
  Value y = norm(graph, in.x, rms(".input_layernorm"));
  y = options.attends[in.number]
          ? attention(graph, y, in.positions, llama.attention, getAttention(model, path + ".self_attn", llama))
          : mamba2(model, graph, y, path + ".mamba", options.mixer);
  Value x = graph.add(in.x, y);
  auto projection = [&](const std::string &name, int64_t outputs, int64_t inputs) {
    return getLinear(model, path + ".feed_forward." + name, outputs, inputs, llama.mlpBias);
  };
  return graph.add(x, gatedMlp(graph, norm(graph, x, rms(".pre_ff_layernorm")),
                               projection("gate_proj", llama.inner, llama.hidden),
                               projection("up_proj", llama.inner, llama.hidden),
                               projection("down_proj", llama.hidden, llama.inner), llama.activation));
}

ImportedModule importBamba(MLIRContext *context, HuggingFaceModel &model) {
  Options options = readOptions(model);
  return finishDecoder(context, model, options.llama, {.finalNorm = "model.final_layernorm.weight"},
                       [&](ModelBuilder &builder, Graph &graph, const LayerInputs &in) {
                         return buildLayer(builder, graph, in, options);
                       });
}

} // namespace seqc::importer
