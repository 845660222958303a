//===- AttentionTile.h - Tiles of query rows against blocks of keys -*- C++ -*-===//
//
// The inner part of attention: a few rows of queries, held in scratch, against blocks
// of keys and values. What a row stands for and where keys and values are is the
// caller's business (Attention.cpp). Scores are logarithms to the base 2 throughout, so
// that exponentials are powers of two.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_ATTENTIONTILE_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_ATTENTIONTILE_H

#include "seq/Codegen/CPU/Kernel.h"
#include <functional>

namespace seqc::cpu {

class AttentionTile {
public:
  using Value = mlir::Value;

  /// Below every score, and finite, so that differences of maxima are never NaN.
  static constexpr double kNothing = -1e30;

  struct Options {
    int64_t keyDim = 0, valueDim = 0;
    double softcap = 0;    ///< 0: none
    int64_t rows = 0;      ///< of a tile, at most rowsOf(target)
    int64_t blockRows = 0; ///< rows of a slot, a multiple of `rows`
    /// Few rows look at keys and values that lie in memory: they are fetched ahead, as the
    /// processor foresees reads only up to the end of a page.
    bool fetchAhead = false;
  };

  /// Rows whose accumulators fit into the target's registers.
  static int64_t rowsOf(const Target &target) { return target.avx512 ? 8 : 6; }

  /// Allocates the scratch of `slots` slots, so at the top level of the kernel.
  AttentionTile(KernelBuilder &b, const Options &options, Value slots);

  int64_t rows() const { return options.rows; }
  int64_t blockRows() const { return options.blockRows; }

  //--- Set before a task's code is emitted
  Value slot;
  Value keys;                        ///< panels, [.., .., panels, K, 32]
  llvm::SmallVector<Value> keyPanel; ///< the first indices of a panel
  Value values;
  std::function<llvm::SmallVector<Value>(Value key, Value channel)> valueAt;
  Value lastKey; ///< what is fetched ahead at most

  //--- A task, in this order
  /// Before the rows of tile `tile`.
  void startTile(Value tile);
  /// Copies the query of a row and scales it.
  void setQuery(Value row, Value q, mlir::ValueRange at, double scale);
  /// The first and the last key (i32) that a row of the tile sees.
  void setRange(Value tile, Value row, Value low, Value high);
  /// No keys yet; a `sink` is a natural logit that is in the sums from the start.
  void startRow(Value row, Value sink);
  /// All keys that the first `tiles` tiles see.
  void emitBlocks(Value tiles);

  //--- Results, once a slot's task is done
  struct Sums {
    Value maximum; ///< of the row's scores
    Value total;   ///< of 2^(score - maximum)
  };
  Sums sumsOf(Value slot, Value row);
  /// A vector of sum_j 2^(score_j - maximum) v_j.
  Value output(Value slot, Value row, Value channel);
  /// Calls body(channel, rest) for the vectors of an output; see vectorLoop.
  void forOutputs(llvm::function_ref<void(Value, Value)> body);

private:
  struct Range {
    Value lowMin, lowMax, highMin, highMax; ///< over a tile's rows, i32
  };
  Range rangeOf(Value tile);
  Value maximumIndex(Value row);
  void emitTile(Value tile, Value block, Value from, Value to, const Range &range);
  llvm::SmallVector<Value> emitScores(Value tile, Value block, Value from, Value to, const Range &range);
  llvm::SmallVector<Value> scoreTile(Value tile, Value key);
  llvm::SmallVector<Value> hide(llvm::ArrayRef<Value> scores, Value tile, Value key);
  llvm::SmallVector<Value> storeScores(llvm::ArrayRef<Value> scores, Value column, mlir::ValueRange maxima);
  void fetch(Value memory, llvm::SmallVector<Value> at, int64_t vectors);
  void updateMaxima(Value tile, llvm::ArrayRef<Value> maxima);
  void emitExponentials(Value tile, Value block, Value from, Value to);
  void emitValues(Value tile, Value block, Value from, Value to);
  void emitValueChunk(Value tile, Value block, Value from, Value to, Value channel, int64_t vectors, int64_t width);

  KernelBuilder &b;
  Options options;
  int64_t lanes;
  int64_t scoreVectors; ///< vectors of keys in a register block
  int64_t valueVectors; ///< vectors of channels in a register block
  int64_t maximaPitch;  ///< rows of a tile, filled up to a power of two
  int64_t outputPitch;  ///< channels of an output, filled up to whole vectors
  // Scratch, [slots, ...] each.
  Value queries;     ///< [blockRows * K]
  Value scores;      ///< [rows * kBlock]
  Value outputs;     ///< [blockRows * outputPitch]
  Value maxima;      ///< [tiles * maximaPitch]
  Value corrections; ///< [maximaPitch]
  Value sums;        ///< [blockRows * lanes]: each lane's part of the sum
  Value rowRanges;   ///< i32 [blockRows * 2]: low, high
  Value tileRanges;  ///< i32 [tiles * 4], as in Range
};

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_ATTENTIONTILE_H
