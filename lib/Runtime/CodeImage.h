//===- CodeImage.h - Load the machine code of a module ----------*- C++ -*-===//
//
// A code section is an ELF shared object for x86-64 that needs nothing: no
// libraries, no symbols, no constructors, no thread-local storage, and only
// relocations that add the load address. So a loader is a page of code, and
// nothing of the system's dynamic linker (which wants a file, runs
// constructors and keeps a global list) is needed. Every field is checked
// before it is used.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_RUNTIME_CODEIMAGE_H
#define SEQ_LIB_RUNTIME_CODEIMAGE_H

#include "Memory.h"
#include "seq/Module/Status.h"

#include <cstdint>
#include <elf.h>
#include <string>
#include <vector>

namespace seqc::rt {

class CodeImage {
public:
  /// Copies the image of `size` bytes at `file` (aligned to 8) into memory of
  /// its own and relocates it. No page is ever writable and executable.
  file::Status load(const uint8_t *file, uint64_t size);

  /// The address of the function at virtual address `address`, or null when
  /// that is not in executable memory.
  const void *function(uint64_t address) const;

  /// The name of the function at `pc`, from the image's symbol table; "" when
  /// there is none. `file` and `size` are those of load().
  static std::string symbolName(const uint8_t *file, uint64_t size, uint64_t address);

  /// The virtual address within the image of a pointer into it.
  uint64_t addressOf(const void *pointer) const {
    return static_cast<uint64_t>(static_cast<const uint8_t *>(pointer) - base);
  }
  bool contains(const void *pointer) const { return pointer >= base && pointer < base + span; }

private:
  file::Status readHeaders(const uint8_t *file, uint64_t size);
  file::Status checkSegment(const Elf64_Phdr &segment, uint64_t size);
  file::Status reserve();
  file::Status relocate();
  file::Status readDynamic(uint64_t &table, uint64_t &tableSize) const;
  file::Status applyRelocation(const Elf64_Rela &relocation);
  file::Status protect() const;
  const Elf64_Phdr *segmentOf(uint64_t address, uint64_t size) const;

  Pages pages;
  uint8_t *base = nullptr; ///< where virtual address 0 is
  uint64_t span = 0;       ///< end of the last segment
  uint64_t alignment = 1;
  std::vector<Elf64_Phdr> segments; ///< those to load, by address
  Elf64_Phdr dynamic = {};
  Elf64_Phdr relro = {};
};

} // namespace seqc::rt

#endif // SEQ_LIB_RUNTIME_CODEIMAGE_H
