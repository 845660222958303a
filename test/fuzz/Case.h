//===- Case.h - One program, run every way and compared ---------*- C++ -*-===//

#ifndef SEQ_TEST_FUZZ_CASE_H
#define SEQ_TEST_FUZZ_CASE_H

#include "Program.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace mlir {
class MLIRContext;
}

namespace seqc::fuzz {

/// How a self-test damages what it compares, so that it must be noticed.
enum class Damage { None, Program, Result, Crash, Hang };

enum class Verdict {
  Agrees,   ///< everything compared
  Rejected, ///< a mutated program that verifier, oracle or compiler refused with an error
  Refused,  ///< a legal program that something refused
  Differs,  ///< results differ
  Crashed,  ///< the process died
  Hung,     ///< it took too long
};

const char *verdictName(Verdict verdict);
inline bool isFailure(Verdict verdict) { return verdict >= Verdict::Refused; }

struct Outcome {
  Verdict verdict = Verdict::Agrees;
  std::string message; ///< what is wrong, one line
  std::string module;  ///< the program as it was run, with what compiled code gave; empty where it did not get there
  std::vector<std::string> rules;  ///< labels of rules that a mutated program broke
  int64_t runs = 0;                ///< calls of compiled functions
  int64_t elements = 0, vague = 0; ///< compared, and left out since their conditioning is too bad
  double worst = 0;                ///< the largest error in units of its tolerance

  std::string serialise() const;
  static Outcome parse(llvm::StringRef text);
};

/// Runs a program in this process, which may not survive that. `folder` is for temporary files.
Outcome runCase(mlir::MLIRContext &context, const Program &program, Damage damage, const std::string &folder);

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_CASE_H
