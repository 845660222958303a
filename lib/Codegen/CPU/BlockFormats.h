//===- BlockFormats.h - Blocks of 32 quantised values -----------*- C++ -*-===//
//
// The block formats of GGUF files: q4_0 d (q - 8), q4_1 d q + m, q8_0 d q, with d and m in
// f16. In a 4-bit block byte j holds element j in its low and j + 16 in its high half.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_CODEGEN_CPU_BLOCKFORMATS_H
#define SEQ_LIB_CODEGEN_CPU_BLOCKFORMATS_H

#include "dialects/Seq/Seq.h"

namespace seqc::cpu {

/// One block, taken apart: scale and minimum as f16 bits, quants as unsigned (4 bits) or
/// signed (8 bits) numbers.
struct QuantBlock {
  uint16_t scale = 0, minimum = 0;
  int8_t quants[32] = {};
};

float halfToFloat(uint16_t bits);
/// Rounds to nearest even; too large values become infinite.
uint16_t floatToHalf(float value);

/// Reads a block as it stands in a file.
QuantBlock readBlock(mlir::Type format, const char *bytes);
/// The values of a block.
void dequantise(mlir::Type format, const QuantBlock &block, float *values);
/// The block that GGUF's reference quantisation makes of 32 values.
QuantBlock quantise(mlir::Type format, const float *values);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_BLOCKFORMATS_H
