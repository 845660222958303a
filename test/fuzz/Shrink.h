//===- Shrink.h - Makes a failing case small --------------------*- C++ -*-===//

#ifndef SEQ_TEST_FUZZ_SHRINK_H
#define SEQ_TEST_FUZZ_SHRINK_H

#include "Choices.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace seqc::fuzz {

/// A smaller tape for which `fails` still holds, after at most `attempts` calls of it.
Tape shrink(Tape tape, int attempts, llvm::function_ref<bool(const Tape &)> fails);

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_SHRINK_H
