//===- Memory.h - Zeroed pages that cost nothing until touched --*- C++ -*-===//

#ifndef SEQ_LIB_RUNTIME_MEMORY_H
#define SEQ_LIB_RUNTIME_MEMORY_H

#include "seq/Module/Status.h"

#include <cstdint>

namespace seqc::rt {

/// Private anonymous memory from the system, aligned to pages. A page takes
/// memory from its first write on.
class Pages {
public:
  Pages() = default;
  ~Pages();
  Pages(Pages &&other) noexcept;
  Pages &operator=(Pages &&other) noexcept;

  /// Gives back what there was and gets `size` zeroed bytes. `what` names the
  /// purpose in the error.
  file::Status allocate(uint64_t size, const char *what);

  /// Keeps the system from backing a touched page by a huge one: for memory
  /// that is used here and there.
  void keepPagesSmall();

  /// Makes everything zero again and gives its memory back to the system.
  void clear();

  uint8_t *data() const { return address; }
  uint64_t size() const { return length; }

private:
  uint8_t *address = nullptr;
  uint64_t length = 0;
};

} // namespace seqc::rt

#endif // SEQ_LIB_RUNTIME_MEMORY_H
