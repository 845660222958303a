//===- Target.h - The processor that code is made for -----------*- C++ -*-===//

#ifndef SEQ_CODEGEN_CPU_TARGET_H
#define SEQ_CODEGEN_CPU_TARGET_H

#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace seqc::cpu {

/// One x86-64 target. Kernels choose their register blocks by it.
struct Target {
  std::string name;                  ///< as the user said it: x86-64-v3, x86-64-v4, znver4, …
  std::string cpu;                   ///< LLVM's name of the processor
  std::string features;              ///< LLVM's feature string, "+avx2,+fma,…"
  std::vector<std::string> required; ///< features a machine must have to run the code
  int64_t rank = 0;                  ///< the runtime picks the runnable target of the highest rank
  bool avx512 = false;               ///< AVX-512 F, BW, DQ, VL

  /// f32 lanes of a vector register.
  int64_t lanes() const { return avx512 ? 16 : 8; }
  /// Vector registers.
  int64_t registers() const { return avx512 ? 32 : 16; }
};

/// The target of a --target-cpu value (host, x86-64-v3, x86-64-v4 or a name that LLVM
/// knows); `extraFeatures` as in --target-features. Below AVX2 with FMA is an error.
llvm::Expected<Target> getTarget(llvm::StringRef cpu, llvm::StringRef extraFeatures = "");

} // namespace seqc::cpu

#endif // SEQ_CODEGEN_CPU_TARGET_H
