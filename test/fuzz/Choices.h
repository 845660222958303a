//===- Choices.h - The decisions that make a random program -----*- C++ -*-===//
//
// A generator asks for numbers and never sees where they come from: a seed, or the tape of
// an earlier run that somebody has edited. Every tape gives a legal program, and 0 is always
// the simplest answer, so that shrinking a failure is nothing but making numbers of its tape smaller
// (MacIver and Donaldson 2020).
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TEST_FUZZ_CHOICES_H
#define SEQ_TEST_FUZZ_CHOICES_H

#include "seq/Support/Random.h"
#include <algorithm>
#include <initializer_list>
#include <optional>
#include <vector>

namespace seqc::fuzz {

using Tape = std::vector<uint32_t>;

class Choices {
public:
  /// Numbers from `seed`, or from `tape` (behind its end: 0) where it is given.
  explicit Choices(uint64_t seed, std::optional<Tape> tape = std::nullopt) : seed(seed), given(std::move(tape)) {}

  /// A number in [0, count).
  uint32_t below(uint32_t count) {
    size_t at = drawn.size();
    uint64_t number = given ? (at < given->size() ? (*given)[at] : 0) : splitMix64(seed, at) % count;
    drawn.push_back(static_cast<uint32_t>(std::min<uint64_t>(number, count - 1)));
    return drawn.back();
  }
  /// True in `percent` of 100 cases.
  bool chance(uint32_t percent) { return below(100) >= 100 - percent; }
  /// One of some values, of which the first is the simplest.
  template <typename T> T oneOf(std::initializer_list<T> values) {
    return values.begin()[below(static_cast<uint32_t>(values.size()))];
  }

  uint64_t getSeed() const { return seed; }
  /// The numbers given out so far.
  const Tape &tape() const { return drawn; }

private:
  uint64_t seed;
  std::optional<Tape> given;
  Tape drawn;
};

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_CHOICES_H
