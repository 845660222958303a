//===- SoftmaxExp.h - Powers of two for softmax -----------------*- C++ -*-===//

#ifndef SEQ_LIB_CODEGEN_CPU_KERNELS_SOFTMAXEXP_H
#define SEQ_LIB_CODEGEN_CPU_KERNELS_SOFTMAXEXP_H

#include "seq/Codegen/CPU/Kernel.h"

namespace seqc::cpu {

/// 2^x for a vector of the target's lanes of finite numbers that are at most 0, to 1 ulp.
/// math.exp2 has to look after large, infinite and denormal cases as well; here, results
/// below 2^-125 may be 0. NaN stays NaN on AVX-512.
mlir::Value emitSoftmaxExp2(KernelBuilder &b, mlir::Value x);

} // namespace seqc::cpu

#endif // SEQ_LIB_CODEGEN_CPU_KERNELS_SOFTMAXEXP_H
