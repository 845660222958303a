//===- Format.h - The fixed part of a .seqm file ----------------*- C++ -*-===//
//
// A module starts with this preamble. It finds the FlatBuffer header, which
// describes the rest; docs/ModuleFormat.md has the whole picture.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_MODULE_FORMAT_H
#define SEQ_LIB_MODULE_FORMAT_H

#include "seq/Module/Module.h"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace seqc::file {

static_assert(std::endian::native == std::endian::little, "modules are little-endian and mapped as they are");

inline constexpr char moduleMagic[4] = {'S', 'E', 'Q', 'M'};

/// A header past this is a damaged file, not a big model.
inline constexpr uint64_t maxHeaderSize = uint64_t(64) << 20;

struct Preamble {
  char magic[4];
  uint16_t major;          ///< readers of another major version refuse the file
  uint16_t minor;          ///< of the writer
  uint16_t minReaderMinor; ///< readers of an older minor version refuse it
  uint16_t reserved0;
  uint32_t reserved1;
  uint64_t headerOffset; ///< aligned to 64
  uint64_t headerSize;
  uint64_t fileSize; ///< of the whole file: finds truncation at once
  uint64_t reserved2;
  uint64_t digest[2]; ///< of the bytes before this field and of the header
};

static_assert(sizeof(Preamble) == 64 && offsetof(Preamble, headerOffset) == 16 && offsetof(Preamble, digest) == 48);

/// The next multiple of `alignment`, a power of two. Overflow is the caller's
/// to exclude.
constexpr uint64_t alignUp(uint64_t value, uint64_t alignment) { return (value + alignment - 1) & ~(alignment - 1); }

} // namespace seqc::file

#endif // SEQ_LIB_MODULE_FORMAT_H
