//===- Values.h - Elements and where their numbers come from ----*- C++ -*-===//

#ifndef SEQ_TEST_FUZZ_VALUES_H
#define SEQ_TEST_FUZZ_VALUES_H

#include "seq/Reference/Tensor.h"
#include <string>

namespace seqc::fuzz {

enum class Element { F32, F16, BF16, F64, I1, I32, I64 };

/// The name in types: "f32".
const char *elementName(Element element);
int64_t elementBytes(Element element);
bool isReal(Element element);
/// Half of the distance from 1 to the next number: the largest relative error of rounding.
double unitRoundoff(Element element);

/// What numbers a tensor holds.
struct Values {
  enum Kind {
    Normal,       ///< times `high`
    Uniform,      ///< in [low, high)
    Decay,        ///< logarithms of decays in [low, 0], uniform
    DecayExtreme, ///< a mixture of 0, -1e-7, mild ones, `low` and, with `high` 1, -inf
    ComplexDecay, ///< pairs: a decay as in Decay, and a phase
    Index,        ///< integers in [0, high)
    Flag,         ///< true in `high` of 1
    Length,       ///< of rows: 0 to T, often T
    Position,     ///< of token t: t, or up to two less
  };
  Kind kind = Normal;
  double low = 0, high = 1;

  bool isDecay() const { return kind == Decay || kind == DecayExtreme || kind == ComplexDecay; }
};

/// The numbers of a tensor, as an element of this type holds them. `time` is T for lengths and positions.
reference::Tensor makeTensor(const Values &values, Element element, llvm::ArrayRef<int64_t> shape, int64_t time,
                             uint64_t seed);

/// Numbers that differ from those of `tensor` by about as much as a rounding error: normal with a relative standard
/// deviation of `size`, decays also with an absolute one (that of their exponential). No decay becomes positive, and
/// integers stay.
reference::Tensor perturbed(const reference::Tensor &tensor, const Values &values, double size, uint64_t seed);

/// The elements as they lie in memory, and back.
std::vector<char> toBytes(const reference::Tensor &tensor, Element element);
std::vector<double> fromBytes(llvm::ArrayRef<char> bytes, Element element);

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_VALUES_H
