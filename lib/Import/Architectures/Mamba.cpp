// mamba, and falcon_mamba, which norms dt, B and C: nothing but the first mixer of
// Mamba in every layer.

#include "../MambaBlocks.h"
#include "Architectures.h"

using namespace mlir;

namespace seqc::importer {

/// What the original code called the same options, and options of its kernels.
static void modernise(Config &config) {
  config.rename("d_model", "hidden_size");
  config.rename("n_layer", "num_hidden_layers");
  config.rename("d_inner", "intermediate_size");
  config.expectBool("rms_norm", true);
  config.ignore({"fused_add_norm", "ssm_cfg", "use_mambapy", "use_associative_scan", "use_falcon_mambapy"});
  // Additions in f32 are all there is here; how the weights were initialised.
  config.ignore({"residual_in_fp32", "rescale_prenorm_residual", "time_step_floor", "time_step_init_scheme",
                 "time_step_max", "time_step_min", "time_step_scale"});
}

static MambaOptions readOptions(Config &config) {
  MambaOptions options;
  options.hidden = config.getInt("hidden_size", 1, kMaxWidth);
  int64_t expand = config.getInt("expand", 1, kMaxWidth, 2);
  options.inner = config.getInt("intermediate_size", 1, kMaxWidth, std::min(expand * options.hidden, kMaxWidth));
  options.state = config.getInt("state_size", 1, kMaxWidth, 16);
  options.rank = readTimeStepRank(config, "time_step_rank", options.hidden);
  options.convWidth = config.getInt("conv_kernel", 1, kMaxWidth, 4);
  auto kind = findActivation(config.getString("hidden_act", "silu"));
  if (!kind)
    config.fail("hidden_act", "an activation that is not supported");
  options.activation = kind.value_or(mlir::seq::Activation::Silu);
  options.projectionBias = config.getBool("use_bias", false);
  options.convBias = config.getBool("use_conv_bias", true);
  return options;
}

static ImportedModule build(MLIRContext *context, HuggingFaceModel &model, MambaOptions::Norms norms) {
  Config &config = model.config;
  modernise(config);
  MambaOptions options = readOptions(config);
  options.norms = norms;
  if (norms != MambaOptions::Norms::None)
    options.normEps = config.getEps("mixer_rms_eps", 1e-6);
  double eps = config.getEps("layer_norm_epsilon", 1e-5);
  ModelInfo info = model.info;
  info.context = model.options.maxContext;
  info.vocabulary = config.getInt("vocab_size", 1, kMaxVocabulary);
  Decoder decoder;
  decoder.layers = config.getInt("num_hidden_layers", 1, kMaxLayers);
  decoder.rotaryLayers = false;
  bool tied = config.getBool("tie_word_embeddings", true);
  config.ignoreBookkeeping();
  config.checkAllUsed();
  if (llvm::Error error = config.takeError())
    return std::move(error);

  ModelBuilder builder(context, model.weights);
  auto rms = [&](const std::string &name) { return Norm{Norm::Rms, builder.vector(name, options.hidden), {}, eps}; };
  decoder.embedding = builder.matrix("backbone.embeddings.weight", info.vocabulary, options.hidden);
  decoder.finalNorm = rms("backbone.norm_f.weight");
  decoder.head = getHead(builder, tied, decoder.embedding, "lm_head.weight");
  return buildDecoder(builder, info, decoder, [&](Graph &graph, const LayerInputs &in) {
    std::string path = "backbone.layers." + std::to_string(in.number);
    Value y = norm(graph, in.x, rms(path + ".norm.weight"));
    return graph.add(in.x, mamba(builder, graph, y, path + ".mixer", options));
  });
}

ImportedModule importMamba(MLIRContext *context, HuggingFaceModel &model) {
  return build(context, model, MambaOptions::Norms::None);
}

ImportedModule importFalconMamba(MLIRContext *context, HuggingFaceModel &model) {
  return build(context, model, MambaOptions::Norms::Plain);
}

} // namespace seqc::importer
