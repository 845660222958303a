#include "seq/Module/Writer.h"

#include "Format.h"
#include "Header.h"
#include "Validate.h"
#include "seq/Module/AtomicFile.h"
#include "seq/Module/Digest.h"

#include <algorithm>
#include <cstring>

namespace seqc::file {

namespace {

/// The size of a huge page. Systems keep in one what a single write fills, and map it as one.
constexpr uint64_t hugePage = uint64_t(1) << 21;

/// Collects what a producer emits into writes of whole huge pages of the file, leaving out
/// those that are all zeros.
class SectionStream {
public:
  SectionStream(AtomicFile &file, const Section &section) : file(file), section(section), buffer(hugePage) {}

  Status emit(const void *data, size_t size) {
    if (size > section.size - total)
      return makeError(SEQRT_INVALID_ARGUMENT, "section '", section.name, "': more than its ", section.size,
                       " bytes were produced");
    hasher.update(data, size);
    total += size;
    const uint8_t *bytes = static_cast<const uint8_t *>(data);
    while (size != 0) {
      size_t piece = std::min<size_t>(size, room() - fill);
      std::memcpy(buffer.data() + fill, bytes, piece);
      fill += piece;
      bytes += piece;
      size -= piece;
      if (fill == room())
        if (Status status = flush(); status.failed())
          return status;
    }
    return Status();
  }

  Status finish(Digest &digest) {
    if (total != section.size)
      return makeError(SEQRT_INVALID_ARGUMENT, "section '", section.name, "': ", total, " of its ", section.size,
                       " bytes were produced");
    digest = hasher.digest();
    return flush();
  }

private:
  /// Bytes until the next huge page of the file, from the start of the buffer on.
  uint64_t room() const { return hugePage - (section.offset + flushed) % hugePage; }

  Status flush() {
    // Every byte equals the one before it, and the first is zero.
    bool zero = fill != 0 && buffer[0] == 0 && std::memcmp(buffer.data(), buffer.data() + 1, fill - 1) == 0;
    Status status;
    if (!zero)
      status = file.write(section.offset + flushed, buffer.data(), fill);
    flushed += fill;
    fill = 0;
    return status;
  }

  AtomicFile &file;
  const Section &section;
  std::vector<uint8_t> buffer;
  Hasher hasher;
  size_t fill = 0;      ///< bytes in the buffer
  uint64_t flushed = 0; ///< bytes that have left it
  uint64_t total = 0;   ///< bytes that were emitted
};

} // namespace

uint32_t Writer::addSection(std::string_view kind, std::string_view name, const void *data, uint64_t size) {
  return addSection(kind, name, size, [data, size](const Emit &emit) { return emit(data, size); });
}

uint32_t Writer::addSection(std::string_view kind, std::string_view name, uint64_t size, Producer producer) {
  Section section;
  section.kind = kind;
  section.name = name;
  section.size = size;
  module.sections.push_back(std::move(section));
  producers.push_back(std::move(producer));
  return static_cast<uint32_t>(producers.size() - 1);
}

static Status produce(const Producer &producer, Section &section, AtomicFile &file) {
  SectionStream stream(file, section);
  Status status = producer([&stream](const void *data, size_t size) { return stream.emit(data, size); });
  if (status.failed())
    return status;
  return stream.finish(section.digest);
}

/// Gives every section of the module file its offset; returns the file's size.
static uint64_t layOut(Module &module, uint64_t headerSize) {
  uint64_t end = sizeof(Preamble) + headerSize;
  for (Section &section : module.sections) {
    section.offset = 0;
    if (!section.file.empty())
      continue;
    section.offset = alignUp(end, sectionAlignment);
    end = section.offset + section.size;
  }
  return end;
}

static Status writeHeader(const Module &module, uint64_t fileSize, AtomicFile &file) {
  std::vector<uint8_t> header = encodeHeader(module);
  Preamble preamble = {};
  std::memcpy(preamble.magic, moduleMagic, sizeof(moduleMagic));
  preamble.major = formatMajor;
  preamble.minor = formatMinor;
  preamble.headerOffset = sizeof(preamble);
  preamble.headerSize = header.size();
  preamble.fileSize = fileSize;
  Hasher hasher;
  hasher.update(&preamble, offsetof(Preamble, digest));
  hasher.update(header.data(), header.size());
  Digest digest = hasher.digest();
  preamble.digest[0] = digest[0];
  preamble.digest[1] = digest[1];
  if (Status status = file.write(0, &preamble, sizeof(preamble)); status.failed())
    return status;
  return file.write(sizeof(preamble), header.data(), header.size());
}

/// What validate() cannot see: sizes that only make sense together.
static Status checkSections(const Module &module, size_t producerCount) {
  if (module.sections.size() != producerCount)
    return makeError(SEQRT_INVALID_ARGUMENT, "sections were added without addSection");
  constexpr uint64_t limit = uint64_t(1) << 56;
  uint64_t total = 0;
  for (const Section &section : module.sections) {
    if (section.size > limit - total)
      return makeError(SEQRT_INVALID_ARGUMENT, "section '", section.name, "': ", section.size, " bytes are too many");
    total += section.size;
  }
  return Status();
}

static std::string folderOf(const std::string &path) { return path.substr(0, path.rfind('/') + 1); }

Status Writer::write(const std::string &path) {
  Status status = validate(module);
  if (status.ok())
    status = checkSections(module, producers.size());
  if (status.failed())
    return std::move(status).withPrefix("cannot write '" + path + "': ");
  uint64_t headerSize = encodeHeader(module).size();
  if (headerSize > maxHeaderSize)
    return makeError(SEQRT_INVALID_ARGUMENT, "cannot write '", path, "': a header of ", headerSize, " bytes is over ",
                     maxHeaderSize, " (shorten the metadata)");
  uint64_t fileSize = layOut(module, headerSize);

  AtomicFile file;
  if (status = file.create(path); status.failed())
    return status;
  std::vector<std::unique_ptr<AtomicFile>> externals;
  for (size_t i = 0; i < producers.size() && status.ok(); ++i) {
    Section &section = module.sections[i];
    AtomicFile *target = &file;
    if (!section.file.empty()) {
      target = externals.emplace_back(std::make_unique<AtomicFile>()).get();
      status = target->create(folderOf(path) + section.file);
    }
    if (status.ok())
      status = produce(producers[i], section, *target);
    if (status.ok() && target != &file)
      status = target->resize(section.size);
  }
  if (status.ok())
    status = file.resize(fileSize);
  if (status.ok())
    status = writeHeader(module, fileSize, file);
  // The module goes last: it must not appear before its weights.
  for (auto &external : externals)
    if (status.ok())
      status = external->commit();
  if (status.ok())
    status = file.commit();
  return status;
}

} // namespace seqc::file
