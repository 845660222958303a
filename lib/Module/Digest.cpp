#include "seq/Module/Digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace seqc::file {

struct Hasher::State {
  XXH3_state_t xxh; // asks for 64-byte alignment, which new respects
};

Hasher::Hasher() : state(std::make_unique<State>()) { XXH3_128bits_reset(&state->xxh); }
Hasher::~Hasher() = default;

void Hasher::update(const void *data, size_t size) {
  if (size != 0)
    XXH3_128bits_update(&state->xxh, data, size);
}

Digest Hasher::digest() const {
  XXH128_hash_t hash = XXH3_128bits_digest(&state->xxh);
  return {hash.low64, hash.high64};
}

Digest digestOf(const void *data, size_t size) {
  XXH128_hash_t hash = XXH3_128bits(data, size);
  return {hash.low64, hash.high64};
}

std::string toHex(const Digest &digest) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (uint64_t half : {digest[1], digest[0]})
    for (int shift = 60; shift >= 0; shift -= 4)
      out += digits[half >> shift & 15];
  return out;
}

} // namespace seqc::file
