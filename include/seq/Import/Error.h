//===- Error.h - One clear line for a bad input -----------------*- C++ -*-===//
//
// Importers return llvm::Error. Every message is one line of the form
//     FILE: PLACE: what is wrong; what to do
// where PLACE (a key, a tensor, a byte offset) may be missing.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_ERROR_H
#define SEQ_IMPORT_ERROR_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <string>

namespace seqc::importer {

/// "file: message" as an error.
llvm::Error makeError(llvm::StringRef file, const llvm::Twine &message);

/// Text of the input for a message: control characters and what is not UTF-8
/// become '?', and what goes beyond `limit` bytes becomes "...", so that a
/// message stays one readable line whatever the file holds.
std::string printable(llvm::StringRef text, size_t limit = 80);

/// printable() in single quotes.
std::string quoted(llvm::StringRef text);

} // namespace seqc::importer

#endif // SEQ_IMPORT_ERROR_H
