//===- ByteReader.h - Bounded little-endian reading -------------*- C++ -*-===//

#ifndef SEQ_IMPORT_BYTEREADER_H
#define SEQ_IMPORT_BYTEREADER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Endian.h"

#include <cstdint>

namespace seqc::importer {

/// Reads a buffer from front to back. A read beyond the end gives zeros and
/// sets failed(), and so do all reads after it: a parser reads a whole record
/// and then asks once.
class ByteReader {
public:
  explicit ByteReader(llvm::StringRef data) : data(data) {}

  template <typename T> T read() {
    llvm::StringRef field = take(sizeof(T));
    if (hasFailed)
      return T();
    return llvm::support::endian::read<T, llvm::endianness::little>(field.data());
  }

  /// A string with its length, an u64, in front.
  llvm::StringRef readString() { return take(read<uint64_t>()); }

  /// The next `size` bytes.
  llvm::StringRef take(uint64_t size) {
    if (hasFailed || size > remaining()) {
      hasFailed = true;
      return {};
    }
    llvm::StringRef result = data.substr(at, size);
    at += size;
    return result;
  }

  bool failed() const { return hasFailed; }
  uint64_t position() const { return at; }
  uint64_t remaining() const { return data.size() - at; }
  /// Whether `count` records of at least `size` bytes can still follow.
  bool canHold(uint64_t count, uint64_t size) const { return count <= remaining() / size; }

private:
  llvm::StringRef data;
  uint64_t at = 0;
  bool hasFailed = false;
};

} // namespace seqc::importer

#endif // SEQ_IMPORT_BYTEREADER_H
