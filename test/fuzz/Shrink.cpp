//===- Shrink.cpp - Makes a failing case small ----------------------------===//

#include "Shrink.h"

using namespace seqc::fuzz;

namespace {

class Shrinker {
public:
  Shrinker(Tape tape, int attempts, llvm::function_ref<bool(const Tape &)> fails)
      : best(std::move(tape)), attempts(attempts), fails(fails) {}

  Tape run() {
    for (Tape before; before != best && attempts > 0;) {
      before = best;
      // Long runs of simplest answers first: they drop ops and options whole.
      for (size_t length = 16; length > 0; length /= 2)
        for (size_t at = 0; at < best.size(); at += length)
          tryZeros(at, length);
      for (size_t at = 0; at < best.size(); ++at)
        tryLess(at);
    }
    return best;
  }

private:
  bool attempt(const Tape &tape) {
    if (tape == best || attempts <= 0)
      return false;
    --attempts;
    if (!fails(tape))
      return false;
    best = tape;
    return true;
  }

  void tryZeros(size_t at, size_t length) {
    Tape tape = best;
    std::fill(tape.begin() + at, tape.begin() + std::min(at + length, tape.size()), 0);
    attempt(tape);
  }

  void tryLess(size_t at) {
    for (uint32_t number : {best[at] / 2, best[at] - 1}) {
      Tape tape = best;
      if (tape[at] == 0)
        return;
      tape[at] = number;
      if (attempt(tape))
        return;
    }
  }

  Tape best;
  int attempts;
  llvm::function_ref<bool(const Tape &)> fails;
};

} // namespace

Tape seqc::fuzz::shrink(Tape tape, int attempts, llvm::function_ref<bool(const Tape &)> fails) {
  return Shrinker(std::move(tape), attempts, fails).run();
}
