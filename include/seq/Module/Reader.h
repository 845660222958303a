//===- Reader.h - Map and verify .seqm files --------------------*- C++ -*-===//

#ifndef SEQ_MODULE_READER_H
#define SEQ_MODULE_READER_H

#include "seq/Module/MappedFile.h"
#include "seq/Module/Module.h"
#include "seq/Module/Status.h"

#include <memory>
#include <string>
#include <vector>

namespace seqc::file {

struct ReadOptions {
  /// Where external sections are; empty: the folder of the module.
  std::string externalFolder;
  /// Leave external sections alone; their data is then null. For tools that
  /// only describe a module.
  bool skipExternal = false;
};

/// An open module: its description, verified, and its bytes, mapped. Errors
/// start with the path.
class ModuleFile {
public:
  static Status open(const std::string &path, const ReadOptions &options, std::unique_ptr<ModuleFile> &file);

  /// The same for `size` bytes at `data` (aligned to 64), which are borrowed
  /// for the life of the ModuleFile.
  static Status fromMemory(const void *data, uint64_t size, const ReadOptions &options,
                           std::unique_ptr<ModuleFile> &file);

  /// Everything in it has passed the checks of the format; see the runtime's
  /// CodeImage for those of the machine code.
  const Module &module() const { return description; }

  /// The path, or "module in memory".
  const std::string &path() const { return name; }
  uint64_t size() const { return length; }
  /// Of the header, and through the digests in it of everything.
  Digest digest() const { return headerDigest; }
  /// The format's minor version in which the file was written.
  uint16_t minorVersion() const { return minor; }

  /// The bytes of a section, aligned to 64; null for an external section that
  /// was skipped and for an empty section.
  const uint8_t *sectionData(size_t section) const { return sectionBytes[section]; }

  /// Checks the digest of one section. The header's is checked by open().
  Status verifySection(size_t section) const;

private:
  ModuleFile() = default;
  Status read(const ReadOptions &options);
  Status readPreamble(uint64_t &headerOffset, uint64_t &headerSize);
  Status placeSections(uint64_t headerEnd, const ReadOptions &options);
  Status mapExternal(const Section &section, const ReadOptions &options, const uint8_t *&bytes);
  template <typename... Ts> Status corrupt(const Ts &...pieces) const {
    return makeError(SEQRT_CORRUPT, name, ": ", pieces...);
  }

  Module description;
  std::string name;
  MappedFile mapping;
  std::vector<MappedFile> externals;
  const uint8_t *base = nullptr;
  uint64_t length = 0;
  Digest headerDigest = {0, 0};
  uint16_t minor = 0;
  std::vector<const uint8_t *> sectionBytes;
};

} // namespace seqc::file

#endif // SEQ_MODULE_READER_H
