#include "CodeImage.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>

namespace seqc::rt {

using file::makeError;
using file::Status;

static constexpr uint64_t pageSize = 4096;
static constexpr uint64_t maxSpan = uint64_t(1) << 30;
static constexpr uint64_t maxAlignment = uint64_t(1) << 21;
static constexpr uint16_t maxSegments = 64;

template <typename... Ts> static Status bad(const Ts &...pieces) { return makeError(SEQRT_CORRUPT, pieces...); }

static uint64_t pageDown(uint64_t value) { return value & ~(pageSize - 1); }
static uint64_t pageUp(uint64_t value) { return pageDown(value + pageSize - 1); }

Status CodeImage::load(const uint8_t *file, uint64_t size) {
  if (Status status = readHeaders(file, size); status.failed())
    return status;
  if (Status status = reserve(); status.failed())
    return status;
  for (const Elf64_Phdr &segment : segments)
    if (segment.p_filesz != 0)
      std::memcpy(base + segment.p_vaddr, file + segment.p_offset, segment.p_filesz);
  if (Status status = relocate(); status.failed())
    return status;
  return protect();
}

Status CodeImage::readHeaders(const uint8_t *file, uint64_t size) {
  Elf64_Ehdr header;
  if (size < sizeof(header) || std::memcmp(file, ELFMAG, SELFMAG) != 0)
    return bad("not an ELF file");
  std::memcpy(&header, file, sizeof(header));
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_type != ET_DYN ||
      header.e_machine != EM_X86_64)
    return bad("not a shared object for x86-64");
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > maxSegments || header.e_phoff > size ||
      header.e_phnum * sizeof(Elf64_Phdr) > size - header.e_phoff)
    return bad("its program headers leave the section");
  for (uint16_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, file + header.e_phoff + i * sizeof(segment), sizeof(segment));
    if (segment.p_type == PT_LOAD) {
      if (Status status = checkSegment(segment, size); status.failed())
        return std::move(status).withPrefix(file::concat("segment ", i, ": "));
      segments.push_back(segment);
    } else if (segment.p_type == PT_DYNAMIC) {
      dynamic = segment;
    } else if (segment.p_type == PT_GNU_RELRO) {
      relro = segment;
    } else if (segment.p_type == PT_TLS || segment.p_type == PT_INTERP) {
      return bad("segment ", i,
                 ": thread-local storage and interpreters are "
                 "not supported");
    }
  }
  if (segments.empty())
    return bad("it has nothing to load");
  return Status();
}

/// Checks a segment against the file and against those before it.
Status CodeImage::checkSegment(const Elf64_Phdr &segment, uint64_t size) {
  if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset || segment.p_filesz > segment.p_memsz)
    return bad("it leaves the section");
  if (segment.p_vaddr > maxSpan || segment.p_memsz > maxSpan - segment.p_vaddr)
    return bad("it ends past ", maxSpan, " bytes");
  if ((segment.p_flags & PF_W) && (segment.p_flags & PF_X))
    return bad("it is writable and executable");
  if (segment.p_align > maxAlignment || (segment.p_align & (segment.p_align - 1)) != 0)
    return bad("it asks for an alignment of ", segment.p_align);
  if (pageDown(segment.p_vaddr) < pageUp(span))
    return bad("it shares a page with an earlier one");
  span = segment.p_vaddr + segment.p_memsz;
  alignment = std::max<uint64_t>(alignment, segment.p_align);
  return Status();
}

Status CodeImage::reserve() {
  uint64_t slack = alignment > pageSize ? alignment : 0;
  if (Status status = pages.allocate(pageUp(span) + slack, "code"); status.failed())
    return status;
  uintptr_t address = reinterpret_cast<uintptr_t>(pages.data());
  base = pages.data() + (slack ? -address & (alignment - 1) : 0);
  return Status();
}

/// The segment that holds all of [address, address + size), or null.
const Elf64_Phdr *CodeImage::segmentOf(uint64_t address, uint64_t size) const {
  for (const Elf64_Phdr &segment : segments)
    if (address >= segment.p_vaddr && address - segment.p_vaddr <= segment.p_memsz &&
        size <= segment.p_memsz - (address - segment.p_vaddr))
      return &segment;
  return nullptr;
}

static bool isHarmless(int64_t tag) {
  switch (tag) {
  case DT_HASH:
  case DT_GNU_HASH:
  case DT_STRTAB:
  case DT_SYMTAB:
  case DT_STRSZ:
  case DT_SYMENT:
  case DT_SONAME:
  case DT_PLTGOT:
  case DT_DEBUG:
  case DT_SYMBOLIC:
  case DT_BIND_NOW:
  case DT_FLAGS_1:
  case DT_RELACOUNT:
    return true;
  default:
    return false;
  }
}

/// Finds the relocations, and refuses what the loader does not do.
Status CodeImage::readDynamic(uint64_t &table, uint64_t &tableSize) const {
  if (dynamic.p_type == PT_NULL)
    return Status();
  if (!segmentOf(dynamic.p_vaddr, dynamic.p_memsz))
    return bad("its dynamic section is not loaded");
  uint64_t count = dynamic.p_memsz / sizeof(Elf64_Dyn);
  for (uint64_t i = 0; i < count; ++i) {
    Elf64_Dyn entry;
    std::memcpy(&entry, base + dynamic.p_vaddr + i * sizeof(entry), sizeof(entry));
    if (entry.d_tag == DT_NULL)
      break;
    if (entry.d_tag == DT_RELA)
      table = entry.d_un.d_ptr;
    else if (entry.d_tag == DT_RELASZ)
      tableSize = entry.d_un.d_val;
    else if (entry.d_tag == DT_RELAENT) {
      if (entry.d_un.d_val != sizeof(Elf64_Rela))
        return bad("its relocations have ", entry.d_un.d_val, " bytes each");
    } else if (entry.d_tag == DT_NEEDED)
      return bad("it needs a shared library");
    else if (entry.d_tag == DT_FLAGS) {
      if (entry.d_un.d_val & (DF_TEXTREL | DF_STATIC_TLS))
        return bad("it relocates code or uses thread-local storage");
    } else if (!isHarmless(entry.d_tag))
      return bad("its dynamic entry ", entry.d_tag, " is not supported");
  }
  return Status();
}

Status CodeImage::relocate() {
  uint64_t table = 0, tableSize = 0;
  if (Status status = readDynamic(table, tableSize); status.failed())
    return status;
  if (tableSize == 0)
    return Status();
  if (tableSize % sizeof(Elf64_Rela) != 0 || !segmentOf(table, tableSize))
    return bad("its relocations are not loaded");
  for (uint64_t offset = 0; offset < tableSize; offset += sizeof(Elf64_Rela)) {
    Elf64_Rela relocation;
    std::memcpy(&relocation, base + table + offset, sizeof(relocation));
    if (Status status = applyRelocation(relocation); status.failed())
      return std::move(status).withPrefix(file::concat("relocation ", offset / sizeof(relocation), ": "));
  }
  return Status();
}

Status CodeImage::applyRelocation(const Elf64_Rela &relocation) {
  if (ELF64_R_TYPE(relocation.r_info) != R_X86_64_RELATIVE)
    return bad("type ", ELF64_R_TYPE(relocation.r_info), " is not supported (an undefined symbol?)");
  const Elf64_Phdr *segment = segmentOf(relocation.r_offset, sizeof(uint64_t));
  if (!segment || !(segment->p_flags & PF_W))
    return bad("its place is not writable");
  if (relocation.r_addend < 0 || static_cast<uint64_t>(relocation.r_addend) > span)
    return bad("its target is outside of the image");
  uint64_t value = reinterpret_cast<uint64_t>(base) + static_cast<uint64_t>(relocation.r_addend);
  std::memcpy(base + relocation.r_offset, &value, sizeof(value));
  return Status();
}

Status CodeImage::protect() const {
  auto apply = [&](uint64_t begin, uint64_t end, int protection) {
    if (begin >= end || mprotect(base + begin, end - begin, protection) == 0)
      return Status();
    return makeError(SEQRT_UNSUPPORTED, "the system refuses to protect code: ", std::strerror(errno));
  };
  // The gaps between segments stay inaccessible.
  if (Status status = apply(0, pageUp(span), PROT_NONE); status.failed())
    return status;
  for (const Elf64_Phdr &segment : segments) {
    int protection = (segment.p_flags & PF_R ? PROT_READ : 0) | (segment.p_flags & PF_W ? PROT_WRITE : 0) |
                     (segment.p_flags & PF_X ? PROT_EXEC : 0);
    if (Status status = apply(pageDown(segment.p_vaddr), pageUp(segment.p_vaddr + segment.p_memsz), protection);
        status.failed())
      return status;
  }
  if (relro.p_memsz == 0)
    return Status();
  const Elf64_Phdr *segment = segmentOf(relro.p_vaddr, relro.p_memsz);
  if (!segment || !(segment->p_flags & PF_W))
    return bad("what it wants read-only is not in a writable segment");
  return apply(pageDown(relro.p_vaddr), pageDown(relro.p_vaddr + relro.p_memsz), PROT_READ);
}

const void *CodeImage::function(uint64_t address) const {
  const Elf64_Phdr *segment = segmentOf(address, 1);
  return segment && (segment->p_flags & PF_X) ? base + address : nullptr;
}

/// The section header `index`, if it and the bytes of its section are inside
/// of the file.
static bool readSection(const uint8_t *file, uint64_t size, const Elf64_Ehdr &header, uint32_t index,
                        Elf64_Shdr &section) {
  if (index >= header.e_shnum || header.e_shentsize != sizeof(section) || header.e_shoff > size ||
      header.e_shnum * sizeof(section) > size - header.e_shoff)
    return false;
  std::memcpy(&section, file + header.e_shoff + index * sizeof(section), sizeof(section));
  return section.sh_offset <= size && section.sh_size <= size - section.sh_offset;
}

std::string CodeImage::symbolName(const uint8_t *file, uint64_t size, uint64_t address) {
  Elf64_Ehdr header;
  if (size < sizeof(header))
    return std::string();
  std::memcpy(&header, file, sizeof(header));
  for (uint32_t i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr table, strings;
    if (!readSection(file, size, header, i, table) || table.sh_type != SHT_SYMTAB ||
        !readSection(file, size, header, table.sh_link, strings))
      continue;
    for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= table.sh_size; at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol;
      std::memcpy(&symbol, file + table.sh_offset + at, sizeof(symbol));
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || address < symbol.st_value ||
          address - symbol.st_value >= symbol.st_size || symbol.st_name >= strings.sh_size)
        continue;
      const char *name = reinterpret_cast<const char *>(file + strings.sh_offset + symbol.st_name);
      return std::string(name, strnlen(name, strings.sh_size - symbol.st_name));
    }
  }
  return std::string();
}

} // namespace seqc::rt
