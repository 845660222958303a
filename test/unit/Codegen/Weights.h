//===- Weights.h - Random weights in the layouts of files -------*- C++ -*-===//

#ifndef SEQ_TEST_UNIT_CODEGEN_WEIGHTS_H
#define SEQ_TEST_UNIT_CODEGEN_WEIGHTS_H

#include "seq/Codegen/CPU/Packing.h"
#include <string>
#include <vector>

namespace seqc::test {

/// A matrix of random weights, or a stack of them, as a file has it and as numbers.
struct Weights {
  /// `format` as in !seq.packing: f32, f16, bf16, q4_0, q4_1 or q8_0.
  Weights(const std::string &format, int64_t outputs, int64_t inputs, uint64_t seed, int64_t matrices = 1);

  std::string format;
  int64_t outputs, inputs, matrices;
  std::vector<char> file;
  std::vector<double> values; ///< [matrices, outputs, inputs], exactly what `file` says

  mlir::Type element() const;
  SourceView view() const;
  mlir::seq::PackingType packing() const;
  /// The bytes that kernels read.
  std::vector<uint8_t> packed() const;
  /// "!seq.packing<q4_1, 64x32>" and "tensor<640xi8>".
  std::string packingText() const;
  std::string bytesText() const;
};

/// "!seq.q4_1", "f32"; and the type itself.
std::string elementText(const std::string &format);
mlir::Type elementType(const std::string &format);

/// The value of the bits of an f16, in f64.
double halfValue(uint16_t bits);

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_CODEGEN_WEIGHTS_H
