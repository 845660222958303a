//===- Digest.h - XXH3 digests of sections ----------------------*- C++ -*-===//
//
// The 128-bit digests of module files and saved states. They find damage; they
// are no protection against somebody who wants to fool the reader.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_MODULE_DIGEST_H
#define SEQ_MODULE_DIGEST_H

#include "seq/Module/Module.h"

#include <cstddef>
#include <memory>

namespace seqc::file {

/// The digest of a sequence of pieces.
class Hasher {
public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher &) = delete;
  Hasher &operator=(const Hasher &) = delete;

  void update(const void *data, size_t size);
  /// The digest of everything so far.
  Digest digest() const;

private:
  struct State;
  std::unique_ptr<State> state;
};

/// The digest of one piece.
Digest digestOf(const void *data, size_t size);

/// As 32 hexadecimal digits.
std::string toHex(const Digest &digest);

} // namespace seqc::file

#endif // SEQ_MODULE_DIGEST_H
