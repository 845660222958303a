//===- Npy.h - NumPy's .npy files -------------------------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_RUN_NPY_H
#define SEQ_TOOLS_SEQ_RUN_NPY_H

#include "Array.h"

namespace seqc::run {

/// Reads a .npy file, as seq/Support/Npy.h does. Errors name the file.
Status readNpy(const std::string &path, Array &array);

/// The same from memory; `name` is what errors call it.
Status parseNpy(std::string_view bytes, const std::string &name, Array &array);

/// Writes a .npy file, whole or not at all. NumPy has no bf16: written as f32.
Status writeNpy(const std::string &path, const Array &array);

/// The whole of a file, "-" for standard input.
Status readFile(const std::string &path, std::string &content);

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_NPY_H
