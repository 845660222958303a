// qwen3: llama with RMS norms over the channels of each query and key head.

#include "../LlamaLike.h"
#include "Architectures.h"

namespace seqc::importer {

ImportedModule importQwen3(mlir::MLIRContext *context, HuggingFaceModel &model) {
  Config &config = model.config;
  LlamaOptions options = readLlamaOptions(model);
  readWindowsByLayer(config, options);
  options.qkvBias = config.getBool("attention_bias", false);
  options.outputBias = options.qkvBias;
  options.headNorms = true;
  return finishLlama(context, model, options);
}

} // namespace seqc::importer
