//===- JSON.h - JSON from untrusted files -----------------------*- C++ -*-===//

#ifndef SEQ_IMPORT_JSON_H
#define SEQ_IMPORT_JSON_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace seqc::importer {

/// Parses a text whose top level is an object. Beyond what llvm::json refuses,
/// nesting deeper than 64 (the parser recurses) and keys that an object has
/// twice (the parser would keep the last) are errors. `file` is for messages.
llvm::Expected<llvm::json::Object> parseJSONObject(llvm::StringRef text, llvm::StringRef file);

/// A value on one line, shortened for a message.
std::string formatJSON(const llvm::json::Value &value);

} // namespace seqc::importer

#endif // SEQ_IMPORT_JSON_H
