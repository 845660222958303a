//===- LatentAttention.h - Multi-head latent attention ----------*- C++ -*-===//
//
// Keys and values of all heads are made from one narrow vector a token, beside a part of
// the keys that the heads share and that alone carries positions. DeepSeek-AI 2024
// (DeepSeek-V2), section 2.1.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_LATENTATTENTION_H
#define SEQ_IMPORT_LATENTATTENTION_H

#include "Blocks.h"
#include "seq/Import/Config.h"

namespace seqc::importer {

/// A head's query and key are [its own channels, the shared part].
struct LatentAttentionOptions {
  int64_t hidden = 0;
  int64_t heads = 0;
  int64_t keyDim = 0;    ///< a head's own channels of q and k
  int64_t sharedDim = 0; ///< channels of the part of k that the heads share
  int64_t valueDim = 0;
  int64_t keyRank = 0;   ///< channels that keys and values are made from
  int64_t queryRank = 0; ///< channels that queries are made from; 0: from x
  bool bias = false;     ///< on q_a_proj, kv_a_proj_with_mqa and o_proj
  double normEps = 1e-6; ///< of the norms of what is of low rank
  Rotary rotary;         ///< of the shared part; no rotation where dims is 0
  mlir::seq::RotaryLayout layout = mlir::seq::RotaryLayout::Half;
  std::optional<double> scale; ///< 1/sqrt(keyDim + sharedDim) if absent
};

/// Reads the sizes, and `attention_bias`. Errors are recorded in the configuration.
LatentAttentionOptions readLatentAttention(Config &config, int64_t hidden);

/// Takes the weights by their names below `path`: q_proj, or q_a_proj, q_a_layernorm and
/// q_b_proj; kv_a_proj_with_mqa, kv_a_layernorm, kv_b_proj, o_proj.
mlir::Value latentAttention(ModelBuilder &model, Graph &graph, mlir::Value x, mlir::Value positions,
                            const std::string &path, const LatentAttentionOptions &options);

} // namespace seqc::importer

#endif // SEQ_IMPORT_LATENTATTENTION_H
