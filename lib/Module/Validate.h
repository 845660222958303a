//===- Validate.h - The rules of a module description -----------*- C++ -*-===//

#ifndef SEQ_LIB_MODULE_VALIDATE_H
#define SEQ_LIB_MODULE_VALIDATE_H

#include "seq/Module/Module.h"
#include "seq/Module/Status.h"

namespace seqc::file {

/// Checks everything that the description says about itself: indices, ranks,
/// sizes, names, parameters against their sections. Where sections lie in the
/// file is not looked at. The writer and the reader share it: what was written
/// can be read, and the runtime may rely on it without checking again.
Status validate(const Module &module);

} // namespace seqc::file

#endif // SEQ_LIB_MODULE_VALIDATE_H
