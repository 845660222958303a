#include "seq/Module/Reader.h"

#include "Format.h"
#include "Header.h"
#include "Validate.h"
#include "seq/Module/Digest.h"

#include <cstring>

namespace seqc::file {

Status ModuleFile::open(const std::string &path, const ReadOptions &options, std::unique_ptr<ModuleFile> &file) {
  std::unique_ptr<ModuleFile> result(new ModuleFile);
  result->name = path;
  if (Status status = result->mapping.map(path); status.failed())
    return status;
  result->base = result->mapping.data();
  result->length = result->mapping.size();
  if (Status status = result->read(options); status.failed())
    return status;
  file = std::move(result);
  return Status();
}

Status ModuleFile::fromMemory(const void *data, uint64_t size, const ReadOptions &options,
                              std::unique_ptr<ModuleFile> &file) {
  std::unique_ptr<ModuleFile> result(new ModuleFile);
  result->name = "module in memory";
  if (reinterpret_cast<uintptr_t>(data) % sectionAlignment != 0)
    return makeError(SEQRT_INVALID_ARGUMENT, result->name, ": its address is not a multiple of 64");
  result->base = static_cast<const uint8_t *>(data);
  result->length = data ? size : 0;
  if (Status status = result->read(options); status.failed())
    return status;
  file = std::move(result);
  return Status();
}

Status ModuleFile::read(const ReadOptions &options) {
  uint64_t headerOffset = 0, headerSize = 0;
  if (Status status = readPreamble(headerOffset, headerSize); status.failed())
    return status;
  Status status = decodeHeader(base + headerOffset, headerSize, description);
  if (status.ok())
    status = validate(description);
  if (status.failed())
    return std::move(status).withPrefix(name + ": ");
  return placeSections(headerOffset + headerSize, options);
}

Status ModuleFile::readPreamble(uint64_t &headerOffset, uint64_t &headerSize) {
  Preamble preamble;
  if (length < sizeof(preamble.magic) || std::memcmp(base, moduleMagic, sizeof(moduleMagic)) != 0)
    return corrupt("not a seqc module (it does not begin with SEQM)");
  if (length < sizeof(preamble))
    return corrupt("truncated: ", length, " bytes are less than the preamble");
  std::memcpy(&preamble, base, sizeof(preamble));
  if (preamble.major != formatMajor)
    return makeError(SEQRT_VERSION, name, ": format version ", preamble.major, ".", preamble.minor,
                     ", but this seqrt reads ", formatMajor, ".x: compile the model again with a matching seqc");
  if (preamble.minReaderMinor > formatMinor)
    return makeError(SEQRT_VERSION, name, ": needs a reader of format version ", formatMajor, ".",
                     preamble.minReaderMinor, ", but this seqrt reads ", formatMajor, ".", formatMinor, ": update it");
  if (preamble.fileSize != length)
    return corrupt("it has ", length, " bytes, but was written with ", preamble.fileSize, " (truncated?)");
  if (preamble.headerOffset < sizeof(preamble) || preamble.headerOffset % sectionAlignment != 0 ||
      preamble.headerOffset > length || preamble.headerSize > maxHeaderSize ||
      preamble.headerSize > length - preamble.headerOffset)
    return corrupt("preamble: a header of ", preamble.headerSize, " bytes at offset ", preamble.headerOffset,
                   " does not fit the file");
  Hasher hasher;
  hasher.update(base, offsetof(Preamble, digest));
  hasher.update(base + preamble.headerOffset, preamble.headerSize);
  headerDigest = hasher.digest();
  if (headerDigest != Digest{preamble.digest[0], preamble.digest[1]})
    return corrupt("header: wrong digest, the file is damaged");
  headerOffset = preamble.headerOffset;
  headerSize = preamble.headerSize;
  minor = preamble.minor;
  return Status();
}

Status ModuleFile::placeSections(uint64_t headerEnd, const ReadOptions &options) {
  uint64_t end = headerEnd;
  for (size_t i = 0; i < description.sections.size(); ++i) {
    const Section &section = description.sections[i];
    const uint8_t *bytes = nullptr;
    if (!section.file.empty()) {
      if (!options.skipExternal)
        if (Status status = mapExternal(section, options, bytes); status.failed())
          return status;
    } else {
      if (section.offset % sectionAlignment != 0 || section.offset < end || section.offset > length ||
          section.size > length - section.offset)
        return corrupt("section ", i, " '", section.name, "': ", section.size, " bytes at offset ", section.offset,
                       " do not fit the file");
      end = section.offset + section.size;
      if (section.size != 0)
        bytes = base + section.offset;
    }
    sectionBytes.push_back(bytes);
  }
  return Status();
}

/// The folder part of `path` with its slash, or nothing.
static std::string folderOf(const std::string &path) { return path.substr(0, path.rfind('/') + 1); }

Status ModuleFile::mapExternal(const Section &section, const ReadOptions &options, const uint8_t *&bytes) {
  std::string path =
      options.externalFolder.empty() ? folderOf(mapping.data() ? name : "") : options.externalFolder + "/";
  path += section.file;
  MappedFile external;
  if (Status status = external.map(path); status.failed())
    return std::move(status).withPrefix(name + ": its weights: ");
  if (section.offset % sectionAlignment != 0 || section.offset > external.size() ||
      section.size > external.size() - section.offset)
    return corrupt("its weights '", path, "' have ", external.size(), " bytes, not ", section.size, " (truncated?)");
  if (section.size != 0)
    bytes = external.data() + section.offset;
  externals.push_back(std::move(external));
  return Status();
}

Status ModuleFile::verifySection(size_t section) const {
  const Section &entry = description.sections[section];
  const uint8_t *bytes = sectionBytes[section];
  if (entry.size != 0 && !bytes)
    return makeError(SEQRT_IO, name, ": section '", entry.name, "' is in '", entry.file, "', which was not opened");
  if (digestOf(bytes, entry.size) != entry.digest)
    return corrupt("section ", section, " (", entry.kind, " '", entry.name, "'): wrong digest, the file is damaged");
  return Status();
}

} // namespace seqc::file
