//===- Program.h - A random program, and how it is to be run ----*- C++ -*-===//

#ifndef SEQ_TEST_FUZZ_PROGRAM_H
#define SEQ_TEST_FUZZ_PROGRAM_H

#include "Values.h"
#include "llvm/ADT/SmallVector.h"
#include <string>
#include <vector>

namespace seqc::fuzz {

using Dims = llvm::SmallVector<int64_t, 4>;

/// An argument: [B,T,dims...], or [B] where it has one number a row.
struct Argument {
  std::string name;
  Dims dims;
  Element element = Element::F32;
  Values values;
  bool perRow = false;

  /// "tensor<?x?x4xf32>".
  std::string type() const;
  Dims shape(int64_t batch, int64_t time) const;
};

/// A weight of constant shape. With a block format ("q4_0", …) its values are bytes of a file.
struct Parameter {
  std::string name;
  Dims dims;
  Element element = Element::F32;
  Values values;
  std::string blocks;

  std::string type() const;
};

struct Result {
  std::string value, type;
};

struct Program {
  uint64_t seed = 0;
  std::vector<Argument> arguments;
  std::vector<Parameter> parameters;
  /// Lines of the function. `@FORM@` and `@CHUNK@` stand where a recurrence says its form.
  std::vector<std::string> body;
  std::vector<Result> results;
  std::vector<std::string> ops; ///< names of the ops that it was made for

  int64_t batch = 1, time = 1;
  /// The forms to compile, as texts of the clause and the attribute; at least one.
  struct Form {
    std::string clause; ///< "form chunkwise", or "" for auto
    int64_t chunk = 0;
    std::string text() const;
  };
  std::vector<Form> forms;
  std::vector<std::string> cpus;
  std::vector<int64_t> threads;
  /// Lengths of the pieces that prefill and step take; empty where there are no steps.
  std::vector<int64_t> pieces;
  bool snapshots = false;   ///< whether states are saved and loaded between pieces
  bool freshStates = false; ///< whether ops get states that the functions make
  Element element = Element::F32;
  /// Errors that f32 code makes and no rounding of its inputs: in units of u32 times the neighbours' magnitude, and
  /// absolute ones in units of u32 (see Expected).
  double relativeSlack = 0, absoluteSlack = 0;
  /// How many mutations of the program are tried: the first legal one is run in its place. 0: the program itself is.
  int64_t mutations = 0;

  /// The name of the function of form i: "forward", "forward1", …
  static std::string exportName(size_t form) { return form ? "forward" + std::to_string(form) : "forward"; }
  /// The whole module. `folder` is where files with weights are; `extra` goes in front of its end.
  std::string text(const std::string &folder, const std::string &extra = "") const;
  /// Makes the files that parameters in blocks are read from; their names.
  std::vector<std::string> writeFiles(const std::string &folder) const;
  /// The numbers of argument i, in this shape and element type.
  reference::Tensor argument(size_t i, llvm::ArrayRef<int64_t> shape, Element element) const;
  /// "state_mix + rms_norm, f16, 2 x 33 tokens".
  std::string summary() const;
};

/// `dense<"0x...">` of a tensor's elements.
std::string denseText(const reference::Tensor &tensor, Element element);
/// "tensor<2x3xf32>".
std::string tensorType(llvm::ArrayRef<int64_t> shape, llvm::StringRef element);

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_PROGRAM_H
