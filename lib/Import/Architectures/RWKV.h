//===- RWKV.h - What the versions of RWKV share -----------------*- C++ -*-===//

#ifndef SEQ_IMPORT_ARCHITECTURES_RWKV_H
#define SEQ_IMPORT_ARCHITECTURES_RWKV_H

#include "../Blocks.h"
#include "../Checkpoint.h"

namespace seqc::importer {

struct RWKVOptions {
  int64_t hidden = 0;
  int64_t attention = 0; ///< channels of the time mix; `hidden` but for version 4
  int64_t inner = 0;     ///< of the channel mix
  int64_t layers = 0;
  int64_t vocabulary = 0;
  int64_t heads = 0;
  double eps = 0;
  double groupEps = 0; ///< of the norm over each head
  /// Version 4 in the library's own format: after so many layers x is halved,
  /// and the output weights are; 0 for never.
  int64_t rescaleEvery = 0;
  bool tied = false;
};

/// How a checkpoint spells the parts of names that differ.
struct RWKVNames {
  llvm::StringLiteral prefix, embedding, firstNorm, attention, mlp;
  llvm::StringLiteral mixKey, mixValue, mixReceptance, mixGate;
};

/// One version's layers. `time` and `channel` are what is added to x.
class RWKVLayers {
public:
  RWKVLayers(ModelBuilder &model, const RWKVOptions &options, const RWKVNames &names)
      : model(model), options(options), names(names) {}
  virtual ~RWKVLayers() = default;

  /// Whether layer `number` takes or gives the values of layer 0.
  virtual bool sharesValues() const { return false; }
  /// The time mix of the normed x. `firstValue` is layer 0's value where
  /// sharesValues(): set by layer 0, read by the others.
  virtual mlir::Value time(Graph &graph, mlir::Value x, int64_t number, mlir::Value &firstValue) = 0;
  virtual mlir::Value channel(Graph &graph, mlir::Value x, int64_t number);

  /// "blocks.3.att" and "blocks.3.ffn" in the checkpoint's spelling.
  std::string timePath(int64_t number) const;
  std::string channelPath(int64_t number) const;
  std::string blockPath(int64_t number) const;

protected:
  /// mix * x + (1 - mix) * before
  mlir::Value lerp(Graph &graph, mlir::Value x, mlir::Value before, const std::string &mix);
  mlir::Value project(Graph &graph, mlir::Value x, const std::string &path, int64_t outputs, int64_t inputs);

  ModelBuilder &model;
  const RWKVOptions &options;
  const RWKVNames &names;
};

std::unique_ptr<RWKVLayers> makeRWKV4(ModelBuilder &, const RWKVOptions &, const RWKVNames &);
std::unique_ptr<RWKVLayers> makeRWKV5(ModelBuilder &, const RWKVOptions &, const RWKVNames &);
std::unique_ptr<RWKVLayers> makeRWKV6(ModelBuilder &, const RWKVOptions &, const RWKVNames &);
std::unique_ptr<RWKVLayers> makeRWKV7(ModelBuilder &, const RWKVOptions &, const RWKVNames &);

} // namespace seqc::importer

#endif // SEQ_IMPORT_ARCHITECTURES_RWKV_H
