// mistral: llama with a window on every layer.

#include "../LlamaLike.h"
#include "Architectures.h"

namespace seqc::importer {

ImportedModule importMistral(mlir::MLIRContext *context, HuggingFaceModel &model) {
  LlamaOptions options = readLlamaOptions(model);
  readUniformWindow(model.config, options);
  return finishLlama(context, model, options);
}

} // namespace seqc::importer
