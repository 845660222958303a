//===- ChannelScan.h - Scans of vector states of channels -------*- C++ -*-===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_CHANNELSCAN_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_CHANNELSCAN_H

#include "Segments.h"
#include "seq/Analysis/Forms.h"
#include <optional>

namespace seqc::cpu {

/// Per row and channel d, with a state h of N numbers and g = d / (D/G):
///
///     h' = exp(dt[t,d] A[d]) h + u[t,d] B[t,g]
///     y  = factor C[t,g] . h' + skip[d] x[t,d], then times silu(z[t,d])
///
/// where u is dt x, or x itself. With isComplex A, B, C and h are pairs (re, im) in one more
/// dimension, and the product with C is its real part. Buffers that are not given are null.
struct ChannelScan {
  mlir::Value x, dt;        ///< [B,T,D]
  mlir::Value a;            ///< [D,N]
  mlir::Value b, c;         ///< [B,T,G,N]
  mlir::Value skip, dtBias; ///< [D]
  mlir::Value z, y;         ///< [B,T,D]
  mlir::Value state;        ///< [B,D,N], dense
  Segments segments;
  bool inputTimesDt = true;
  bool softplus = false; ///< of dt + dtBias
  std::optional<double> dtMin, dtMax;
  bool isComplex = false;
  double factor = 1;
  int64_t tileTokens = kScanChunk; ///< how many tokens have dt, u and y in cache at a time
};

/// The tile of an op: its chunk, or a token in the form recurrent.
inline int64_t scanTile(mlir::Operation *op) {
  FormOp formed(op);
  if (formed.getForm() == mlir::seq::Form::Recurrent)
    return 1;
  return formed.getChunk() ? formed.getChunk() : kScanChunk;
}

/// Emits the scan: channels stand in the lanes, the states of a vector of channels in registers,
/// time goes on serially. dt and u of some tokens are prepared in cache, so that memory is read
/// in long rows and nothing as large as the states of all tokens exists.
void emitChannelScan(KernelBuilder &b, const ChannelScan &scan);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_CHANNELSCAN_H
