//===- MambaBlocks.h - Short convolutions and Mamba's mixers ----*- C++ -*-===//
//
// What mamba, mamba2 and the hybrids with layers of their kind share. The mixers take
// their weights by the names that all Hugging Face classes give them below `path`
// (in_proj, conv1d, x_proj, ...).
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_MAMBABLOCKS_H
#define SEQ_IMPORT_MAMBABLOCKS_H

#include "LlamaLike.h"
#include "seq/Import/Config.h"

#include <array>
#include <limits>

namespace seqc::importer {

/// A short causal convolution of every channel.
struct Conv {
  Weight weight; ///< [D,W], the last tap is the newest sample
  Weight bias;   ///< [D]; may be empty
  mlir::seq::Activation activation = mlir::seq::Activation::Identity;
};

mlir::Value conv(Graph &graph, mlir::Value x, const Conv &conv);

/// How a convolution lies in a checkpoint: PATH.weight [channels, 1, width], PATH.bias.
struct StoredConv {
  std::string path;
  int64_t channels = 0;
  int64_t width = 0;
  bool bias = false;
  mlir::seq::Activation activation = mlir::seq::Activation::Identity;

  Conv all(ModelBuilder &model) const { return part(model, "taps", 0, channels); }
  /// Of the channels [first, first + count) alone.
  Conv part(ModelBuilder &model, llvm::StringRef suffix, int64_t first, int64_t count) const;
};

/// Mamba's first mixer (Gu and Dao 2023).
struct MambaOptions {
  int64_t hidden = 0;
  int64_t inner = 0; ///< channels of the scan
  int64_t state = 0;
  int64_t rank = 0; ///< of dt
  int64_t convWidth = 0;
  mlir::seq::Activation activation = mlir::seq::Activation::Silu; ///< behind the convolution
  bool projectionBias = false;                                    ///< on in_proj and out_proj
  bool convBias = true;
  /// RMS norms of dt, B and C: none, without weights, or with those of
  /// dt_layernorm, b_layernorm and c_layernorm.
  enum class Norms { None, Plain, Weighted } norms = Norms::None;
  double normEps = 0;
};

mlir::Value mamba(ModelBuilder &model, Graph &graph, mlir::Value x, const std::string &path,
                  const MambaOptions &options);

/// The rank of dt: a number, or "auto" for a 16th of the width, rounded up.
int64_t readTimeStepRank(Config &config, llvm::StringRef key, int64_t hidden);

/// Mamba's second mixer (Dao and Gu 2024).
struct Mamba2Options {
  int64_t hidden = 0;
  int64_t heads = 0;
  int64_t headDim = 0;
  int64_t groups = 1; ///< of B and C; divides heads
  int64_t state = 0;
  int64_t convWidth = 0;
  mlir::seq::Activation activation = mlir::seq::Activation::Silu; ///< behind the convolution
  bool inputBias = false;                                         ///< on in_proj
  bool outputBias = false;                                        ///< on out_proj
  bool convBias = true;
  double dtMin = 0; ///< what softplus(dt) is clamped to
  double dtMax = std::numeric_limits<double>::infinity();
  /// What z does to y: y silu(z), norm(y silu(z)) or norm(y) silu(z).
  enum class Gate { Plain, BeforeNorm, AfterNorm } gate = Gate::BeforeNorm;
  int64_t normGroups = 1;
  double normEps = 0;
  std::array<double, 5> multipliers = {1, 1, 1, 1, 1}; ///< of z, x, B, C and dt behind in_proj

  int64_t inner() const { return heads * headDim; }
};

mlir::Value mamba2(ModelBuilder &model, Graph &graph, mlir::Value x, const std::string &path,
                   const Mamba2Options &options);

/// Reads `time_step_limit`, the bounds of dt, into `options`.
void readTimeStepLimit(Config &config, Mamba2Options &options);
/// What the options of a second mixer are called.
struct MixerKeys {
  llvm::StringRef heads = "mamba_n_heads";
  llvm::StringRef headDim = "mamba_d_head"; ///< a number, or "auto"
  llvm::StringRef groups = "mamba_n_groups";
  llvm::StringRef state = "mamba_d_state";
  llvm::StringRef convWidth = "mamba_d_conv";
  llvm::StringRef convBias = "mamba_conv_bias";
  llvm::StringRef bias = "mamba_proj_bias";
};

/// Reads a second mixer's options over those of `defaults`, but for the bounds of dt. Its
/// heads must have `inner` channels together, unless that is 0.
Mamba2Options readMixer(Config &config, const MixerKeys &keys, Mamba2Options defaults, int64_t inner);
/// The same for hybrids with the usual keys, whose mixers have the model's activation and eps.
Mamba2Options readHybridMixer(Config &config, const LlamaOptions &model, int64_t inner);
/// What the option `key` (2 if missing) makes of a model's width.
int64_t readExpandedWidth(Config &config, int64_t hidden, llvm::StringRef key = "mamba_expand");

} // namespace seqc::importer

#endif // SEQ_IMPORT_MAMBABLOCKS_H
