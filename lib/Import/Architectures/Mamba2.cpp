// mamba2: nothing but the second mixer of Mamba in every layer.

#include "../MambaBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

static constexpr MixerKeys kKeys{"num_heads",   "head_dim",      "n_groups", "state_size",
                                 "conv_kernel", "use_conv_bias", "use_bias"};

static Mamba2Options readOptions(Config &config) {
  Mamba2Options defaults;
  defaults.hidden = config.getInt("hidden_size", 1, kMaxWidth);
  defaults.heads = 128;
  defaults.groups = 8;
  defaults.state = 128;
  Mamba2Options options = readMixer(config, kKeys, defaults, readExpandedWidth(config, defaults.hidden, "expand"));
  if (config.getInt("intermediate_size", 1, kMaxWidth, options.inner()) != options.inner())
    config.fail("intermediate_size", "but must be num_heads times head_dim");
  options.activation = readActivation(config);
  options.normEps = config.getEps("layer_norm_epsilon", 1e-5);
  readTimeStepLimit(config, options);
  config.expectBool("rms_norm", true);
  // The library's class norms behind the gate whatever this says.
  config.ignore({"norm_before_gate"});
  // Additions in f32 are all there is here; the length of its kernels' chunks; how the
  // weights were initialised.
  config.ignore({"residual_in_fp32", "chunk_size", "rescale_prenorm_residual", "time_step_floor", "time_step_max",
                 "time_step_min", "time_step_rank", "A_initializer_range"});
  return options;
}

ImportedModule importMamba2(MLIRContext *context, HuggingFaceModel &model) {
  Config &config = model.config;
  Mamba2Options options = readOptions(config);
  ModelInfo info = model.info;
  info.context = model.options.maxContext;
  info.vocabulary = config.getInt("vocab_size", 1, kMaxVocabulary);
  Decoder decoder;
  decoder.layers = config.getInt("num_hidden_layers", 1, kMaxLayers);
  decoder.rotaryLayers = false;
  bool tied = config.getBool("tie_word_embeddings", false);
  config.ignoreBookkeeping();
  config.checkAllUsed();
  if (llvm::Error error = config.takeError())
    return std::move(error);

  ModelBuilder builder(context, model.weights);
  auto rms = [&](const std::string &name) {
    return Norm{Norm::Rms, builder.vector(name, options.hidden), {}, options.normEps};
  };
  decoder.embedding = builder.matrix("backbone.embeddings.weight", info.vocabulary, options.hidden);
  decoder.finalNorm = rms("backbone.norm_f.weight");
  decoder.head = getHead(builder, tied, decoder.embedding, "lm_head.weight");
  return buildDecoder(builder, info, decoder, [&](Graph &graph, const LayerInputs &in) {
    std::string path = "backbone.layers." + std::to_string(in.number);
    Value y = norm(graph, in.x, rms(path + ".norm.weight"));
    return graph.add(in.x, mamba2(builder, graph, y, path + ".mixer", options));
  });
}

} // namespace seqc::importer
