//===- DecayExp.h - Powers of two for decays --------------------*- C++ -*-===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_DECAYEXP_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_DECAYEXP_H

#include "seq/Codegen/CPU/Kernel.h"

namespace seqc::cpu {

/// log2(e): exp(x) = 2^(x log2(e)).
inline constexpr double kLog2E = 1.4426950408889634;

/// 2^x for a vector of the target's lanes: any x, infinities and NaN included, to 1.1 ulp
/// (denormal results may be rounded to 0 or to the nearest normal number). On AVX-512 it takes
/// four operations of the multipliers and five others, half of what a polynomial alone takes.
mlir::Value emitDecayExp2(KernelBuilder &b, mlir::Value x);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_DECAYEXP_H
