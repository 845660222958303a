//===- Datum.h - What a value of the IR is on the oracle --------*- C++ -*-===//

#ifndef SEQ_REFERENCE_DATUM_H
#define SEQ_REFERENCE_DATUM_H

#include "seq/Reference/Tensor.h"
#include <memory>

namespace seqc::reference {

/// A !seq.state: one array a row of the batch, [B, shape...].
struct State {
  Tensor values;
};

/// A !seq.kv: for each row of the batch the tokens that it holds, oldest first.
struct KvState {
  struct Token {
    std::vector<double> key;   ///< [heads][key channels]
    std::vector<double> value; ///< [heads][value channels]
  };

  int64_t capacity = 0; ///< tokens that a row has room for
  std::vector<std::vector<Token>> rows;

  int64_t tokens() const { return rows.empty() ? 0 : static_cast<int64_t>(rows.front().size()); }
};

/// A value of the IR. Integers and index are sign-extended, floats of every width are f64.
/// Tensors and states are shared and never change: an op that updates a state makes a
/// new one.
using Datum = std::variant<int64_t, double, std::shared_ptr<const Tensor>, std::shared_ptr<const State>,
                           std::shared_ptr<const KvState>>;

inline Datum asDatum(Tensor tensor) { return std::make_shared<const Tensor>(std::move(tensor)); }
inline Datum asDatum(State state) { return std::make_shared<const State>(std::move(state)); }
inline Datum asDatum(KvState state) { return std::make_shared<const KvState>(std::move(state)); }
inline Datum asDatum(int64_t number) { return number; }
inline Datum asDatum(double number) { return number; }

} // namespace seqc::reference

#endif // SEQ_REFERENCE_DATUM_H
