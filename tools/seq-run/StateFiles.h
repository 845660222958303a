//===- StateFiles.h - States from and to .npy files -------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_RUN_STATEFILES_H
#define SEQ_TOOLS_SEQ_RUN_STATEFILES_H

#include "Session.h"

namespace seqc::run {

/// Reads the states of an export, in order, from .npy files or splats [B, shape...]
/// and converts them to their types. Caches of keys and values, which grow with the
/// tokens, can not come from an array.
Status readStates(const std::vector<std::string> &files, Session &session, const seqrt_export_info &info,
                  std::vector<Array> &states);

/// Makes the context start from the arrays.
Status setStates(const std::vector<Array> &states, Session &session, const seqrt_export_info &info);

/// Writes the first states of an export to .npy files.
Status writeStates(const std::vector<std::string> &files, Session &session, const seqrt_export_info &info);

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_STATEFILES_H
