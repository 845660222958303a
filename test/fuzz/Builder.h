//===- Builder.h - Writes the lines of a random program ---------*- C++ -*-===//

#ifndef SEQ_TEST_FUZZ_BUILDER_H
#define SEQ_TEST_FUZZ_BUILDER_H

#include "Choices.h"
#include "Program.h"
#include <optional>

namespace seqc::fuzz {

/// A value of the function: a sequence [B,T,dims...], or with `isStatic` a tensor [dims...].
struct Operand {
  std::string name;
  Dims dims;
  Element element = Element::F32;
  bool isStatic = false;

  std::string type() const;
  int64_t channels() const;
};

/// Makes operands and lines. What an op family needs to write a random op.
class Builder {
public:
  Builder(Choices &choices, Program &program) : choices(choices), program(program) {}

  Choices &choices;
  Program &program;

  //--- Sizes
  /// A width of channels, often beside the number of lanes of a vector.
  int64_t width();
  int64_t smallCount() { return choices.oneOf<int64_t>({1, 2, 3, 4, 5}); }
  /// A divisor of `number`.
  int64_t divisor(int64_t number);
  /// Says that a token costs the oracle this many operations.
  void addWork(int64_t operations) { work += operations; }

  //--- Operands
  Operand sequence(Dims dims, Values values, std::optional<Element> element = std::nullopt);
  Operand parameter(Dims dims, Values values, std::optional<Element> element = std::nullopt);
  Operand rowNumbers(Values values);
  /// `given` seen as [B,T,dims...], of as many channels, or where it is absent a new argument.
  Operand use(std::optional<Operand> given, Dims dims, Values values);
  /// The name of a function; only of those that compile on `element`.
  std::string activation(Element element);
  /// A log decay of random character, at least `low`.
  Values decay();

  //--- Lines
  /// "%7 = text", where the result is [B,T,dims...].
  Operand define(const std::string &text, Dims dims, Element element);
  std::string freshName() { return "%" + std::to_string(next++); }
  void line(const std::string &text) { program.body.push_back(text); }
  /// " name(%x : type)".
  static std::string clause(const std::string &name, const Operand &operand);
  /// Clauses for resets and lengths, or not.
  std::string segments();

  /// Marks what the program can do; all hold at first.
  bool steppable = true;
  bool hasForms = false, parallelForm = true;
  int64_t work = 0;

private:
  unsigned next = 0;
  std::optional<Operand> reset, lengths;
};

/// A random op of some kind. Given a sequence, it is the op's main operand. The result is a sequence.
using Emitter = Operand (*)(Builder &builder, std::optional<Operand> input);

struct OpKind {
  const char *name;
  Emitter emit;
  bool first = true;  ///< can begin a program
  bool behind = true; ///< can take a sequence of floats
  bool inF64 = false; ///< compiles on f64
};

/// All of them, by family.
llvm::ArrayRef<OpKind> mixerKinds();
llvm::ArrayRef<OpKind> scanKinds();
llvm::ArrayRef<OpKind> attentionKinds();
llvm::ArrayRef<OpKind> pointwiseKinds();
llvm::ArrayRef<OpKind> expertKinds();

/// A number as an f64 attribute.
std::string number(double value);

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_BUILDER_H
