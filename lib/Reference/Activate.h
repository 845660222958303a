//===- Activate.h - Activation functions ------------------------*- C++ -*-===//

#ifndef SEQ_LIB_REFERENCE_ACTIVATE_H
#define SEQ_LIB_REFERENCE_ACTIVATE_H

#include "dialects/Seq/Seq.h"

namespace seqc::reference {

/// kind(x), as docs/Spec.md defines it.
double activate(mlir::seq::Activation kind, double x);

} // namespace seqc::reference

#endif // SEQ_LIB_REFERENCE_ACTIVATE_H
