//===- Npy.h - NumPy's .npy files -------------------------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_RUN_NPY_H
#define SEQ_TOOLS_SEQ_RUN_NPY_H

#include "Array.h"

namespace seqc::run {

/// Reads a .npy file: versions 1 to 3, little-endian numbers and bools in C
/// order. Errors name the file and the place.
Status readNpy(const std::string &path, Array &array);

/// The same from memory; errors do not name a file.
Status parseNpy(std::string_view bytes, Array &array);

/// Writes a .npy file, whole or not at all. NumPy has no bf16: written as f32.
Status writeNpy(const std::string &path, const Array &array);

/// The whole of a file, "-" for standard input.
Status readFile(const std::string &path, std::string &content);

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_NPY_H
