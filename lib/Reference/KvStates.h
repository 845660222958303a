//===- KvStates.h - Between KV states and tensors ---------------*- C++ -*-===//

#ifndef SEQ_LIB_REFERENCE_KVSTATES_H
#define SEQ_LIB_REFERENCE_KVSTATES_H

#include "dialects/Seq/Seq.h"
#include "seq/Reference/Datum.h"

namespace seqc::reference {

/// What a KV state holds: keys [B,T,H,K] and values [B,T,H,V].
std::pair<Tensor, Tensor> keysAndValues(const KvState &state, mlir::seq::KVType type);

/// Appends the tokens of k [B,T,H,K] and v [B,T,H,V] to the rows of `state`; fails with an
/// error at `op` if they do not find room. The batch must be the state's.
mlir::LogicalResult append(mlir::Operation *op, KvState &state, const Tensor &k, const Tensor &v);

} // namespace seqc::reference

#endif // SEQ_LIB_REFERENCE_KVSTATES_H
