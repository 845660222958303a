//===- Generator.h - From choices to a program ------------------*- C++ -*-===//

#ifndef SEQ_TEST_FUZZ_GENERATOR_H
#define SEQ_TEST_FUZZ_GENERATOR_H

#include "Choices.h"
#include "Program.h"

namespace seqc::fuzz {

struct GeneratorOptions {
  std::vector<std::string> ops;  ///< the first op is one of these; empty: of all
  std::vector<std::string> cpus; ///< targets to choose from
  uint32_t illegalPercent = 15;  ///< programs that are mutated
};

/// The names that `ops` may hold.
std::vector<std::string> opNames();

/// A random program: one op, or a chain of two or three, and how it is to be compiled and called.
Program generate(Choices &choices, const GeneratorOptions &options);

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_GENERATOR_H
