//===- LlamaLike.h - Models with llama's layer ------------------*- C++ -*-===//
//
// llama, mistral, qwen2, qwen3, phi3 and llama in GGUF files have the same
// layer: x += attention(norm(x)); x += gatedMlp(norm(x)), with RMS norms; mixtral has
// experts instead of the MLP. They differ in options and in how the weights are named
// and stored.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_LLAMALIKE_H
#define SEQ_IMPORT_LLAMALIKE_H

#include "Blocks.h"
#include "Checkpoint.h"
#include "MoeBlocks.h"

namespace seqc::importer {

struct LlamaOptions {
  int64_t hidden = 0;
  int64_t inner = 0; ///< of the gated MLP
  int64_t layers = 0;
  int64_t vocabulary = 0;
  int64_t context = 0;
  double eps = 0;
  AttentionOptions attention;   ///< without the window
  std::vector<int64_t> windows; ///< by layer
  mlir::seq::Activation activation = mlir::seq::Activation::Silu;
  bool tied = false; ///< the head is the embedding
  // Which of Hugging Face's weights are there:
  bool qkvBias = false;
  bool outputBias = false;
  bool mlpBias = false;
  bool headNorms = false; ///< q_norm and k_norm
};

/// The weights of one layer.
struct LlamaLayer {
  Norm attentionNorm, mlpNorm;
  AttentionWeights attention;
  Linear gate, up, down;
  std::optional<Mixture> mixture; ///< instead of these
};

/// The weights around the layers, by name: Hugging Face's usual ones.
struct LlamaNames {
  llvm::StringRef embedding = "model.embed_tokens.weight";
  llvm::StringRef finalNorm = "model.norm.weight";
  llvm::StringRef head = "lm_head.weight";
};

/// Reads the options that all these models have in config.json. Errors are
/// recorded in the configuration. Without `rotates`, options of rotary positions
/// mean nothing.
LlamaOptions readLlamaOptions(HuggingFaceModel &model, bool rotates = true);
/// The same without heads and rotary positions.
LlamaOptions readLlamaSizes(HuggingFaceModel &model);
/// The number of heads and their width.
void readHeads(Config &config, LlamaOptions &options);
/// An activation by its name in config.json.
mlir::seq::Activation readActivation(Config &config, llvm::StringRef key = "hidden_act");
/// Gives every layer this window (the key sliding_window).
void readUniformWindow(Config &config, LlamaOptions &options);
/// Windows of the layers that layer_types, or use_sliding_window and
/// max_window_layers, name.
void readWindowsByLayer(Config &config, LlamaOptions &options);
/// Which layers attend, by layer_types: each is full_attention or `other`.
std::vector<bool> readLayerTypes(Config &config, int64_t layers, llvm::StringRef other);
/// PATH.q_proj, k_proj, v_proj and o_proj, and the norms of heads.
AttentionWeights getAttention(ModelBuilder &model, const std::string &path, const LlamaOptions &options);
/// The norms and the attention of a layer in Hugging Face's usual names.
LlamaLayer getLlamaAttention(ModelBuilder &model, const LlamaOptions &options, int64_t number);
/// These and a gated MLP.
LlamaLayer getLlamaLayer(ModelBuilder &model, const LlamaOptions &options, int64_t number);

/// What stands around the layers of a model with these options, whatever the layers are.
/// Completes `info`.
Decoder getDecoder(ModelBuilder &model, const LlamaOptions &options, const LlamaNames &names, ModelInfo &info);

/// The last steps of every Hugging Face importer with layers of its own: all options known,
/// then the model with the layers that `layer` writes. They take the positions where the
/// options have heads that rotate. `complete` changes what stands around them.
ImportedModule finishDecoder(
    mlir::MLIRContext *context, HuggingFaceModel &model, const LlamaOptions &options, const LlamaNames &names,
    llvm::function_ref<mlir::Value(ModelBuilder &, Graph &, const LayerInputs &)> layer,
    llvm::function_ref<void(Decoder &)> complete = [](Decoder &) {});

/// Builds a model. `layer` gives the weights of each layer.
ImportedModule buildLlama(ModelBuilder &model, ModelInfo info, const LlamaOptions &options, const LlamaNames &names,
                          llvm::function_ref<LlamaLayer(ModelBuilder &, int64_t number)> layer);

/// The last steps of every Hugging Face importer of this kind: all options
/// known, then the model with the usual names and the given layers.
ImportedModule finishLlama(mlir::MLIRContext *context, HuggingFaceModel &model, const LlamaOptions &options,
                           llvm::function_ref<LlamaLayer(ModelBuilder &, int64_t number)> layer);
/// The same with getLlamaLayer.
ImportedModule finishLlama(mlir::MLIRContext *context, HuggingFaceModel &model, const LlamaOptions &options);

} // namespace seqc::importer

#endif // SEQ_IMPORT_LLAMALIKE_H
