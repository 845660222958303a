// llama (1 to 3.2): grouped heads, rotary positions in halves, SwiGLU.

#include "../LlamaLike.h"
#include "Architectures.h"

namespace seqc::importer {

ImportedModule importLlama(mlir::MLIRContext *context, HuggingFaceModel &model) {
  Config &config = model.config;
  LlamaOptions options = readLlamaOptions(model);
  options.qkvBias = config.getBool("attention_bias", false);
  options.outputBias = options.qkvBias;
  options.mlpBias = config.getBool("mlp_bias", false);
  // The parts of a matrix product give what the whole gives.
  config.ignore({"pretraining_tp"});
  return finishLlama(context, model, options);
}

} // namespace seqc::importer
