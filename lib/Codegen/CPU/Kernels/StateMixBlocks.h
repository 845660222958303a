//===- StateMixBlocks.h - State mixes by blocks of tokens -------*- C++ -*-===//
//
// seq.state_mix (docs/Spec.md):
//
//   outer: S' = D S + k v^T
//   delta: S' = D S + k (beta (v - (D S)^T k))^T
//   dplr:  S' = D S + b (a^T S)^T + k v^T
//
// of which delta and dplr need what the state gives back, their feedback, first. Input gates
// are decays and factors of keys here, normalisers factors of reads (StateMixFactors.h).
// docs/StateMixes.md describes the whole and has measurements.
//
// The columns of a state [K,V] never mix, so V stands in the lanes, and a range of
// columns is a task of its own: one head can use several cores.
//
// Time is cut into blocks of at most kMixBlock tokens that cross no reset. In the form
// recurrent, and in parallel where time is cut for idle workers (StateMixTime.h), a block is
// walked token by token (MixTokens), else it is, if it is whole, solved at once with matrix
// products (MixChunk). Both leave the state as the recurrence does. The blocks of a chunk of one head come before those
// of the next head.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_STATEMIXBLOCKS_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_STATEMIXBLOCKS_H

#include "CacheProduct.h"
#include "StateMixFactors.h"
#include "StateMixHeads.h"
#include "seq/Analysis/Forms.h"

namespace seqc::cpu {

/// Channels of a cache line.
inline constexpr int64_t kPrefetchChannels = 16;

/// The op, its buffers, and the place that code is being emitted for.
struct MixKernel {
  MixKernel(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b);

  KernelBuilder &b;
  mutable mlir::seq::StateMixOp op; ///< accessors of ops are not const
  StateMixBuffers in;
  int64_t heads, keyDim, valueDim, lanes;
  int64_t widest;          ///< columns of the widest tile; ranges of tasks are made of these
  int64_t pitch;           ///< K, filled up to whole vectors
  bool outer, delta, dplr; ///< the update
  bool pre;                ///< reads come before updates
  bool channelDecay;       ///< a decay for each channel
  bool headDecay;          ///< one for a head; without either the decay is 1
  MixFactors *factors = nullptr;

  /// The states that tokens meet: the op's own, or scratch [workers, heads of a task, K, V].
  mlir::Value state;
  bool inPlace = false;  ///< the op's own
  mlir::Value timeBlock; ///< the block of time whose states are meant (StateMixTime.h), or null

  // Of a task.
  mlir::Value row, worker;
  mlir::Value firstHead;
  mlir::Value fromColumn, toColumn; ///< multiples of `widest`, or V
  // Of a block.
  mlir::Value head, keyHead;
  llvm::SmallVector<mlir::Value> stateRow; ///< the first indices of S[0,0]
  mlir::Value nextHead, nextStart;         ///< of the block that comes next
  mlir::Value lastToken;                   ///< of the segment of the row

  /// Sets the head and what follows from it.
  void setHead(mlir::Value head);

  //--- Indices of a token's rows
  llvm::SmallVector<mlir::Value> keyRow(mlir::Value token) const { return {row, token, keyHead}; }
  llvm::SmallVector<mlir::Value> headRow(mlir::Value token) const { return {row, token, head}; }
  /// Of g: it may be the same for all tokens.
  llvm::SmallVector<mlir::Value> decayRow(mlir::Value token) const;

  //--- Vectors; a null `rest` means a whole one
  mlir::Value load(mlir::Value memref, mlir::ValueRange at, mlir::Value i, mlir::Value rest) const;
  /// A scalar in all lanes.
  mlir::Value spread(mlir::Value memref, mlir::ValueRange at) const;
  /// g of a token, whose offset in the block is `slot`, with what a gate adds to it.
  mlir::Value channelLogs(mlir::Value token, mlir::Value slot, mlir::Value i, mlir::Value rest) const;
  /// exp(u) or u of the head; needs u.
  mlir::Value bonus(mlir::Value i, mlir::Value rest) const;
  /// ((q * u) . k) of a token, a scalar; needs u.
  mlir::Value ownWeight(mlir::Value token) const;

  /// Fetches what a token of the next block (its offset there) holds in kPrefetchChannels
  /// channels from `d` on, and the like share of its values and outputs: rows of a head lie
  /// too far apart in memory for the machine to see what comes next, and many at once would
  /// hold up other loads. `locality` is 3 for the L1 cache and 2 for the L2 cache.
  void prefetch(mlir::Value offset, mlir::Value d, unsigned locality) const;

  /// Columns side by side: `width` of them, which is known here.
  struct Tile {
    mlir::Value column;
    int64_t width;
  };
  int64_t vectorsOf(const Tile &tile) const { return llvm::divideCeil(tile.width, lanes); }
  /// The j-th vector of a tile in a row of V columns.
  mlir::Value loadAt(mlir::Value memref, mlir::ValueRange at, const Tile &tile, int64_t j) const;
  void storeAt(mlir::Value value, mlir::Value memref, mlir::ValueRange at, const Tile &tile, int64_t j) const;
  /// Calls body for the task's columns in tiles of `width`, which divides the widest tile.
  void forTiles(int64_t width, llvm::function_ref<void(const Tile &)> body) const;

private:
  mlir::Value keyHeadOf(mlir::Value head) const;
  mlir::Value restOf(const Tile &tile, int64_t j) const;
};

/// Token by token: the pass over the state that makes token t's update also reads what
/// the update of token t + 1 needs.
class MixTokens {
public:
  /// Allocates scratch, so at the top level of the kernel.
  explicit MixTokens(MixKernel &mix);
  /// The `count` tokens from `start` on, at most kMixBlock.
  void emit(mlir::Value start, mlir::Value count);

private:
  struct Token {
    mlir::Value index, slot; ///< in the sequence and in the block
    mlir::Value decay = {};  ///< of the head, in all lanes
    /// Of the tile: v, what k is multiplied by, and the feedback.
    llvm::SmallVector<mlir::Value> values = {}, added = {}, projected = {};
    std::function<mlir::Value(mlir::Value d)> nextFeedback = {}; ///< see feedback()
  };
  void prepare(mlir::Value start, mlir::Value count);
  void emitTile(mlir::Value start, mlir::Value count, const MixKernel::Tile &tile);
  llvm::SmallVector<mlir::Value> project(mlir::Value start, const MixKernel::Tile &tile);
  llvm::SmallVector<mlir::Value> emitToken(mlir::Value start, mlir::Value slot, mlir::Value next,
                                           mlir::ValueRange projected, const MixKernel::Tile &tile);
  Token loadToken(mlir::Value start, mlir::Value slot, mlir::ValueRange projected, const MixKernel::Tile &tile);
  llvm::SmallVector<mlir::Value> updateRow(const Token &token, mlir::Value d, mlir::ValueRange sums,
                                           const MixKernel::Tile &tile);
  mlir::Value feedback(mlir::Value start, mlir::Value slot, mlir::Value d);

  MixKernel &mix;
  KernelBuilder &b;
  mlir::Value decays;    ///< [workers, block, K]: exp(g)
  mlir::Value feedbacks; ///< [workers, block, K]: exp(g) k, of delta with channel decays
};

/// A whole block at once. With G_i the sum of g over the block's tokens up to i, S the
/// state before it, and triangular matrices of the tokens' products,
///
///   outer: O = (q exp(G)) S + A_qk V          S' = exp(G_C) S + (k exp(G_C - G))^T V
///   delta: U = (I + strict(beta A_kk))^-1 beta (V - (k exp(G)) S)
///          O = (q exp(G)) S + A_qk U          S' = exp(G_C) S + (k exp(G_C - G))^T U
///   dplr:  P = (I - A_ab)^-1 (A_ak V + (a exp(Ge)) S)
///          O = (q exp(G)) S + A_qk V + A_qb P
///          S' = exp(G_C) S + (k exp(G_C - G))^T V + (b exp(G_C - G))^T P
///
/// (mixers.md, section 1). Decays of a head enter as products of exp(g), never as
/// differences of sums. Those of channels are factored into exp(G_i) exp(-G_j), for
/// which the product of a channel's decays has to stay well inside f32's exponents.
class MixChunk {
public:
  /// Allocates scratch, so at the top level of the kernel.
  explicit MixChunk(MixKernel &mix);
  /// Whether the decays of the block from `start` on allow this form (i1).
  mlir::Value isBounded(mlir::Value start);
  /// Outputs and the new state.
  void emit(mlir::Value start);

private:
  using Tile = MixKernel::Tile;
  using Values = llvm::SmallVector<mlir::Value>;
  void setSlots();
  void prepareFactors();
  double readScale();
  mlir::Value scaled(mlir::Value value, mlir::Value factor);
  void prepare(mlir::Value start);
  void prepareChannels(mlir::Value start, mlir::Value channel, mlir::Value rest);
  Values forChannels(mlir::ValueRange start,
                     llvm::function_ref<Values(mlir::Value channel, mlir::Value rest, mlir::ValueRange)> body);
  void storeTransposed(llvm::ArrayRef<mlir::Value> tokens, mlir::Value channel, int64_t column);
  void advanceNormaliser(llvm::ArrayRef<mlir::Value> tokens, mlir::Value channel, mlir::Value kept);
  void readNormaliser();
  void emitScores(mlir::Value start);
  mlir::Value maskScores(mlir::Value scores, bool query, int64_t token, int64_t column);
  void advanceKeys();
  void emitTile(mlir::Value start, const Tile &tile);
  void emitRight(mlir::Value start, const Tile &tile, int64_t first);
  void solve(const Tile &tile);
  void solveRows(int64_t vector, int64_t first, int64_t count);
  void emitOutputs(mlir::Value start, const Tile &tile, int64_t first);
  void updateState(const Tile &tile);
  Values readState(const Tile &tile, int64_t first);
  void updateRows(const Tile &tile, mlir::Value firstRow, int64_t count);
  Values indices(int64_t first, int64_t count, int64_t step = 1);
  CacheProduct scoreProduct(int64_t column, int64_t firstSolved);

  MixKernel &mix;
  KernelBuilder &b;
  int64_t columns;     ///< of score matrices: kMixBlock for each of k and b
  int64_t width;       ///< columns of a tile
  int64_t rows;        ///< of a register block of a tile
  int64_t firstLeft;   ///< the first row of `left` in use
  int64_t firstSolved; ///< the first row of U or P in `solved`
  // Scratch, one of each for a worker.
  CacheMatrix left;       ///< [2 * block, K]: k or a (unless outer), then q
  CacheMatrix keys;       ///< [K, columns]: k, then b, transposed
  CacheMatrix scores;     ///< [2 * block, columns]
  CacheMatrix solved;     ///< [columns, width]: V, U, or V and P
  CacheMatrix kept;       ///< [1, K]: exp(G_C) of channels
  CacheMatrix segments;   ///< [block + 1, block]: row i + 1 has exp(G_i - G_j) of a head
  CacheMatrix factors;    ///< [1, block + 1]: exp(G_i) of a head, after 1
  CacheMatrix normaliser; ///< [1, K]: n after the block
};

/// Emits the kernel of an op.
void emitStateMixBlocks(mlir::seq::StateMixOp op, const StateMixBuffers &buffers, KernelBuilder &b);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_STATEMIXBLOCKS_H
