#include "Memory.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <utility>

namespace seqc::rt {

Pages::~Pages() {
  if (address)
    munmap(address, length);
}

Pages::Pages(Pages &&other) noexcept
    : address(std::exchange(other.address, nullptr)), length(std::exchange(other.length, 0)) {}

Pages &Pages::operator=(Pages &&other) noexcept {
  std::swap(address, other.address);
  std::swap(length, other.length);
  return *this;
}

file::Status Pages::allocate(uint64_t size, const char *what) {
  *this = Pages();
  if (size == 0)
    return file::Status();
  void *mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED)
    return file::makeError(SEQRT_OUT_OF_MEMORY, "cannot get ", size, " bytes for ", what, ": ", std::strerror(errno));
  address = static_cast<uint8_t *>(mapped);
  length = size;
  return file::Status();
}

void Pages::keepPagesSmall() {
  // A kernel without huge pages refuses, and does what is wanted anyway.
  if (address)
    (void)madvise(address, length, MADV_NOHUGEPAGE);
}

void Pages::clear() {
  if (!address)
    return;
  // Refused only for locked memory, which then has to be cleared by hand.
  if (madvise(address, length, MADV_DONTNEED) != 0)
    std::memset(address, 0, length);
}

} // namespace seqc::rt
