//===- MappedFile.h - A file mapped for reading -----------------*- C++ -*-===//

#ifndef SEQ_MODULE_MAPPEDFILE_H
#define SEQ_MODULE_MAPPEDFILE_H

#include "seq/Module/Status.h"

#include <cstdint>
#include <string>

namespace seqc::file {

/// Maps a regular file, shared and read-only; the bytes stay in the page cache
/// and are never copied. Shrinking the file under the mapping is a fault of
/// whoever does it (SIGBUS); replacing it by a rename is safe.
class MappedFile {
public:
  MappedFile() = default;
  ~MappedFile();
  MappedFile(MappedFile &&other) noexcept;
  MappedFile &operator=(MappedFile &&other) noexcept;

  /// Errors name `path`.
  Status map(const std::string &path);

  const uint8_t *data() const { return address; }
  uint64_t size() const { return length; }

private:
  const uint8_t *address = nullptr; ///< aligned to pages; null when empty
  uint64_t length = 0;
};

} // namespace seqc::file

#endif // SEQ_MODULE_MAPPEDFILE_H
