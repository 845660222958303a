// mixtral: mistral with experts.

#include "../LlamaLike.h"
#include "Architectures.h"

namespace seqc::importer {

ImportedModule importMixtral(mlir::MLIRContext *context, HuggingFaceModel &model) {
  Config &config = model.config;
  config.setDefault("rms_norm_eps", 1e-5);
  LlamaOptions options = readLlamaOptions(model);
  readUniformWindow(config, options);
  int64_t experts = config.getInt("num_local_experts", 1, kMaxWidth, 8);
  RouterOptions router{.top = config.getInt("num_experts_per_tok", 1, kMaxWidth, 2), .renormalise = true};
  if (std::string why = checkRouter(router, experts); !why.empty())
    config.fail("num_experts_per_tok", "but " + why);
  // Training, and what the library returns besides logits.
  config.ignore({"output_router_logits", "router_aux_loss_coef", "router_jitter_noise"});
  return finishLlama(context, model, options, [&](ModelBuilder &builder, int64_t number) {
    LlamaLayer layer = getLlamaAttention(builder, options, number);
    std::string path = "model.layers." + std::to_string(number) + ".block_sparse_moe";
    Mixture &mixture = layer.mixture.emplace();
    mixture.router = router;
    mixture.routerLayer = {builder.matrix(path + ".gate.weight", experts, options.hidden), {}};
    mixture.activation = options.activation;
    mixture.experts =
        stackExperts(builder, path + ".experts", {"w1", "w3", "w2"}, experts, options.hidden, options.inner);
    return layer;
  });
}

} // namespace seqc::importer
