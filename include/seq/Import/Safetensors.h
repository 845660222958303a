//===- Safetensors.h - safetensors files and shards -------------*- C++ -*-===//
//
// A safetensors file is the length of a JSON header (u64), the header, and the
// tensors' bytes, which cover the rest of the file without holes or overlaps.
// All of that is verified when a file is opened.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_SAFETENSORS_H
#define SEQ_IMPORT_SAFETENSORS_H

#include "seq/Import/WeightSource.h"

#include <map>

namespace seqc::importer {

/// The largest header that is read, as in the format's own implementation.
inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

/// A header: what it says about the tensors, with offsets from the start of
/// the file, and the free-form metadata.
struct SafetensorsHeader {
  std::vector<TensorEntry> tensors; ///< by offset
  std::map<std::string, std::string> metadata;
};

/// Reads and verifies the header of a file that is in memory; `path` is for
/// messages.
llvm::Expected<SafetensorsHeader> parseSafetensorsHeader(llvm::StringRef data, llvm::StringRef path);

/// Opens one file.
llvm::Expected<WeightSource> openSafetensors(llvm::StringRef path);

/// Opens the shards that an index (model.safetensors.index.json) names, in the
/// index's own folder. Only tensors that the index lists are taken, and each
/// must be in the shard that it says.
llvm::Expected<WeightSource> openSafetensorsIndex(llvm::StringRef indexPath);

} // namespace seqc::importer

#endif // SEQ_IMPORT_SAFETENSORS_H
