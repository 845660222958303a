//===- Blocks.h - Parts that architectures share ----------------*- C++ -*-===//

#ifndef SEQ_IMPORT_BLOCKS_H
#define SEQ_IMPORT_BLOCKS_H

#include "ModelBuilder.h"

#include <functional>

namespace seqc::importer {

/// A linear layer; the bias may be empty. An adapter adds b(a(x)), of low rank; it may be
/// empty too.
struct Linear {
  Weight weight;
  Weight bias;
  Weight adapterA = {}, adapterB = {};
};

/// A norm over channels. An empty weight means that there is no norm.
struct Norm {
  enum Kind { Rms, Layer };
  Kind kind = Rms;
  Weight weight;
  Weight bias; ///< may be empty
  double eps = 0;
  double weightOffset = 0; ///< of Rms: the gain is weight + offset
};

/// Softmax attention over the sequence itself, causal.
struct AttentionOptions {
  int64_t heads = 0;
  int64_t kvHeads = 0; ///< divides heads
  int64_t headDim = 0;
  Rotary rotary; ///< no rotation where dims is 0
  mlir::seq::RotaryLayout layout = mlir::seq::RotaryLayout::Half;
  std::optional<double> scale; ///< 1/sqrt(headDim) if absent
  int64_t window = 0;          ///< keys that a query sees, 0 for all
  bool wideNorms = false;      ///< norms of q and k cover all heads together
};

struct AttentionWeights {
  Linear q, k, v, out;
  Norm qNorm, kNorm; ///< over a head's channels (or those of all), before the rotation
  Linear outputGate; ///< heads' outputs are times sigmoid of it; may be empty
};

/// PATH.weight [outputs, inputs], and PATH.bias.
Linear getLinear(ModelBuilder &model, const std::string &path, int64_t outputs, int64_t inputs, bool bias = false);

/// Parts of the outputs of one stored linear layer, one behind the other.
class LinearParts {
public:
  LinearParts(ModelBuilder &model, std::string path, int64_t outputs, int64_t inputs, bool bias = false)
      : model(model), path(std::move(path)), outputs(outputs), inputs(inputs), bias(bias) {}

  /// The layer of the next `count` outputs.
  Linear next(llvm::StringRef suffix, int64_t count);

private:
  ModelBuilder &model;
  std::string path;
  int64_t outputs, inputs;
  bool bias;
  int64_t first = 0;
};

mlir::Value linear(Graph &graph, mlir::Value x, const Linear &layer);
mlir::Value norm(Graph &graph, mlir::Value x, const Norm &norm);

/// q [B,T,Hq,K] on k [B,T,Hkv,K] and v [B,T,Hkv,V]: [B,T,Hq*V]. Takes scale and window of the options.
mlir::Value attend(Graph &graph, mlir::Value q, mlir::Value k, mlir::Value v, const AttentionOptions &options);
/// Projections, rotation, attention, output projection.
mlir::Value attention(Graph &graph, mlir::Value x, mlir::Value positions, const AttentionOptions &options,
                      const AttentionWeights &weights);

/// down(kind(up(x)))
mlir::Value mlp(Graph &graph, mlir::Value x, const Linear &up, const Linear &down, mlir::seq::Activation kind);
/// down(kind(gate(x)) * up(x))
mlir::Value gatedMlp(Graph &graph, mlir::Value x, const Linear &gate, const Linear &up, const Linear &down,
                     mlir::seq::Activation kind);

/// cap tanh(x / cap); x itself where cap is 0.
mlir::Value softCap(Graph &graph, mlir::Value x, double cap);

/// The head's weight: the embedding's where they are tied and the checkpoint stores no other values for the head
/// (some classes never tie, and their configurations say anything), else the tensor `name`.
Weight getHead(ModelBuilder &model, bool tied, const Weight &embedding, llvm::StringRef name);

/// What stands around the layers of every language model.
struct Decoder {
  int64_t layers = 0;
  Weight embedding;         ///< [V,D]
  Weight positionTable;     ///< [P,D], learned positions; may be empty
  bool rotaryLayers = true; ///< layers take the positions
  Norm finalNorm;
  Weight head;               ///< [V,D]; may be `embedding`
  double embeddingScale = 1; ///< of what the table holds
  Norm embeddingNorm;        ///< behind that
  double logitScale = 1;     ///< of the logits ...
  double logitCap = 0;       ///< ... which become cap tanh(logits / cap) then, unless it is 0
  /// Makes what every layer takes besides x, from the embedded tokens; may be empty.
  std::function<llvm::SmallVector<mlir::Value>(Graph &, mlir::Value x)> shared;
};

/// What a layer is built from: values of the layer's own function, and its number.
struct LayerInputs {
  mlir::Value x;
  mlir::Value positions;   ///< null unless Decoder::rotaryLayers
  mlir::ValueRange shared; ///< as Decoder::shared made them
  int64_t number = 0;
};

/// Builds `forward` around layers that `layer` writes: it is called once a
/// layer and returns the new x.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
buildDecoder(ModelBuilder &model, const ModelInfo &info, const Decoder &decoder,
             llvm::function_ref<mlir::Value(Graph &, const LayerInputs &)> layer);
/// The same for layers that take x and the positions alone.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
buildDecoder(ModelBuilder &model, const ModelInfo &info, const Decoder &decoder,
             llvm::function_ref<mlir::Value(Graph &, mlir::Value x, mlir::Value positions, int64_t number)> layer);

/// An activation by the name that configurations use.
std::optional<mlir::seq::Activation> findActivation(llvm::StringRef name);

} // namespace seqc::importer

#endif // SEQ_IMPORT_BLOCKS_H
