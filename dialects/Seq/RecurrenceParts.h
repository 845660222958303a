//===- RecurrenceParts.h - Operands and options by name ---------*- C++ -*-===//
//
// The ops of the recurrences have many optional operands. Their builders take one of
// these structures, so that code names what it gives and leaves out the rest:
//
//   StateMixOp::create(b, loc, StateMixParts{.q = q, .k = k, .v = v, .g = g, .decay = Decay::Head});
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_DIALECTS_SEQ_RECURRENCEPARTS_H
#define SEQ_DIALECTS_SEQ_RECURRENCEPARTS_H

#include "dialects/Seq/SeqEnums.h.inc"
#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace mlir::seq {

/// A seq.state_mix; operands that are not given are null.
struct StateMixParts {
  Value q = {}, k = {}, v = {};
  Value g = {};    ///< log decay (decay factored: dt)
  Value rate = {}; ///< decay factored only
  Value a = {}, b = {}, beta = {}, u = {}, i = {};
  SmallVector<Value> states = {};
  Value reset = {}, lengths = {};
  Decay decay = Decay::None;
  Update update = Update::Outer;
  Read read = Read::Post;
  Normaliser normaliser = Normaliser::None;
  double scale = 1;
  double eps = 0;
  bool uExp = false;
  Form form = Form::Auto;
  int64_t chunk = 0;
  std::optional<double> gMin = {};
};

/// A seq.selective_scan; operands that are not given are null.
struct SelectiveScanParts {
  Value x = {}, dt = {}, a = {}, b = {}, c = {};
  Value skip = {}, z = {}, dtBias = {};
  SmallVector<Value> states = {};
  Value reset = {}, lengths = {};
  bool dtSoftplus = false;
  std::optional<double> dtMin = {}, dtMax = {};
  bool isComplex = false;
  Form form = Form::Auto;
  int64_t chunk = 0;
};

} // namespace mlir::seq

#endif // SEQ_DIALECTS_SEQ_RECURRENCEPARTS_H
