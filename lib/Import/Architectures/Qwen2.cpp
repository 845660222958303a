// qwen2: llama with biases on q, k and v, and windows on the upper layers.

#include "../LlamaLike.h"
#include "Architectures.h"

namespace seqc::importer {

ImportedModule importQwen2(mlir::MLIRContext *context, HuggingFaceModel &model) {
  LlamaOptions options = readLlamaOptions(model);
  readWindowsByLayer(model.config, options);
  options.qkvBias = true;
  model.config.expectBool("use_mrope", false);
  return finishLlama(context, model, options);
}

} // namespace seqc::importer
