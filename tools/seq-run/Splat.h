//===- Splat.h - Tensors of one value ---------------------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_RUN_SPLAT_H
#define SEQ_TOOLS_SEQ_RUN_SPLAT_H

#include "Array.h"

namespace seqc::run {

/// Whether `text` is meant as a splat, such as "2x7xf32=1.5" or "i64=3".
bool isSplat(std::string_view text);

/// Makes the tensor; the value must be one of the type.
Status parseSplat(const std::string &text, Array &array);

/// An argument of --input: a splat, else the name of a .npy file.
Status readInput(const std::string &text, Array &array);

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_SPLAT_H
