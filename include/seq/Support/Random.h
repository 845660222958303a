//===- Random.h - Reproducible random values --------------------*- C++ -*-===//
//
// The values of #seqm.normal. Element i depends on the seed and on i alone, so that
// the oracle and the packer of weights agree whatever order they go in.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_SUPPORT_RANDOM_H
#define SEQ_SUPPORT_RANDOM_H

#include <cmath>
#include <cstdint>
#include <numbers>

namespace seqc {

/// Number `counter` of the splitmix64 sequence that starts at `seed` (Steele, Lea and
/// Flood 2014): uniform over all 64-bit numbers.
inline uint64_t splitMix64(uint64_t seed, uint64_t counter) {
  uint64_t z = seed + (counter + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// Element `index` of a sequence of standard normal values (Box and Muller 1958, of the
/// uniform numbers 2 index and 2 index + 1).
inline double normalAt(uint64_t seed, uint64_t index) {
  constexpr double unit = 0x1p-53;
  // The logarithm needs a number above 0.
  double radius = static_cast<double>((splitMix64(seed, 2 * index) >> 11) + 1) * unit;
  double angle = static_cast<double>(splitMix64(seed, 2 * index + 1) >> 11) * unit;
  return std::sqrt(-2.0 * std::log(radius)) * std::cos(2.0 * std::numbers::pi * angle);
}

} // namespace seqc

#endif // SEQ_SUPPORT_RANDOM_H
