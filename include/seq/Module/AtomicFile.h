//===- AtomicFile.h - Files that appear whole or not at all -----*- C++ -*-===//
//
// Writes under a temporary name in the folder of the target, and renames. What
// stood under the name before stays until then.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_MODULE_ATOMICFILE_H
#define SEQ_MODULE_ATOMICFILE_H

#include "seq/Module/Status.h"

#include <cstdint>
#include <string>

namespace seqc::file {

class AtomicFile {
public:
  AtomicFile() = default;
  /// Removes the temporary file unless commit() succeeded.
  ~AtomicFile();
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;

  /// Creates the temporary file. `path` may exist as a regular file (a
  /// symbolic link to one is followed), or not at all.
  Status create(const std::string &path);

  /// Writes `size` bytes at `offset`. Gaps read as zeros.
  Status write(uint64_t offset, const void *data, size_t size);

  /// Sets the length, which may end in a gap.
  Status resize(uint64_t size);

  /// Synchronises and takes the final name.
  Status commit();

private:
  Status systemError(const char *what) const;

  std::string target;
  std::string temporary;
  int descriptor = -1;
};

} // namespace seqc::file

#endif // SEQ_MODULE_ATOMICFILE_H
